"""The log: a few files that follow one another, written by a thread of their own.

    LOG = logging.getLogger("cascade.engine")       what the app says: numbers, kinds, its own words
    LOG.error("…", exc_info=error)                  written as app.diagnostics.traces tells it

What libraries say may quote anything, so that of theirs only who said it, and where, is written.
A folder that cannot be written is no fault: there is no log then.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import stat
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.diagnostics.redact import line
from app.diagnostics.traces import trace_of

if TYPE_CHECKING:
    from logging.handlers import RotatingFileHandler

NAME: Final = "cascade-desk.log"
MOST_BYTES: Final = 1_000_000
MOST_FILES: Final = 5
OURS: Final = "cascade"
_WAITING: Final = 2000
#: What one part of the program may say at once, and in a minute from then on.
_BURST: Final = 120
_MINUTE_S: Final = 60.0
_TAIL_BYTES: Final = 128 * 1024

# Without a log nothing goes to the terminal in its place.
logging.getLogger(OURS).addHandler(logging.NullHandler())


class Log:
    """Takes what is logged in this process, between `start` and `stop`. One at a time in a process."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> None:
        self.folder = folder
        self._most_bytes, self._most_files = most_bytes, most_files
        self._queue: queue.Queue[str | threading.Event | None] = queue.Queue(_WAITING)
        self._handler = _ToQueue(self._queue)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write; files are touched on the log's own thread only."""
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()
        ours = logging.getLogger(OURS)
        ours.setLevel(logging.INFO)
        ours.propagate = False
        ours.addHandler(self._handler)
        logging.getLogger().addHandler(self._handler)

    def stop(self, patience_s: float = 2.0) -> None:
        """Write what waits, and end. A disk that does not answer is not waited for longer than that."""
        if self._thread is None:
            return
        ours = logging.getLogger(OURS)
        ours.propagate = True
        ours.setLevel(logging.NOTSET)
        for logger in (ours, logging.getLogger()):
            logger.removeHandler(self._handler)
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=patience_s)
        self._thread.join(patience_s)
        self._thread = None

    def flush(self, patience_s: float = 2.0) -> bool:
        """Wait until all that was logged is written; whether it was. Not for the GUI's thread."""
        if self._thread is None:
            return True
        done = threading.Event()
        try:
            self._queue.put(done, timeout=patience_s)
        except queue.Full:
            return False
        return done.wait(patience_s)

    def _run(self) -> None:
        files = _files(self.folder, self._most_bytes, self._most_files)
        while (item := self._queue.get()) is not None:
            if isinstance(item, threading.Event):
                item.set()
            else:
                files.emit(logging.makeLogRecord({"msg": "%s", "args": (item,)}))
        with contextlib.suppress(OSError):  # what a full disk did not take is tried once more
            files.close()


def log_files(folder: Path) -> list[Path]:
    """The files of the log, the oldest first."""
    numbers = range(MOST_FILES, 0, -1)
    names = [*(f"{NAME}.{number}" for number in numbers), NAME]
    return [path for path in map(folder.joinpath, names) if _is_plain(path)]


def tail(folder: Path, count: int = 80, *, least: str = "") -> list[str]:
    """The last lines of the log, redacted once more. OSError where there is one that cannot be read.

    Args:
        least: "WARNING" leaves out what is said of less, with the lines that belong to it.
    """
    found: deque[str] = deque(maxlen=count)
    for path in log_files(folder)[-2:]:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            lines = file.read(_TAIL_BYTES).decode("utf-8", "replace").splitlines()
        found.extend(line(one) for one in (_grave(lines) if least else lines))
    return list(found)


def _grave(lines: list[str]) -> Iterator[str]:
    taken = False
    for one in lines:
        if not one.startswith(" "):
            taken = one[24:31].startswith(("WARN", "ERROR", "CRIT"))
        if taken:
            yield one


class _ToQueue(logging.Handler):
    """Makes lines of records where they arise, and waits for nothing."""

    def __init__(self, lines: queue.Queue[str | threading.Event | None]) -> None:
        super().__init__(logging.INFO)
        self._lines, self._room = lines, _Room()

    def emit(self, record: logging.LogRecord) -> None:
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        if not ours and record.levelno < logging.WARNING:
            return
        missed = self._room.take(record.name)
        if missed is None:
            return
        try:
            text = _text(record, ours)
            self._lines.put_nowait(
                f"{text}\n    ({missed:,} more before it were left out)" if missed else text
            )
        except queue.Full:
            pass
        except Exception:  # what logs must not fail by it, and must not be told of it where it would log
            with contextlib.suppress(queue.Full):
                self._lines.put_nowait(_head(record) + "(cannot be written)")


class _Room:
    """How much each part may still say, so that a storm neither fills the files nor hides the rest."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[float, float, int]] = {}

    def take(self, part: str) -> int | None:
        """How many were left out since the last one; None leaves this one out, too."""
        if len(self._parts) > 200:
            self._parts.clear()
        now = time.monotonic()
        left, at, missed = self._parts.get(part, (float(_BURST), now, 0))
        left = min(float(_BURST), left + (now - at) * _BURST / _MINUTE_S)
        if left < 1:
            self._parts[part] = left, now, missed + 1
            return None
        self._parts[part] = left - 1, now, 0
        return missed


def _head(record: logging.LogRecord) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
    return f"{when}.{int(record.msecs):03d} {record.levelname[:8]} {line(record.name)}: "


def _text(record: logging.LogRecord, ours: bool) -> str:
    said = line(record.getMessage()) if ours else f"{line(record.filename)}:{record.lineno}"
    raised = record.exc_info[1] if record.exc_info else None
    trace = trace_of(raised).lines() if raised is not None else []
    return "\n    ".join([_head(record) + said, *map(line, trace)])


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _files(folder: Path, most_bytes: int, most_files: int) -> RotatingFileHandler:
    """What writes the files. Imported here: the start doesn't wait for it."""
    from logging.handlers import RotatingFileHandler

    class Files(RotatingFileHandler):
        """Readable by its owner only; silent where it cannot write."""

        def _open(self) -> Any:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = Path(self.baseFilename)
            if path.exists() and not _is_plain(path):
                raise OSError("not a file")  # a pipe would hold this thread for ever
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            return os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace")

        def doRollover(self) -> None:  # noqa: N802
            try:
                super().doRollover()
            except OSError:  # somebody has a file open, and the system does not let it be renamed
                with contextlib.suppress(OSError):
                    os.truncate(self.baseFilename, 0)

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
            """A disk that is full is no fault of the program's."""

    return Files(folder / NAME, maxBytes=most_bytes, backupCount=most_files - 1, delay=True)
