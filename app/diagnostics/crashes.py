"""Crashes of native code: what Python could still write in the moment of one, for the next start.

Each run has a file of its own in the folder of logs, which it holds while it lives and removes when it
ends in order. So a file that nobody holds is of a run that did not; if anything is in it, it crashed.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from app.diagnostics.native import native_line
from app.files import write_atomic

_PATTERN: Final = "crash-*.txt"
_LAST: Final = "last-crash.txt"
_MOST_BYTES: Final = 64 * 1024
_MOST_LINES: Final = 120
_MOST_FILES: Final = 50


class CrashFile:
    """The file of this run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"crash-{os.getpid()}.txt"
        self._file: IO[str] | None = None

    def open(self) -> None:
        """From here on a crash is written down; where the folder can't be written it isn't."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            self._file = os.fdopen(handle, "r+", encoding="utf-8", errors="replace")
            _hold(self._file)
            self._file.truncate(0)
            faulthandler.enable(self._file)
        except OSError:
            self._file = None
            if sys.stderr is not None:
                with contextlib.suppress(OSError, ValueError):
                    faulthandler.enable()

    def leave(self, lines: Iterable[str]) -> None:
        """The run ends by a fault (its lines): the next start tells of it."""
        faulthandler.disable()
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError), self._file:
                self._file.write("".join(f"{line}\n" for line in lines))
            self._file = None

    def close(self) -> None:
        """The run ends in order."""
        faulthandler.disable()
        if self._file is None:
            return
        with contextlib.suppress(OSError, ValueError):
            self._file.close()
        self._file = None
        with contextlib.suppress(OSError):
            self._path.unlink()


def take_earlier(folder: Path) -> tuple[str, ...]:
    """What earlier runs left behind, once: the lines of the last crash, nothing where there was none.

    Before `CrashFile.open`. It is kept for diagnostics (`last_crash`).
    """
    found: list[tuple[float, tuple[str, ...]]] = []
    with contextlib.suppress(OSError):
        for path in sorted(folder.glob(_PATTERN))[:_MOST_FILES]:
            with contextlib.suppress(OSError):
                when = path.stat().st_mtime
                if lines := _taken(path):
                    found.append((when, lines))
    if not found:
        return ()
    last = max(found)[1]
    with contextlib.suppress(OSError):
        write_atomic(folder / _LAST, ("\n".join(last) + "\n").encode())
    return last


def last_crash(folder: Path) -> tuple[float, tuple[str, ...]] | None:
    """When the last crash was (seconds since 1970) and its lines, if one is known."""
    try:
        path = folder / _LAST
        with path.open("rb") as file:
            return path.stat().st_mtime, _lines(file.read(_MOST_BYTES))
    except OSError:
        return None


def _taken(path: Path) -> tuple[str, ...]:
    """The lines of a file that no run holds; it is gone afterwards. OSError where one does."""
    if path.is_symlink() or not path.is_file():
        return ()
    with path.open("r+b") as file:
        _hold(file)
        lines = _lines(file.read(_MOST_BYTES))
        if sys.platform != "win32":
            path.unlink()
    if sys.platform == "win32":
        path.unlink()  # refused there while a run has it open
    return lines


def _lines(data: bytes) -> tuple[str, ...]:
    lines = data.decode("utf-8", "replace").splitlines()
    kept = [shown for one in lines if (shown := _ours(one) or native_line(one))]
    threads = [index for index, one in enumerate(kept) if one.startswith(("Thread 0x", "Current thread"))]
    own = next((index for index in threads if kept[index].startswith("Current")), None)
    if own is not None:  # what crashed stands behind all other threads
        kept = kept[: threads[0]] + kept[own:] + kept[threads[0] : own]
    return tuple(kept[:_MOST_LINES])


def _ours(line: str) -> str:
    """A place as `app.diagnostics.traces` writes it."""
    head, _, name = line.strip().partition(" ")
    file, _, number = head.rpartition(":")
    sound = (
        line.startswith("  ") and number.isdigit() and file and name.replace("_", "").strip("<>").isalnum()
    )
    return line[:300] if sound else ""


def _hold(file: IO[str] | IO[bytes]) -> None:
    """Hold a file for as long as this process lives; OSError where another one does."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
