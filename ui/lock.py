"""Who has the data folder: the system's own lock on a file, gone with its holder however that ends. No Qt."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class Lock:
    """Held until `release` or the end of this process; the file itself stays, empty."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def take(path: Path) -> Lock | None:
    """The lock, None where another process has it.

    Raises OSError where the folder can't be written or its disk has no locks.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not inherited: a child that outlives the window does not hold the folder.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if _lock(descriptor):
            return Lock(descriptor)
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
