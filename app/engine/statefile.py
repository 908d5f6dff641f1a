"""The file that holds the state of one sequence: written whole or not at all, believed only if intact.

    8 bytes   magic
    u32       version of the format
    u32       length of the header, H
    u64       checksum of the two numbers and the header
    H         header: JSON, padded with spaces
    4·n       token ids, little-endian int32
    …         checkpoints, one after the other (llama.cpp's state with PARTIAL_ONLY)
    …         the full state (llama.cpp's state with flags 0)

Every byte is under a checksum that also says where it belongs, and the lengths add up to the
file's own: llama.cpp's reader is fed nothing else. The checksums (XXH3 with 64 bits, as fast as
memory is; SHA-256 for the tokens) find accidents and foreign files. Whoever can write to the
user's own folder can forge one; that is not prevented.

The full state is mapped, so that loading takes no second copy of it in memory. Files are made by
app.engine.statewriter. Nothing here knows llama.cpp; any thread, one at a time for each object.
"""

from __future__ import annotations

import array
import ctypes
import hashlib
import json
import mmap
import os
import stat
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

import xxhash

from app.engine.identity import Identity
from app.engine.pages import POPULATE_READ, populate

MAGIC = b"CDSTATE\n"
VERSION = 1
_START = struct.Struct("<8sIIQ")
_NUMBERS = struct.Struct("<II")
#: A checkpoint takes about 70 bytes of it.
_MOST_HEADER = 1024 * 1024
MOST_CHECKPOINTS = 4096
#: Sixteen times what any model declares, as for the size of a context.
_MOST_TOKENS = 16 * 1024 * 1024
#: What stays in the processor's cache between being read and being summed.
_CHUNK = 256 * 1024
_PREFIX_CHUNK = 64 * 1024
_KEY = 32


#: What llama.cpp is given: an array of bytes that lies in the file.
StateBytes = ctypes.Array[ctypes.c_uint8]


class StateFileError(Exception):
    """The file cannot be used.

    Attributes:
        damaged: it never will be: truncated, altered, or not what its name says.
    """

    def __init__(self, reason: str, *, damaged: bool = True) -> None:
        super().__init__(reason)
        self.damaged = damaged


class Stopped(Exception):  # noqa: N818 - not an error, an outcome
    """Somebody else needs the processor or the disk; nothing is left behind."""


@dataclass(frozen=True)
class Checkpoint:
    """The recurrent (or sliding-window) part of a sequence after its first `position` tokens."""

    position: int
    kind: str
    data: bytes | bytearray


@dataclass(frozen=True)
class Mark:
    """A checkpoint as the header tells of it."""

    position: int
    kind: str
    n_bytes: int
    checksum: str

    @property
    def place(self) -> str:
        """What its checksum is bound to."""
        return f"{self.position} {self.kind}"


@dataclass(frozen=True)
class Header:
    """What a file says of itself.

    Attributes:
        conversation: the conversation's key, which is no id.
        branch: `branch_key` of identity and tokens.
        asked: length of the last prompt, more than the tokens where its reading was not done.
        marks: checkpoints in the order of their positions.
        state_checksum: of the full state, bound to `place`.
    """

    identity: Identity
    conversation: str
    branch: str
    n_tokens: int
    asked: int
    marks: tuple[Mark, ...]
    state_bytes: int
    state_checksum: str

    @property
    def place(self) -> str:
        """What the state's checksum is bound to."""
        return f"{self.branch} {self.asked}"

    @property
    def body_bytes(self) -> int:
        """The length of all that follows the header."""
        return 4 * self.n_tokens + sum(mark.n_bytes for mark in self.marks) + self.state_bytes


def branch_key(identity: Identity, tokens: array.array[int]) -> str:
    """A digest of what a state was made by and from, 32 hex digits."""
    digest = hashlib.sha256(json.dumps(identity.to_json(), sort_keys=True).encode())
    digest.update(little_endian(tokens).tobytes())
    return digest.hexdigest()[:_KEY]


def token_array(tokens: Sequence[int]) -> array.array[int]:
    """Token ids as 32-bit integers. Raises OverflowError for what is none."""
    return array.array("i", tokens)


def little_endian(tokens: array.array[int]) -> array.array[int]:
    if sys.byteorder == "big":
        tokens = array.array("i", tokens)
        tokens.byteswap()
    return tokens


def hasher(place: str) -> xxhash.xxh3_64:
    """A checksum to be fed; it holds for this place only."""
    return xxhash.xxh3_64(f"{place}\n".encode())


