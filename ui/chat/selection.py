"""A selection over the whole conversation as (row, offset) pairs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from app.render.blocks import Block, normalise
from app.render.plain import blocks_in_slices
from app.render.written import written
from ui.chat.items import Item
from ui.chat.message import ANSWER, FOOTER, REASONING, SECTIONS, Message, Ref, Row
from ui.chat.model import ConversationModel
from ui.chat.thought import is_open
from ui.direction import whole_word

Position = tuple[Ref, int]
Ends = tuple[Position, Position]
_END: Final = 1 << 60
_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]+")


class Selection:
    """Anchor and head; survives rows being added below it."""

    def __init__(self, model: ConversationModel) -> None:
        self._model = model
        self._anchor: Position | None = None
        self._head: Position | None = None

    def __bool__(self) -> bool:
        return self._anchor is not None and self._anchor != self._head

    @property
    def begun(self) -> bool:
        """Whether there is a place to select from."""
        return self._anchor is not None

    @property
    def head(self) -> Position | None:
        """The end that moves."""
        return self._head

    @property
    def in_one_row(self) -> bool:
        """Whether both ends are in the same row."""
        return self._anchor is not None and self._head is not None and self._anchor[0] == self._head[0]

    def clear(self) -> None:
        """Select nothing."""
        self._anchor = self._head = None

    def start(self, position: Position) -> None:
        """Begin at a place."""
        self._anchor = self._head = position

    def extend(self, position: Position) -> None:
        """Move the end that the pointer holds."""
        if self._anchor is not None:
            self._head = position

    def remap(self, moved: Callable[[Ref], Ref | None]) -> None:
        """Messages have changed their places: keep what is left of the selection, if both its ends are."""
        if self._anchor is None or self._head is None:
            return
        anchor, head = moved(self._anchor[0]), moved(self._head[0])
        if anchor is None or head is None:
            self.clear()
        else:
            self._anchor, self._head = (anchor, self._anchor[1]), (head, self._head[1])

    def word(self, ref: Ref, offset: int, plain: str) -> None:
        """Select the word around an offset."""
        for match in _WORD.finditer(plain, plain.rfind("\n", 0, offset) + 1):
            if match.end() > offset:
                start, end = whole_word(plain, match.start(), match.end())
                self._anchor, self._head = (ref, start), (ref, end)
                return

    def all(self) -> None:
        """Select everything that is not folded away."""
        first, last = self._model.first(), self._model.last()
        if first is not None and last is not None:
            self._anchor, self._head = (first, 0), (last, _END)

    def _ends(self) -> Ends | None:
        if self._anchor is None or self._head is None or self._anchor == self._head:
            return None
        low, high = sorted((self._anchor, self._head))
        return low, high

    def range_in(self, ref: Ref, length: int) -> tuple[int, int] | None:
        """The selected characters of a row with `length` of them."""
        ends = self._ends()
        if ends is None or not ends[0][0] <= ref <= ends[1][0]:
            return None
        start = ends[0][1] if ref == ends[0][0] else 0
        end = ends[1][1] if ref == ends[1][0] else length
        return (min(start, length), min(end, length)) if start < min(end, length) else None

    def text(self, item_of: Callable[[Row], Item], plain: bool = False) -> str:
        """What copying gives: see `parts`."""
        return "".join(self.parts(item_of, plain))

    def parts(self, item_of: Callable[[Row], Item], plain: bool = False) -> Iterator[str]:
        """What copying gives, piece by piece, a few ms of work at a time: Markdown source for whole blocks,
        plain text inside a block; all as plain text if `plain`."""
        ends = self._ends()
        between = ""
        for message in self._chosen(ends) if ends else ():
            assert ends is not None
            for part in self._message_parts(message, ends, item_of, plain):
                if part:
                    yield between + part
                    between = ""
                else:
                    yield ""
            between = "\n\n"

    def _chosen(self, ends: Ends) -> list[Message]:
        return self._model.messages[ends[0][0].message : ends[1][0].message + 1]

    def _message_parts(
        self, message: Message, ends: Ends, item_of: Callable[[Row], Item], plain: bool
    ) -> Iterator[str]:
        (first, start), (last, _) = ends
        index = message.index
        begins = first.message < index or (not start and first == self._model.first_of(index))
        if begins and (last.message > index or last.section == FOOTER):
            yield from whole_parts(message, plain)
            return
        at = first if first.message == index else self._model.first_of(index)
        if at is not None and at.message == index:
            yield from self._row_parts(at, min(last, Ref(index, SECTIONS, 0)), ends, (item_of, plain))

    def _row_parts(
        self, start: Ref, last: Ref, ends: Ends, how: tuple[Callable[[Row], Item], bool]
    ) -> Iterator[str]:
        """Selected text of the rows from `start` to `last`, which are of one message."""
        before: Row | None = None
        # a growing answer may have taken the row back that the selection began in
        ref = start if self._model.has(start) else self._model.step(start, 1)
        while ref is not None and ref <= last:
            text = ""
            if ref.section in {ANSWER, REASONING}:
                row = self._model.row(ref)
                text = self._row_text(ref, row, ends, how)
                if text:
                    text, before = _separator(before, row) + text, row
            yield text
            # not beyond the message: a step over its end would parse the next one
            ref = self._model.step(ref, 1) if ref < last and ref.section != FOOTER else None

    def _row_text(self, ref: Ref, row: Row, ends: Ends, how: tuple[Callable[[Row], Item], bool]) -> str:
        item_of, plain = how
        whole = written(row.block, row.open) if plain else row.block.source
        if ref not in {ends[0][0], ends[1][0]}:
            return whole
        item = item_of(row)
        length = len(item.plain)
        start = ends[0][1] if ref == ends[0][0] else 0
        end = min(ends[1][1] if ref == ends[1][0] else length, length)
        if start >= end:
            return whole if not length else ""
        start, end = item.whole(start, end)
        if (start, end) == (0, length):
            return whole
        return written(row.block, row.open, start, end) if plain else item.plain[start:end]


def whole_parts(message: Message, plain: bool) -> Iterator[str]:
    """All of a message that is not folded away, as it was given or as plain text; nothing is kept parsed."""
    between = ""
    for number in (REASONING, ANSWER) if is_open(message) else (ANSWER,):
        text = normalise(message.given(number)).strip("\n")
        for part in plain_parts(text, message.role == "assistant") if plain else (text,):
            if part:
                yield between + part
                between = ""
            else:
                yield ""
        between = "\n\n" if text else between


def plain_parts(text: str, markdown: bool) -> Iterator[str]:
    """A text as plain text, piece by piece."""
    before: Block | None = None
    for blocks in blocks_in_slices(text, markdown):
        for block in blocks:
            part = written(block)
            if part:
                part = _gap(before, block) + part
                before = block
            yield part
        yield ""


def _separator(before: Row | None, row: Row) -> str:
    if before is not None and (before.message is not row.message or before.section != row.section):
        return "\n\n"
    return _gap(before.block if before is not None else None, row.block)


def _gap(before: Block | None, block: Block) -> str:
    if before is None:
        return ""
    lines = block.start - before.start - len(before.source)
    return "\n" * max(0, min(lines, 2))
