"""A selection over the whole conversation as (row, offset) pairs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ui.chat.model import ANSWER, REASONING, ConversationModel, Ref, Row

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

    def word(self, ref: Ref, offset: int, plain: str) -> None:
        """Select the word around an offset."""
        for match in _WORD.finditer(plain, plain.rfind("\n", 0, offset) + 1):
            if match.end() > offset:
                self._anchor, self._head = (ref, match.start()), (ref, match.end())
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

    def text(self, plain_of: Callable[[Row], str]) -> str:
        """What copying gives: Markdown source for whole blocks, plain text inside a block."""
        ends = self._ends()
        if ends is None:
            return ""
        (first, _), (last, _) = ends
        parts: list[str] = []
        before: Row | None = None
        for ref in self._model.walk(first):
            if ref > last:
                break
            if ref.section not in {ANSWER, REASONING}:
                continue
            row = self._model.row(ref)
            text = self._row_text(ref, row, plain_of, ref in {first, last})
            if text:
                parts += [_separator(before, row), text]
                before = row
        return "".join(parts)

    def _row_text(self, ref: Ref, row: Row, plain_of: Callable[[Row], str], at_end: bool) -> str:
        if not at_end:
            return row.block.source
        plain = plain_of(row)
        chosen = self.range_in(ref, len(plain))
        if chosen is None:
            return row.block.source if not plain else ""
        if chosen == (0, len(plain)):
            return row.block.source
        return plain[chosen[0] : chosen[1]]


def _separator(before: Row | None, row: Row) -> str:
    if before is None:
        return ""
    if before.message is not row.message or before.section != row.section:
        return "\n\n"
    gap = row.block.start - before.block.start - len(before.block.source)
    return "\n" * max(0, min(gap, 2))