def _header_sum(text: bytes | bytearray, version: int) -> int:
    return xxhash.xxh3_64_intdigest(_NUMBERS.pack(version, len(text)) + bytes(text))


def encode_header(header: Header, length: int = 0) -> bytes:
    """All that stands before the tokens, padded so that it has at least `length` bytes."""
    fields = {
        "identity": header.identity.to_json(),
        "conversation": header.conversation,
        "branch": header.branch,
        "n_tokens": header.n_tokens,
        "asked": header.asked,
        "checkpoints": [[mark.position, mark.kind, mark.n_bytes, mark.checksum] for mark in header.marks],
        "state_bytes": header.state_bytes,
        "state_checksum": header.state_checksum,
    }
    text = json.dumps(fields, separators=(",", ":")).encode()
    text = text.ljust(length - _START.size)
    return _START.pack(MAGIC, VERSION, len(text), _header_sum(text, VERSION)) + text


def _number(value: object, most: int) -> int:
    if type(value) is not int or not 0 < value <= most:
        raise StateFileError("a number in the header is out of its range")
    return value


def _word(value: object, most: int = 64) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise StateFileError("a word in the header is missing or too long")
    return value


def _marks(value: object, n_tokens: int, file_size: int) -> Iterator[Mark]:
    if not isinstance(value, list) or len(value) > MOST_CHECKPOINTS:
        raise StateFileError("the list of checkpoints is none, or too long")
    before = 0
    for item in value:
        if not isinstance(item, list) or len(item) != 4:
            raise StateFileError("a checkpoint has other fields")
        position = _number(item[0], n_tokens)
        if position <= before:
            raise StateFileError("the checkpoints are not in order")
        before = position
        yield Mark(position, _word(item[1]), _number(item[2], file_size), _word(item[3], 16))


def decode_header(text: bytes | bytearray, file_size: int) -> Header:
    """The header of a file of `file_size` bytes. Raises StateFileError."""
    try:
        fields: Any = json.loads(text)
        if not isinstance(fields, Mapping):
            raise StateFileError("the header is no object")
        n_tokens = _number(fields["n_tokens"], _MOST_TOKENS)
        header = Header(
            identity=Identity.from_json(fields["identity"]),
            conversation=_word(fields["conversation"]),
            branch=_word(fields["branch"]),
            n_tokens=n_tokens,
            asked=_number(fields["asked"], _MOST_TOKENS),
            marks=tuple(_marks(fields["checkpoints"], n_tokens, file_size)),
            state_bytes=_number(fields["state_bytes"], file_size),
            state_checksum=_word(fields["state_checksum"], 16),
        )
    except (ValueError, KeyError, RecursionError) as error:
        raise StateFileError(f"the header cannot be read: {type(error).__name__}") from error
    if _START.size + len(text) + header.body_bytes != file_size:
        raise StateFileError("the lengths in the header are not that of the file")
    return header


def _read(file: FileIO, size: int) -> bytearray:
    data = bytearray(size)
    with memoryview(data) as whole:
        at = 0
        while at < size:
            count = file.readinto(whole[at:])
            if not count:
                raise StateFileError("it is cut short")
            at += count
    return data


def _open(path: Path, flags: int) -> FileIO:
    """A regular file of that very name: a link or a pipe put in its place is refused with OSError."""
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    number = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise StateFileError("it is no regular file")
        return FileIO(number, "r+" if flags & os.O_RDWR else "r")
    except BaseException:
        os.close(number)
        raise


def _read_header(file: FileIO) -> tuple[Header, int]:
    """The header and its end in bytes. Raises StateFileError, OSError."""
    size = os.fstat(file.fileno()).st_size
    start = _read(file, _START.size)
    magic, version, length, summed = _START.unpack(start)
    if magic != MAGIC:
        raise StateFileError("it is no state file")
    if version != VERSION:
        raise StateFileError(f"its format is {version}, not {VERSION}", damaged=False)
    if not 0 < length <= min(_MOST_HEADER, size):
        raise StateFileError("its header has an impossible length")
    text = _read(file, length)
    if _header_sum(text, version) != summed:
        raise StateFileError("its header is altered")
    return decode_header(text, size), _START.size + length


def read_header(path: Path) -> Header:
    """The header of `path`, checked. Raises StateFileError, OSError."""
    with _open(path, os.O_RDONLY) as file:
        return _read_header(file)[0]


