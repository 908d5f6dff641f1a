"""Opening files that may be anything: pipes, devices, folders, sparse giants, files that change."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from app.errors import FileReadError
from app.language import tr

_CHUNK = 4 << 20


def status_of(path: Path) -> os.stat_result:
    """What is there; links are followed. Raises FileReadError."""
    try:
        return path.stat()
    except FileNotFoundError:
        raise FileReadError(tr("There is no such file."), tr("Check the path.")) from None
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error


def read_whole(path: Path, most_bytes: int) -> bytes:
    """All bytes of a regular file.

    Raises:
        FileReadError: not a regular file, not allowed, larger than `most_bytes`, or changed or removed
            while it was read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        # Asked before it is opened: opening a device can do something.
        if not stat.S_ISREG(status_of(path).st_mode):
            raise FileReadError(tr("It is not a regular file."), tr("Attach a document."))
        with os.fdopen(os.open(path, flags), "rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise FileReadError(tr("It is not a regular file."), tr("Attach a document."))
            if before.st_size > most_bytes:
                raise too_large(most_bytes)
            data = _read(file.fileno(), before.st_size)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        raise FileReadError(tr("It was removed while it was read."), tr("Check the path.")) from None
    except OSError as error:
        raise _unreadable(error) from error
    if len(data) != after.st_size or before.st_mtime_ns != after.st_mtime_ns:
        raise FileReadError(tr("It changed while it was read."), tr("Attach it again when it is complete."))
    return data


def too_large(most_bytes: int) -> FileReadError:
    return FileReadError(
        tr("It is larger than {size} MB.", size=most_bytes // 2**20), tr("Attach a part of it.")
    )


def _read(handle: int, size: int) -> bytes:
    # One byte more than it has: a file that grows is noticed.
    parts, missing = [], size + 1
    while missing > 0 and (part := os.read(handle, min(_CHUNK, missing))):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _unreadable(error: OSError | ValueError) -> FileReadError:
    if isinstance(error, PermissionError):
        return FileReadError(tr("You are not allowed to read it."), tr("Check its permissions."))
    reason = (
        error.strerror if isinstance(error, OSError) and error.strerror else tr("the path makes no sense")
    )
    return FileReadError(tr("It cannot be read: {reason}.", reason=reason), tr("Check the path."))
