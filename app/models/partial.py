"""A file that is being fetched, and the journal that says which of its bytes may be believed.

Beside the future `model.gguf` stand `model.gguf.part`, the bytes, and `model.gguf.part.json`, lines of JSON:
what is fetched, and for places along the file the SHA-256 of everything before them. To go on, the bytes are
read and hashed again, and believed up to the last place where the hash is the journal's. So neither a kill
nor a torn write nor a power cut gets a wrong byte into the file, and no order of writes is relied upon.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from app.errors import DiskFullError, HashError
from app.files import write_atomic
from app.language import tr
from app.models.stopping import StopSignal

#: So much is fetched again after a kill, at most, besides what was on its way.
MARK_BYTES = 256 * 1024
#: So much is fetched again after a power cut, at most; places closer together are forgotten then.
SYNC_BYTES = 32 * 1024 * 1024

_VERSION = 1
_READ_BYTES = 1024 * 1024
_LARGEST_JOURNAL = 16 * 1024 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Expected:
    """What the whole file must be: bytes, and SHA-256 in hexadecimal."""

    size: int
    sha256: str


def part_path(target: Path) -> Path:
    """Where the bytes of an unfinished `target` are."""
    return target.with_name(f"{target.name}.part")


def journal_path(target: Path) -> Path:
    """Where the journal of an unfinished `target` is."""
    return target.with_name(f"{target.name}.part.json")


def discard(target: Path) -> None:
    """Remove all that is there of an unfinished file; raises OSError."""
    journal_path(target).unlink(missing_ok=True)
    part_path(target).unlink(missing_ok=True)


def kept_bytes(target: Path) -> int:
    """About how many bytes of an unfinished file are there, without looking at them."""
    try:
        return part_path(target).stat().st_size if journal_path(target).exists() else 0
    except OSError:
        return 0


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Raise what the disk refuses as DiskFullError."""
    try:
        yield
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> DiskFullError:
    if error.errno in _FULL:
        return DiskFullError(
            tr("The disk is full."), tr("What has arrived is kept. Make room on it, then try again.")
        )
    if error.errno == errno.EFBIG:
        return DiskFullError(
            tr("This disk cannot hold a file of that size."), tr("Choose a folder on another disk.")
        )
    reason = error.strerror or error
    return DiskFullError(
        tr("{path} cannot be written: {reason}.", path=path, reason=reason), tr("What has arrived is kept.")
    )


