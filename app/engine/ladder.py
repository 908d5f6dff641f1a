"""Safer settings, one rung at a time, for a model whose engine died while it was being loaded.

Some machines announce processor instructions that they do not honour, some GPU drivers fail in
one kind of kernel: the process dies. A second death with the same settings leads one rung down.
The rung that works is remembered for that file and machine, until the machine's signature
(llama.cpp's version, driver) is another.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.engine.protocol import Ready
from app.engine.values import LoadOptions
from app.files import write_atomic
from app.language import mark

_VERSION = 1
_KEPT = 200
#: How many failures of a rung lead to the next: once may be chance.
FAILURES_PER_RUNG = 2
_FEWER_GPU_LAYERS = 16


@dataclass(frozen=True)
class Rung:
    """One step: its stable name, what it means in words (marked) and the settings it changes."""

    name: str
    words: str
    change: Callable[[LoadOptions], LoadOptions]
    gpu_only: bool = False


def _fewer_layers(options: LoadOptions) -> LoadOptions:
    layers = options.n_gpu_layers
    return replace(options, n_gpu_layers=_FEWER_GPU_LAYERS if layers < 0 else layers // 2)


def _no_flash(options: LoadOptions) -> LoadOptions:
    """llama.cpp makes no quantized cache without flash attention."""
    exact = options.cache_type if options.cache_type == "f32" else "f16"
    return replace(options, flash_attention=False, cache_type=exact)


RUNGS = (
    Rung("full", mark("full speed"), lambda options: options),
    Rung(
        "no_extra_buffers",
        mark("without repacked weights"),
        lambda options: replace(options, extra_buffers=False),
    ),
    Rung("no_flash", mark("without flash attention"), _no_flash),
    Rung("fewer_layers", mark("with fewer layers on the GPU"), _fewer_layers, gpu_only=True),
    Rung(
        "cpu", mark("on the processor only"), lambda options: replace(options, cpu_only=True), gpu_only=True
    ),
)


def rungs_for(*, gpu: bool) -> tuple[Rung, ...]:
    """The rungs that make a difference on a machine with or without a GPU build."""
    return tuple(rung for rung in RUNGS if gpu or not rung.gpu_only)


def apply(options: LoadOptions, rungs: tuple[Rung, ...], index: int) -> LoadOptions:
    """`options` with the changes of all rungs down to `index`."""
    for rung in rungs[: index + 1]:
        options = rung.change(options)
    return options


def machine_signature(ready: Ready) -> str:
    """What a remembered rung depends on: llama.cpp, the processor's features and the GPU driver."""
    driver = ""
    with contextlib.suppress(OSError):
        driver = Path("/proc/driver/nvidia/version").read_text(encoding="utf-8", errors="replace")
    described = "\n".join(
        (ready.engine, ready.version, ready.system_info, platform.machine(), platform.version(), driver)
        + ((ready.libraries,) if ready.libraries else ())
    )
    return hashlib.sha256(described.encode()).hexdigest()[:16]


class LadderMemory:
    """Remembers rungs in a small JSON file. A broken file is as good as none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def recall(self, model: str, signature: str) -> str:
        """The name of the rung for this file and machine, "full" where nothing is remembered."""
        record = self._read().get(_file_key(model))
        if isinstance(record, dict) and record.get("machine") == signature:
            return str(record.get("rung"))
        return RUNGS[0].name

    def remember(self, model: str, signature: str, rung: str) -> None:
        """Store the rung, or forget the file where it is "full". A disk that refuses is no error."""
        records = self._read()
        records.pop(_file_key(model), None)
        if rung != RUNGS[0].name:
            records[_file_key(model)] = {"machine": signature, "rung": rung}
        body = json.dumps({"version": _VERSION, "records": dict(list(records.items())[-_KEPT:])}, indent=1)
        if self._path is not None:
            with contextlib.suppress(OSError):
                write_atomic(self._path, body.encode())

    def _read(self) -> dict[str, Any]:
        if self._path is None:
            return {}
        try:
            stored = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(stored, dict) or stored.get("version") != _VERSION:
            return {}
        records = stored.get("records")
        return records if isinstance(records, dict) else {}


def _file_key(model: str) -> str:
    """Identity of a file: path, size and time of change."""
    try:
        status = Path(model).stat()
    except OSError:
        return model
    return f"{Path(model).absolute()}|{status.st_size}|{status.st_mtime_ns}"
