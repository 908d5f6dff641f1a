"""Small files, written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import tempfile
from pathlib import Path

from app.errors import DiskFullError, UserError
from app.language import tr

FULL = (errno.ENOSPC, errno.EDQUOT)


def read_small(path: Path, most: int) -> bytes:
    """At most `most` bytes of a file and one more, which tells that it is too large; links are followed.

    Raises OSError, also for what is no file: to open a pipe would wait for somebody to write into it.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "It is no file")
        return file.read(most + 1)


def write_atomic(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step; after a crash it is the old file or the new one.

    Raises OSError where the folder cannot be written. Readable by its owner only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    _fill_and_replace(handle, Path(name), path, data)


def _fill_and_replace(handle: int, made: Path, path: Path, data: bytes) -> None:
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def save_as(path: Path, data: bytes) -> None:
    """Write a file that a person named, in one step, with the permissions that his own files get.

    What stands behind a link is replaced, not the link. Raises UserError, and `path` is as it was: there is
    no room, or no permission, or the folder is gone.
    """
    try:
        real = Path(os.path.realpath(path))
        if real.is_dir():
            raise IsADirectoryError(errno.EISDIR, "It is a folder")
        made = real.with_name(f".saving-{secrets.token_hex(8)}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        mode = real.stat().st_mode & 0o777 if real.exists() else 0o666
        _fill_and_replace(os.open(made, flags, mode), made, real, data)
    except ValueError as error:  # a NUL in the name
        raise UserError(tr("This cannot be the name of a file."), tr("Choose another name.")) from error
    except OSError as error:
        if error.errno in FULL:
            raise DiskFullError(
                tr("There is no room on the disk: the file was not saved."),
                tr("Make some room, or choose another folder."),
            ) from error
        raise UserError(
            tr(
                "The file was not saved: {reason}.", reason=error.strerror or tr("it cannot be written there")
            ),
            tr("Choose another folder or name."),
        ) from error
