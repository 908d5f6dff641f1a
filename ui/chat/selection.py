"""A selection over the whole conversation as (row, offset) pairs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from app.render.blocks import normalise
from ui.chat.items import Item
from ui.chat.message import ANSWER, FOOTER, REASONING, SECTIONS, Message, Ref, Row
from ui.chat.model import ConversationModel
from ui.chat.thought import is_open
from ui.direction import whole_word

Position = tuple[Ref, int]
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

    def _ends(self) -> tuple[Position, Position] | None:
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

    def text(self, item_of: Callable[[Row], Item]) -> str:
        """What copying gives: Markdown source for whole blocks, plain text inside a block."""
        ends = self._ends()
        if ends is None:
            return ""
        first, last = ends[0][0], ends[1][0]
        texts = [self._rows_text(first, min(last, Ref(first.message, SECTIONS, 0)), item_of)]
        if last.message > first.message:
            texts += [_whole_text(m) for m in self._model.messages[first.message + 1 : last.message]]
            start = self._model.first_of(last.message)
            texts.append(self._rows_text(start, last, item_of) if start is not None else "")
        return "\n\n".join(text for text in texts if text)

    def _rows_text(self, start: Ref, last: Ref, item_of: Callable[[Row], Item]) -> str:
        """Selected text of the rows from `start` to `last`, which are of one message."""
        parts: list[str] = []
        before: Row | None = None
        # a growing answer may have taken the row back that the selection began in
        ref = start if self._model.has(start) else self._model.step(start, 1)
        while ref is not None and ref <= last:
            if ref.section in {ANSWER, REASONING}:
                row = self._model.row(ref)
                text = self._row_text(ref, row, item_of)
                if text:
                    parts += [_separator(before, row), text]
                    before = row
            # not beyond the message: a step over its end would parse the next one
            ref = self._model.step(ref, 1) if ref < last and ref.section != FOOTER else None
        return "".join(parts)

    def _row_text(self, ref: Ref, row: Row, item_of: Callable[[Row], Item]) -> str:
        ends = self._ends()
        if ends is None or ref not in {ends[0][0], ends[1][0]}:
            return row.block.source
        item = item_of(row)
        plain = item.plain
        chosen = self.range_in(ref, len(plain))
        if chosen is None:
            return row.block.source if not plain else ""
        chosen = item.whole(*chosen)
        if chosen == (0, len(plain)):
            return row.block.source
        return plain[chosen[0] : chosen[1]]


def _whole_text(message: Message) -> str:
    """All that is not folded away, without parsing any of it."""
    texts = [message.given(ANSWER)]
    if is_open(message):
        texts.insert(0, message.given(REASONING))
    return "\n\n".join(text for text in (normalise(text).strip("\n") for text in texts) if text)


def _separator(before: Row | None, row: Row) -> str:
    if before is None:
        return ""
    if before.message is not row.message or before.section != row.section:
        return "\n\n"
    gap = row.block.start - before.block.start - len(before.block.source)
    return "\n" * max(0, min(gap, 2))