class PartFile:
    """The bytes so far, their running hash and their journal. One thread; close it.

    Raises DiskFullError wherever the disk refuses.
    """

    def __init__(self, target: Path, expected: Expected) -> None:
        self._target, self._expected = target, expected
        self._hash = hashlib.sha256()
        self._file: FileIO | None = None
        self._journal: FileIO | None = None
        self._places: list[tuple[int, str]] = []
        self._marked = self._synced = 0
        #: How many bytes are there and believed.
        self.offset = 0
        #: The ETag of what is fetched and the server that gave it, empty until known.
        self.etag = self.source = ""

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are there; what they hash to is for `finish` to say."""
        return self.offset == self._expected.size

    def open(self, stopped: StopSignal, progress: Callable[[int], None]) -> bool:
        """Open what is there and believe what its journal proves; False if stopped meanwhile.

        `progress` gets the bytes that were read again.
        """
        with disk_errors(self._target):
            self._target.parent.mkdir(parents=True, exist_ok=True)
            places = self._read_journal()
            path = part_path(self._target)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            self._file = FileIO(handle, "r+")
            if not self._verify(places, stopped, progress):
                return False
            if not self.offset:
                self.etag = self.source = ""
            self._file.truncate(self.offset)
            self._file.seek(self.offset)
            self._rewrite()
        return True

    def append(self, data: bytes) -> None:
        """Write the next bytes."""
        assert self._file is not None
        with disk_errors(self._target):
            view = memoryview(data)
            while view:
                written = self._file.write(view)
                self._hash.update(view[:written])
                self.offset += written or 0
                view = view[written:]
            if self.offset - self._synced >= SYNC_BYTES:
                self.sync()
            elif self.offset - self._marked >= MARK_BYTES:
                self.mark()

    def mark(self) -> None:
        """Note in the journal what the bytes so far hash to, so that a kill does not cost them."""
        assert self._journal is not None
        if self.offset != self._marked:
            with disk_errors(self._target):
                self._journal.write(_line({"at": self.offset, "prefix": self._hash.hexdigest()}))
            self._marked = self.offset

    def sync(self) -> None:
        """Bring the bytes to the disk, so that a power cut does not cost them."""
        assert self._file is not None
        with disk_errors(self._target):
            os.fsync(self._file.fileno())
            if self.offset:
                self._places.append((self.offset, self._hash.hexdigest()))
            self._rewrite()

    def know(self, etag: str, source: str) -> None:
        """Note which version of the file is fetched, and from which server."""
        self.etag, self.source = etag, source
        assert self._journal is not None
        with disk_errors(self._target):
            self._journal.write(_line({"etag": etag, "source": source}))

    def finish(self) -> None:
        """Make it the file that it was to become.

        Raises HashError, with nothing left of it, if it is not the published one; DiskFullError
        also where another file has taken its name meanwhile.
        """
        assert self._file is not None
        found = self._hash.hexdigest()
        if found != self._expected.sha256 or not self.is_whole:
            self.close()
            with disk_errors(self._target):
                discard(self._target)
            raise HashError(
                tr(
                    "{name} did not arrive as it was published: its SHA-256 is another one.",
                    name=self._target.name,
                ),
                tr("What arrived was removed. Try again; if it happens again, the server's copy is damaged."),
            )
        with disk_errors(self._target):
            os.fsync(self._file.fileno())
            self.close()
            _rename(part_path(self._target), self._target)
            journal_path(self._target).unlink(missing_ok=True)
            _sync_folder(self._target.parent)

    def close(self) -> None:
        """Note what is there and close the files; again does nothing."""
        if self._journal is not None:
            # A full disk keeps the note from being made: some bytes are fetched again then.
            with contextlib.suppress(DiskFullError):
                self.mark()
            self._journal.close()
            self._journal = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def _verify(
        self, places: list[tuple[int, str]], stopped: StopSignal, progress: Callable[[int], None]
    ) -> bool:
        """Hash the file again up to the last place that the journal proves; False if stopped."""
        assert self._file is not None
        running, read = hashlib.sha256(), 0
        buffer = memoryview(bytearray(_READ_BYTES))
        for at, prefix in places:
            while read < at:
                if stopped.is_set():
                    return False
                count = self._file.readinto(buffer[: min(_READ_BYTES, at - read)])
                if not count:
                    return True
                running.update(buffer[:count])
                read += count
                progress(read)
            if running.hexdigest() != prefix:
                return True
            self._hash, self.offset = running.copy(), at
            self._places.append((at, prefix))
        return True

    def _read_journal(self) -> list[tuple[int, str]]:
        """The places of the journal, ascending; none where it is of another file or makes no sense."""
        path = journal_path(self._target)
        try:
            if path.stat().st_size > _LARGEST_JOURNAL:
                return []
            lines = path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        records = [_parsed(line) for line in lines]
        if not records or records[0] != self._header():
            return []
        places: list[tuple[int, str]] = []
        for record in records[1:]:
            at, prefix = record.get("at"), record.get("prefix")
            if isinstance(at, int) and isinstance(prefix, str):
                if (places[-1][0] if places else 0) < at <= self._expected.size:
                    places.append((at, prefix))
            elif isinstance(record.get("etag"), str) and isinstance(record.get("source"), str):
                self.etag, self.source = record["etag"], record["source"]
        return places

    def _header(self) -> dict[str, Any]:
        return {"version": _VERSION, "size": self._expected.size, "sha256": self._expected.sha256}

    def _rewrite(self) -> None:
        """A short journal in place of the grown one: a place for each sync, and where we are."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        far: list[tuple[int, str]] = []
        for at, prefix in self._places:
            if at - (far[-1][0] if far else 0) >= SYNC_BYTES or at == self.offset:
                far.append((at, prefix))
        self._places = far
        lines = [self._header(), *({"at": at, "prefix": prefix} for at, prefix in far)]
        if self.etag:
            lines.insert(1, {"etag": self.etag, "source": self.source})
        path = journal_path(self._target)
        write_atomic(path, b"".join(_line(line) for line in lines))
        self._journal = FileIO(path, "a")
        self._marked = self._synced = self.offset


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _rename(source: Path, target: Path) -> None:
    """Give a file its name, never in place of another one; raises FileExistsError."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        # This file system has no links.
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        source.rename(target)
    else:
        source.unlink()


def _sync_folder(folder: Path) -> None:
    """Bring a new name to the disk, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
