"""What a person copies and passes on when something went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from app.diagnostics.faults import FaultBook
from app.diagnostics.logs import tail
from app.diagnostics.traces import trace_of
from app.doctor.diagnosis import diagnose
from app.doctor.values import EngineFacts, text_of
from app.language import ntr, tr
from app.paths import Paths

_LOG_LINES: Final = 60


def whole_report(
    paths: Paths,
    engine: EngineFacts,
    versions: Mapping[str, str] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> str:
    """Diagnosis and last lines of the log. Never raises; for any thread but the GUI's.

    Args:
        versions: of libraries that the caller knows.
    """
    parts = diagnose(paths, engine, versions=versions, stopped=stopped)
    try:
        lines = tail(paths.logs, _LOG_LINES)
    except OSError as error:
        lines = [trace_of(error).detail]
    log = "\n".join(f"  {one}" for one in lines)
    return f"{text_of(parts)}\n{tr('Log')}\n{log}\n"


def faults_text(book: FaultBook) -> str:
    """The faults of this run."""
    blocks = ["\n".join(fault.lines()) for fault in book.faults]
    if book.missed:
        blocks.append(ntr("{count} more was left out.", "{count} more were left out.", book.missed))
    return joined(blocks)


def joined(blocks: Iterable[str]) -> str:
    """Blocks with a line between them."""
    return "\n\n".join(block.strip("\n") for block in blocks if block.strip())
