"""The matches of a search in one message, and how they are counted a few ms at a time."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterator, Sequence
from typing import Final

from app.render.blocks import Block
from app.render.plain import blocks_in_slices, own_start, plain_of
from app.render.search import Wanted
from ui.chat.message import ANSWER, REASONING, SECTIONS, Message, Row, Section

_CHUNK: Final = 65_536  # characters that are looked through in one go
_ROW_BITS: Final = 28


def place_key(section: int, row: int, start: int) -> int:
    """A place in a message as one number that grows in reading order."""
    return ((section << _ROW_BITS | row) << _ROW_BITS) | start


def key_place(key: int) -> tuple[int, int, int]:
    """Section, row and offset of a place."""
    mask = (1 << _ROW_BITS) - 1
    return key >> 2 * _ROW_BITS, (key >> _ROW_BITS) & mask, key & mask


class Tally:
    """Matches in reading order; `done` once all of the message's text was looked through."""

    __slots__ = ("_lengths", "_looks", "_taken", "done", "keys", "settled")

    def __init__(self) -> None:
        self.keys = array("q")
        self._lengths = array("I")
        self.done = False
        self.settled = False  # no more text will come
        self._looks: list[object] = [None] * SECTIONS  # of the sections' rows when they were counted
        self._taken = [0] * SECTIONS  # rows that will not change any more

    def __len__(self) -> int:
        return len(self.keys)

    def end(self, key: int) -> int:
        """Where the match that begins at a place ends in its row."""
        at = bisect_left(self.keys, key)
        return key_place(key)[2] + self._lengths[at]

    def has(self, key: int) -> bool:
        at = bisect_left(self.keys, key)
        return at < len(self.keys) and self.keys[at] == key

    def number(self, key: int) -> int:
        """How many matches begin up to a place."""
        return bisect_right(self.keys, key)

    def next(self, bound: int | None, forward: bool) -> int | None:
        """The first match at `bound` or behind it, or the last one before it; None bounds nothing."""
        if forward:
            at = 0 if bound is None else bisect_left(self.keys, bound)
        else:
            at = (len(self.keys) if bound is None else bisect_left(self.keys, bound)) - 1
        return self.keys[at] if 0 <= at < len(self.keys) else None

    def look(self, wanted: Wanted, block: Block, place: tuple[int, int], growing: bool = False) -> None:
        """Take the matches in a block, which is the last one so far; `place` is its section and row."""
        if block.text and not wanted.maybe(block.text):
            return  # most blocks: parsing what stands in them is what takes the time
        plain = plain_of(block, growing)
        least = own_start(block, plain)
        for start, end in wanted.find(plain):
            if start >= least:
                self.keys.append(place_key(*place, start))
                self._lengths.append(end - start)

    def _cut(self, section: int, row: int) -> None:
        at = bisect_left(self.keys, place_key(section, row, 0))
        del self.keys[at:], self._lengths[at:]
        for later in range(section + 1, SECTIONS):
            self._looks[later], self._taken[later] = None, 0

    def count(self, wanted: Wanted, message: Message) -> Iterator[None]:
        """Bring it up to date with a message; rests after each few ms of work."""
        settled = message.finished
        for number in (REASONING, ANSWER) if message.role == "assistant" else (ANSWER,):
            if message.lazy or message.sections[number].waiting:
                self._cut(number, 0)
                yield from self._text(wanted, message, number)
            elif message.sections[number].rows or self._taken[number]:
                yield from self._rows(wanted, message.sections[number], number)
        self.done, self.settled = True, settled

    def _text(self, wanted: Wanted, message: Message, number: int) -> Iterator[None]:
        """A text that nobody has parsed: its rows will be these very blocks."""
        text, row = message.given(number), 0
        if not (yield from _worth(wanted, text)):
            return
        for blocks in blocks_in_slices(text, message.role == "assistant"):
            for block in blocks:
                self.look(wanted, block, (number, row))
                row += 1
                yield
            yield

    def _rows(self, wanted: Wanted, section: Section, number: int) -> Iterator[None]:
        seen, closed = _seen(section), section.closed
        if self._looks[number] == seen:
            return
        before = self._looks[number]
        same = isinstance(before, tuple) and before[0] is section
        row = min(self._taken[number], closed) if same else 0
        self._cut(number, row)
        rows: Sequence[Row] = section.rows
        while row < len(rows):
            self.look(wanted, rows[row].block, (number, row), rows[row].open)
            row += 1
            yield
        self._looks[number], self._taken[number] = seen, closed


def _seen(section: Section) -> tuple[Section, int, int, Block | None]:
    last = section.rows[-1].block if section.rows else None
    return section, len(section.rows), section.closed, last


def _worth(wanted: Wanted, text: str) -> Generator[None, None, bool]:
    """Whether there may be a match; a long text is looked through in parts that overlap."""
    overlap = 2 * len(wanted.query) + 2 * _CHUNK // 64
    for at in range(0, len(text), _CHUNK):
        if wanted.maybe(text[max(0, at - overlap) : at + _CHUNK]):
            return True
        yield
    return False
