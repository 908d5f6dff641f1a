"""The log beside the database (the -wal file), read without SQLite.

SQLite stops at the first frame that is damaged and forgets all that was committed after it. Here such
frames are passed over: each frame's checksum begins with the one stored in the frame before, so that
those behind a damaged one can be verified as well. The layout is that of
https://www.sqlite.org/fileformat2.html#walformat.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_HEAD, _FRAME = 32, 24
_MAGIC = 0x377F0682

Sums = tuple[int, int]


@dataclass(frozen=True)
class Log:
    """What a log has.

    Attributes:
        committed: where in the log the last committed version of each page is.
        damaged: whether something is unreadable that was on the disk once, so that SQLite would
            forget commits. The torn end that a power failure may leave is none.
    """

    committed: dict[int, int] = field(default_factory=dict)
    damaged: bool = False


class _Frame(NamedTuple):
    valid: bool
    page: int
    commit: int
    place: int


def read_log(log: bytes, size: int) -> Log:
    """The committed pages of a log; `size` is that of a page, in bytes."""
    if len(log) <= _HEAD:
        return Log()
    magic, _version, page_size, _number, *salts, first, second = struct.unpack(">8I", log[:_HEAD])
    order = ">" if magic & 1 else "<"
    head = log[: _HEAD - 8]
    if magic & ~1 == _MAGIC and page_size == size and _checksum(head, (0, 0), order) == (first, second):
        return _replay(_frames(log, size, salts, (first, second), order))
    # The header is damaged. The frames have its salts too, and what it says else can be tried out.
    salts = list(struct.unpack(">2I", log[_HEAD + 8 : _HEAD + 16].ljust(8, b"\0")))
    tries = [_replay(_frames(log, size, salts, (first, second), order)) for order in "<>"]
    return Log(max((one.committed for one in tries), key=len), damaged=True)


def _frames(log: bytes, size: int, salts: list[int], sums: Sums, order: str) -> Iterator[_Frame]:
    for start in range(_HEAD, len(log) - size - _FRAME + 1, _FRAME + size):
        page, commit, salt, pepper, *stored = struct.unpack(">6I", log[start : start + _FRAME])
        place = start + _FRAME
        valid = [salt, pepper] == salts and page > 0
        if valid:
            found = _checksum(log[start : start + 8] + log[place : place + size], sums, order)
            valid = found == (stored[0], stored[1])
        yield _Frame(valid, page, commit, place)
        sums = stored[0], stored[1]


def _replay(frames: Iterator[_Frame]) -> Log:
    """Gather the frames of each commit. One with a damaged frame counts when another came after it:
    only then was it wholly on the disk once."""
    committed: dict[int, int] = {}
    pending: dict[int, int] = {}
    unproved: dict[int, int] | None = None
    broken = damaged = False
    for frame in frames:
        if not frame.valid:
            broken = True
            continue
        if unproved is not None:
            committed |= unproved
            unproved, damaged = None, True
        pending[frame.page] = frame.place
        if frame.commit:
            if broken:
                unproved = pending
            else:
                committed |= pending
                committed = {page: place for page, place in committed.items() if page <= frame.commit}
            pending, broken = {}, False
    return Log(committed, damaged)


def _checksum(data: bytes, sums: Sums, order: str) -> Sums:
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