def common_prefix(path: Path, tokens: array.array[int]) -> int:
    """How many of the file's first tokens are those of `tokens`; the state is not read.

    The tokens are not checked here, only once the file is used. Raises StateFileError, OSError.
    """
    wanted = memoryview(little_endian(tokens)).cast("B")
    with _open(path, os.O_RDONLY) as file:
        header, start = _read_header(file)
        file.seek(start)
        end = min(4 * header.n_tokens, len(wanted))
        for at in range(0, end, _PREFIX_CHUNK):
            held = _read(file, min(_PREFIX_CHUNK, end - at))
            if held != wanted[at : at + len(held)]:
                return (at + _first_difference(held, wanted[at : at + len(held)])) // 4
    return end // 4


def _first_difference(left: bytearray, right: memoryview) -> int:
    """The first offset at which two unequal strings of bytes differ."""
    low, high = 0, len(left)
    while high - low > 1:
        middle = (low + high) // 2
        if right[low:middle] == left[low:middle]:
            low = middle
        else:
            high = middle
    return low


class StateFile:
    """An open state file with a header that can be believed; use it as a context manager.

    A file that is replaced or removed meanwhile stays as it was while it is open here. Everything is
    read, and so summed, before it is mapped: a fault of the disk is an OSError then, not a signal.
    """

    def __init__(self, path: Path) -> None:
        """Raises StateFileError, OSError."""
        # For writing only since ctypes takes no pointer into memory that can't be written.
        self._file = _open(path, os.O_RDWR)
        try:
            self.header, self._body = _read_header(self._file)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> StateFile:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    @property
    def _state_at(self) -> int:
        return self._body + self.header.body_bytes - self.header.state_bytes

    def tokens(self) -> array.array[int]:
        """The token ids, checked. Raises StateFileError, OSError."""
        self._file.seek(self._body)
        tokens = array.array("i", _read(self._file, 4 * self.header.n_tokens))
        tokens = little_endian(tokens)
        if branch_key(self.header.identity, tokens) != self.header.branch:
            raise StateFileError("its tokens are altered")
        return tokens

    def checkpoints(self, room: int, stopped: Callable[[], bool]) -> list[Checkpoint]:
        """The last checkpoints that fit `room` bytes, all of them checked. Raises as `check_state`."""
        marks = self.header.marks
        total, first = 0, len(marks)
        while first and total + marks[first - 1].n_bytes <= room:
            first -= 1
            total += marks[first].n_bytes
        found = []
        self._file.seek(self._body + 4 * self.header.n_tokens)
        for index, mark in enumerate(marks):
            if index < first:
                self._check(mark.n_bytes, mark.place, mark.checksum, stopped)
                continue
            data = _read(self._file, mark.n_bytes)
            summed = hasher(mark.place)
            summed.update(data)
            if summed.hexdigest() != mark.checksum:
                raise StateFileError("a checkpoint is altered")
            found.append(Checkpoint(mark.position, mark.kind, data))
        return found

    def check_state(self, stopped: Callable[[], bool]) -> None:
        """Sum the full state. Raises StateFileError, OSError, Stopped."""
        self._file.seek(self._state_at)
        self._check(self.header.state_bytes, self.header.place, self.header.state_checksum, stopped)

    def _check(self, size: int, place: str, expected: str, stopped: Callable[[], bool]) -> None:
        summed = hasher(place)
        buffer = memoryview(bytearray(min(size, _CHUNK)))
        while size > 0:
            if stopped():
                raise Stopped
            count = self._file.readinto(buffer[: min(size, _CHUNK)])
            if not count:
                raise StateFileError("it is cut short")
            summed.update(buffer[:count])
            size -= count
        if summed.hexdigest() != expected:
            raise StateFileError("the state is altered")

    def give_state(self, take: Callable[[StateBytes], int]) -> int:
        """Call `take` with the full state, mapped; it is valid during the call. Only after `check_state`.

        Returns what `take` returns. Raises StateFileError, OSError.
        """
        size = self.header.state_bytes
        if os.fstat(self._file.fileno()).st_size != self._state_at + size:
            raise StateFileError("it is cut short")
        with mmap.mmap(self._file.fileno(), self._state_at + size) as mapped:
            populate(mapped, POPULATE_READ)
            state = (ctypes.c_uint8 * size).from_buffer(mapped, self._state_at)
            try:
                return take(state)
            finally:
                # A map with pointers into it cannot be closed.
                del state
