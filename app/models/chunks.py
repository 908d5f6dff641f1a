"""Reads a file forward in chunks, from a disk or over a network, within a budget."""

from __future__ import annotations

import struct
from collections.abc import Callable

from app.errors import ModelFileError
from app.language import mark, tr

#: Gives the bytes [first, end) of a file, or fewer where the file ends. Any thread.
ReadBytes = Callable[[int, int], bytes]

_FIRST_CHUNK, _LARGEST_CHUNK = 256 * 1024, 4 * 1024 * 1024
#: The largest headers of published models (256,000 tokens and as many merges) have some 15 MB.
MOST_HEADER_BYTES = 128 * 1024 * 1024

_CUT_OFF = mark("{name} is cut off: its header ends too soon.")
_AGAIN = mark("Download it again.")


def broken(message: str) -> ModelFileError:
    """The error for a file that a download may mend."""
    return ModelFileError(message, tr(_AGAIN))


class Chunks:
    """A position in a file that only moves forward. Keeps one chunk of at most 4 MiB.

    Attributes:
        at: the position, in bytes from the file's beginning.
        size: of the whole file in bytes, or None where it is not known.
        n_read: bytes that were asked for so far.
    """

    def __init__(self, name: str, read: ReadBytes, size: int | None) -> None:
        self.name, self.size = name, size
        self.n_read = 0
        self._read = read
        self._chunk, self._first = b"", 0
        self._offset = 0
        self._next = _FIRST_CHUNK

    @property
    def at(self) -> int:
        return self._first + self._offset

    def need(self, count: int) -> tuple[bytes, int]:
        """The chunk and the offset in it from where at least `count` bytes follow.

        Raises ModelFileError where the file ends before them or the budget is spent.
        """
        if len(self._chunk) - self._offset < count:
            self._fill(count)
        return self._chunk, self._offset

    def buffered(self) -> tuple[bytes, int]:
        """The chunk and the offset in it, with at least 8 bytes behind it."""
        return self.need(8)

    def move_to(self, offset: int) -> None:
        """Go to `offset` of the chunk that `buffered` gave; it may lie behind its end."""
        self.skip(offset - self._offset)

    def take(self, count: int) -> bytes:
        """The next `count` bytes. ModelFileError where there are fewer."""
        chunk, offset = self.need(count)
        self._offset = offset + count
        return chunk[offset : offset + count]

    def number(self, form: struct.Struct) -> int:
        """The next integer."""
        chunk, offset = self.need(form.size)
        self._offset = offset + form.size
        value: int = form.unpack_from(chunk, offset)[0]
        return value

    def skip(self, count: int) -> None:
        """Move on without reading what is not in the chunk. ModelFileError behind the end."""
        self._within(self.at + count)
        self._offset += count
        if self._offset > len(self._chunk):
            self._first, self._chunk, self._offset = self.at, b"", 0

    def _within(self, end: int) -> None:
        if self.size is not None and end > self.size:
            raise broken(tr(_CUT_OFF, name=self.name))
        if end > MOST_HEADER_BYTES:
            raise ModelFileError(
                tr("{name} has an absurdly large header.", name=self.name), tr("Choose another model.")
            )

    def _fill(self, count: int) -> None:
        """Replace the chunk by one that begins here and holds `count` bytes or more."""
        first = self.at
        self._within(first + count)
        end = first + max(count, self._next)
        self._next = min(2 * self._next, _LARGEST_CHUNK)
        if self.size is not None:
            end = min(end, self.size)
        kept = self._chunk[self._offset :]
        self._chunk, self._first, self._offset = kept + self._read(first + len(kept), end), first, 0
        self.n_read += end - first - len(kept)
        if len(self._chunk) < count:
            raise broken(tr(_CUT_OFF, name=self.name))
