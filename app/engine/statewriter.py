"""Makes a state file under a temporary name, and gives it its own when it is whole.

    StateWriter(…)   makes the file and has the disk give it room
    finish(…)        writes and sums it; the state comes out of RAM, or is in the file already:
    fill(…)          before that, lets llama.cpp copy its state into the mapped file, for states
                     that RAM has no room for. It takes as long as the disk does

All but the copy itself needs no context and may run on any thread; none keeps others from running.

The temporary file is in the same folder, mode 0600, its room on the disk allocated beforehand (a
mapped file that finds the disk full ends the process): a killed process leaves the old file or
none, and a temporary one that `is_leftover` knows. Nothing is synced to the disk: a file that a
power failure tore fails its checksums, and the tokens are read again.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import errno
import mmap
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from app.engine.identity import Identity
from app.engine.pages import POPULATE_WRITE, populate
from app.engine.statefile import (
    Checkpoint,
    Header,
    Mark,
    StateBytes,
    StateFileError,
    Stopped,
    branch_key,
    encode_header,
    hasher,
    little_endian,
)

STATE, TEMPORARY = ".state", ".part"
_CHUNK = 4 * 1024 * 1024
_UNKNOWN = "0" * 16


def state_name(conversation: str, branch: str) -> str:
    """The name of a state file: keys of the conversation and of its branch."""
    return f"{conversation}-{branch}{STATE}"


class StateWriter:
    """One state file in the making. One thread at a time; `finish` or `abandon` ends it.

    Attributes:
        header: what the file will say; its checksums are known at the end only.
        tokens: the token ids.
    """

    def __init__(
        self,
        folder: Path,
        conversation: str,
        identity: Identity,
        tokens: array.array[int],
        *,
        checkpoints: Sequence[Checkpoint],
        state_bytes: int,
        asked: int,
    ) -> None:
        """Make the file. Raises OSError where the disk has no room for it."""
        self.tokens, self._checkpoints = tokens, tuple(checkpoints)
        marks = tuple(Mark(c.position, c.kind, len(c.data), _UNKNOWN) for c in checkpoints)
        self.header = Header(
            identity,
            conversation,
            branch_key(identity, tokens),
            len(tokens),
            asked,
            marks,
            state_bytes,
            _UNKNOWN,
        )
        # The length of a header doesn't change with its checksums.
        self._body = len(encode_header(self.header))
        self.n_bytes = self._body + self.header.body_bytes
        self.path = folder / state_name(conversation, self.header.branch)
        self._temporary = folder / f"{conversation}-{secrets.token_hex(8)}{TEMPORARY}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self._file: int | None = os.open(self._temporary, flags, 0o600)
        self._map: mmap.mmap | None = None
        try:
            _hold(self._file)
            _allocate(self._file, self.n_bytes)
        except BaseException:
            self.abandon()
            raise

    def fill(self, give: Callable[[StateBytes], int]) -> None:
        """Let `give` write the full state into the file and return how many bytes it wrote.

        Raises StateFileError where these are not all that were announced, OSError.
        """
        assert self._file is not None
        size = self.header.state_bytes
        if self._map is None:
            self.map()
        assert self._map is not None
        state = (ctypes.c_uint8 * size).from_buffer(self._map, self.n_bytes - size)
        try:
            given = give(state)
        finally:
            del state
        if given != size:
            raise StateFileError(f"llama.cpp gave {given} of {size} bytes of the state")

    def map(self) -> None:
        """Have the pages of `fill` ready: most of its time, and nothing of the context. Raises OSError."""
        assert self._file is not None
        self._map = mmap.mmap(self._file, self.n_bytes)
        populate(self._map, POPULATE_WRITE)

    def finish(self, stopped: Callable[[], bool], state: bytearray | None = None) -> Path:
        """Write what is not there yet, and give the file its name, in place of an older one.

        Args:
            stopped: asked between chunks.
            state: the full state, where `fill` has not put it there.

        Raises OSError, Stopped. Whatever is raised, nothing is left behind.
        """
        try:
            self._write_body(stopped, state)
            self._close()
            self._temporary.replace(self.path)
        finally:
            self.abandon()
        return self.path

    def abandon(self) -> None:
        """Leave nothing behind. May be called again, and after `finish`."""
        self._close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    def _write_body(self, stopped: Callable[[], bool], state: bytearray | None) -> None:
        at, marks = self._body, []
        at, _ = self._put(at, little_endian(self.tokens).tobytes(), "tokens", stopped)
        for mark, checkpoint in zip(self.header.marks, self._checkpoints, strict=True):
            at, found = self._put(at, checkpoint.data, mark.place, stopped)
            marks.append(replace(mark, checksum=found))
        if state is not None:
            if len(state) != self.header.state_bytes:
                raise StateFileError(f"the state has {len(state)} of {self.header.state_bytes} bytes")
            _, summed = self._put(at, state, self.header.place, stopped)
        else:
            summed = self._sum_mapped(at, stopped)
        self.header = replace(self.header, marks=tuple(marks), state_checksum=summed)
        # Last: until now the file does not even begin like a state.
        self._write(0, encode_header(self.header))

    def _sum_mapped(self, at: int, stopped: Callable[[], bool]) -> str:
        assert self._map is not None
        summed = hasher(self.header.place)
        with memoryview(self._map) as mapped:
            for start in range(at, self.n_bytes, _CHUNK):
                if stopped():
                    raise Stopped
                with mapped[start : start + _CHUNK] as chunk:
                    summed.update(chunk)
        return summed.hexdigest()

    def _put(
        self, at: int, data: bytes | bytearray, place: str, stopped: Callable[[], bool]
    ) -> tuple[int, str]:
        """Write `data` at `at`; where it ends, and its checksum."""
        summed = hasher(place)
        with memoryview(data) as source:
            for start in range(0, len(source), _CHUNK):
                if stopped():
                    raise Stopped
                with source[start : start + _CHUNK] as chunk:
                    self._write(at + start, chunk)
                    summed.update(chunk)
        return at + len(data), summed.hexdigest()

    def _write(self, at: int, data: bytes | memoryview) -> None:
        assert self._file is not None
        os.lseek(self._file, at, os.SEEK_SET)
        with memoryview(data) as rest:
            done = 0
            while done < len(rest):
                done += os.write(self._file, rest[done:])

    def _close(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _allocate(file: int, size: int) -> None:
    """Give an empty file `size` bytes that the disk really has. Raises OSError."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file, 0, size)
        except OSError as error:
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                raise
        else:
            return
    zeros = bytes(_CHUNK)
    while size > 0:
        size -= os.write(file, zeros[: min(size, _CHUNK)])


def _hold(file: int) -> None:
    """Tell other processes that this temporary file is being written (Windows knows by itself)."""
    if sys.platform != "win32":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_leftover(path: Path) -> bool:
    """Whether nobody writes this temporary file any more."""
    if sys.platform == "win32":
        return True  # one in use can't be removed there
    import fcntl

    try:
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(file)
    return True
