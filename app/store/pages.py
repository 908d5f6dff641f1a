"""The rows of a damaged database, read from its pages without SQLite.

The layout is that of https://www.sqlite.org/fileformat2.html: pages of one size; a table's rows stand
in leaf pages (first byte 13) as cells of length, row number and record; what does not fit goes on
in a chain of overflow pages. Nothing a page says is believed beyond its bounds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from app.store.log import read_log

SIZES = (4096, 1024, 2048, 8192, 16384, 32768, 65536, 512)
_LEAF = 13
_MOST_COLUMNS = 64

Value = int | float | str | bytes | None


@dataclass(frozen=True)
class Row:
    """A row of some table. `whole` is False where the end of its last value is missing."""

    number: int
    values: tuple[Value, ...]
    whole: bool


class Pages:
    """The pages of a database with what its log has committed on top; closed by `with`."""

    def __init__(self, path: Path, size: int) -> None:
        self.size = size
        self._file = path.open("rb") if path.exists() else None
        length = path.stat().st_size if self._file else 0
        # A page that is cut off is filled up with zeros.
        self.count = -(-length // size)
        log = path.with_name(path.name + "-wal")
        self._log = log.read_bytes() if log.exists() else b""
        self._overlaid = read_log(self._log, size).committed
        self.count = max(self.count, max(self._overlaid, default=0))
        self._budget = 4 * self.count + 1000

    def __enter__(self) -> Pages:
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def page(self, number: int) -> bytes:
        """A page by its number, which begins at 1."""
        if number in self._overlaid:
            start = self._overlaid[number]
            return self._log[start : start + self.size]
        if self._file is None:
            return bytes(self.size)
        self._file.seek((number - 1) * self.size)
        return self._file.read(self.size).ljust(self.size, b"\0")

    def rows(self, mark: bytes, sure: bool) -> Iterator[Row]:
        """The rows of all tables whose second column begins with `mark`.

        Either the sure ones, whose pages are sound, or those that can be made out on other pages.
        """
        for number in range(1, self.count + 1):
            page = self.page(number)
            if mark in page:
                header = 100 if number == 1 else 0
                starts = self._cells(page, header)
                if (starts is not None) == sure:
                    if starts is None:
                        starts = tuple(sorted(_starts(page, header + 8, mark)))
                    for start in starts:
                        if (row := self._row(page, start, mark)) is not None:
                            yield row

    def _cells(self, page: bytes, header: int) -> tuple[int, ...] | None:
        """Where the cells of a leaf begin; None where the page cannot be believed."""
        cells = int.from_bytes(page[header + 3 : header + 5], "big")
        first = header + 8
        if page[header] != _LEAF or first + 2 * cells > self.size:
            return None
        starts = struct.unpack_from(f">{cells}H", page, first)
        before = 0
        for start in starts:
            length, at = varint(page, start)
            number, at = varint(page, at)
            if not (first + 2 * cells <= start and before < number < 2**63):
                return None
            if at + self._local(length) + (4 if self._local(length) < length else 0) > self.size:
                return None
            before = number
        return starts

    def _row(self, page: bytes, start: int, mark: bytes) -> Row | None:
        length, at = varint(page, start)
        number, at = varint(page, at)
        if length < 4 or not 0 < number < 2**63 or mark not in page[at : at + 256]:
            return None
        payload = self._payload(page, at, length)
        values = record(payload, length)
        return None if values is None else Row(number, values, len(payload) == length)

    def _payload(self, page: bytes, at: int, length: int) -> bytes:
        """The record of a cell with what stands in overflow pages, as far as they can be followed."""
        local = self._local(length)
        if local == length:
            return page[at : at + length]
        pieces = [page[at : at + local]]
        missing = length - local
        following = int.from_bytes(page[at + local : at + local + 4], "big")
        seen: set[int] = set()
        while missing > 0 and 0 < following <= self.count and following not in seen and self._budget > 0:
            seen.add(following)
            self._budget -= 1
            more = self.page(following)
            piece = more[4 : 4 + missing]
            pieces.append(piece)
            missing -= len(piece)
            following = int.from_bytes(more[:4], "big")
        return b"".join(pieces)

    def _local(self, length: int) -> int:
        """How much of a record stands on the leaf page itself."""
        if length <= self.size - 35:
            return length
        least = (self.size - 12) * 32 // 255 - 23
        fitting = least + (length - least) % (self.size - 4)
        return fitting if fitting <= self.size - 35 else least


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes and the place behind it; beyond the end there are zeros."""
    value = 0
    for place in range(at, at + 8):
        byte = data[place] if place < len(data) else 0
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    return value << 8 | (data[at + 8] if at + 8 < len(data) else 0), at + 9


def record(payload: bytes, length: int) -> tuple[Value, ...] | None:
    """The values of a record of `length` bytes, of which a beginning is there; None if it is none."""
    end, at = varint(payload, 0)
    if end > min(length, len(payload), 9 * _MOST_COLUMNS):
        return None
    kinds = []
    while at < end:
        kind, at = varint(payload, at)
        kinds.append(kind)
    sizes = [_size(kind) for kind in kinds]
    if at != end or not 2 < len(kinds) <= _MOST_COLUMNS or sum(sizes) != length - end:
        return None
    values: list[Value] = []
    for place, (kind, size) in enumerate(zip(kinds, sizes, strict=True)):
        if at + size > len(payload) and (place < len(kinds) - 1 or kind < 13 or kind % 2 == 0):
            return None
        there = payload[at : at + size]
        # A page that is lost reads as zeros.
        values.append(_value(kind, there if at + size <= len(payload) else there.rstrip(b"\0")))
        at += size
    return tuple(values)


def _size(kind: int) -> int:
    return (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 2**62, 2**62)[kind] if kind < 12 else (kind - 12) // 2


def _value(kind: int, data: bytes) -> Value:
    if kind == 0:
        return None
    if kind < 7:
        return int.from_bytes(data, "big", signed=True)
    if kind == 7:
        return float(struct.unpack(">d", data)[0])
    if kind < 10:
        return kind - 8
    # At the end of what is there a character may be cut in two.
    return data.decode("utf-8", "replace") if kind % 2 else data


def _starts(page: bytes, first: int, mark: bytes) -> set[int]:
    """Where cells may begin on a page that is not to be believed, by the marks on it.

    A record's header tells its own length and ends where the mark stands, since the first column is
    empty; before it are length and row number.
    """
    starts: set[int] = set()
    found = page.find(mark)
    while found >= 0:
        for begin in range(max(first, found - 2 - _MOST_COLUMNS), found - 3):
            if page[begin] == found - begin and page[begin + 1] == 0:
                for start in range(max(first, begin - 18), begin - 1):
                    length, at = varint(page, start)
                    _, at = varint(page, at)
                    if at == begin and found - begin <= length <= 2**31:
                        starts.add(start)
        found = page.find(mark, found + 1)
    return starts
