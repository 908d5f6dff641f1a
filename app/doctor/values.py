"""The values of a diagnosis, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from app.diagnostics.redact import line
from app.engine.values import Device, ModelInfo
from app.language import tr

_GB = 1_000_000_000
_MB = 1_000_000


@dataclass(frozen=True)
class Part:
    """One thing that was looked at.

    Attributes:
        id: its stable name, for `--json`.
        rows: what was found: name and value, redacted.
        problems: what is wrong, in words that a person can act on; empty where all is well.
    """

    id: str
    title: str
    rows: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class EngineFacts:
    """What is known of an engine.

    Attributes:
        problem: why there is none, in words; empty where there is one.
        last_lines: what it said last, as a log may have it.
        backends: what can compute.
        libraries: the folder of a build of llama.cpp that the person put there, where it is used.
        refused: why one can't be used, in words.
    """

    version: str = ""
    system_info: str = ""
    gpu_offload: bool = False
    devices: tuple[Device, ...] = ()
    model: ModelInfo | None = None
    problem: str = ""
    last_lines: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    libraries: str = ""
    refused: str = ""


def text_of(parts: Sequence[Part]) -> str:
    """The diagnosis as plain text, what is wrong first."""
    lines = [f"{part.title}: {problem}" for part in parts for problem in part.problems]
    blocks = ["\n".join(f"! {one}" for one in lines)] if lines else []
    for part in parts:
        rows = [f"  {line(name)}: {line(value)}" if name else f"  {line(value)}" for name, value in part.rows]
        blocks.append("\n".join([part.title, *rows]))
    return "\n\n".join(blocks) + "\n"


def plain(parts: Sequence[Part]) -> dict[str, object]:
    """The diagnosis for JSON."""
    return {
        "sound": not any(part.problems for part in parts),
        "parts": [asdict(part) for part in parts],
    }


def size(count: float) -> str:
    """Bytes in words, as the window counts them."""
    if count >= _GB:
        return tr("{size:.1f} GB", size=count / _GB)
    return tr("{size:.0f} MB", size=count / _MB)


def known(text: str) -> str:
    """A word out of a stranger's file, if it looks like one."""
    shown = text[:40]
    return (
        shown if shown and shown.replace("-", "").replace("_", "").replace(".", "").isalnum() else tr("other")
    )
