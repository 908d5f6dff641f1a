"""Selecting with the keyboard: Shift and the arrows, with Ctrl by words, Home and End by blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent

from ui.chat.items import Item
from ui.chat.message import Ref
from ui.chat.selection import Position

if TYPE_CHECKING:
    from ui.chat.view import ChatView

_SIDES: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_LINES: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_ENDS: Final = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: 1}
_EDGE: Final = re.compile(r"\b(?=\w)|$")
_REACH: Final = 2000  # rows without text that are passed


class KeySelection:
    """Moves the end of one ChatView's selection; without one it begins at the top of the screen."""

    def __init__(self, view: ChatView) -> None:
        self._view = view
        self._across: float | None = None  # px from the left that the end keeps on its way over lines

    def press(self, event: QKeyEvent) -> bool:
        """A key; False if it selects nothing."""
        key, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        words = held == Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        known = key in _SIDES or (not words and (key in _LINES or key in _ENDS))
        if not known or not (words or held == Qt.KeyboardModifier.ShiftModifier):
            return False
        head = self._head()
        if head is None:
            return False
        if key in _SIDES:
            self._go(self._beside(head, _SIDES[key], words))
        elif key in _LINES:
            self._go(self._next_line(head, _LINES[key]), across=True)
        else:
            self._go((head[0], len(self._item(head[0]).plain) if _ENDS[key] else 0))
        return True

    def _head(self) -> Position | None:
        view = self._view
        head = view.selection.head
        if head is not None and view.model.has(head[0]):
            return head[0], min(head[1], len(self._item(head[0]).plain))
        first = next((placed.ref for placed in view.placer.rows if placed.item.plain and placed.y >= 0), None)
        if first is not None:
            view.selection.start((first, 0))
        return (first, 0) if first is not None else None

    def _item(self, ref: Ref) -> Item:
        return self._view.placer.measure(ref)

    def _go(self, to: Position | None, across: bool = False) -> None:
        if not across:
            self._across = None
        if to is None:
            return
        view = self._view
        view.selection.extend(to)
        rect = self._rect(to)
        view.placer.reveal(to[0], int(rect.top()), int(rect.bottom()), view.viewport().height())
        view.arrange()
        view.note_place()

    def _rect(self, at: Position) -> QRectF:
        """Where the character at, or before, a place stands in its row."""
        item, offset = self._item(at[0]), at[1]
        behind = item.rects(offset, offset + 1)
        if behind:
            return QRectF(behind[0].left(), behind[0].top(), 0, behind[0].height())
        before = item.rects(offset - 1, offset) if offset else []
        if before:
            return QRectF(before[-1].right(), before[-1].top(), 0, before[-1].height())
        return QRectF(item.left, item.gap, 0, max(1, item.height - item.gap))

    def _beside(self, at: Position, way: int, words: bool) -> Position | None:
        ref, offset = at
        item = self._item(ref)
        if not 0 <= offset + way <= len(item.plain):
            return self._row(ref, way)
        if words:
            offset = _word_edge(item.plain, offset, way)
        else:
            offset += way
        whole = item.whole(offset - 1, offset) if way > 0 else item.whole(offset, offset + 1)
        return ref, whole[1] if way > 0 else whole[0]  # a formula is passed in one step

    def _row(self, ref: Ref, way: int) -> Position | None:
        """The nearest end of the next row that has text."""
        found = self._view.model.step(ref, way)
        for _ in range(_REACH):
            if found is None:
                return None
            item = self._item(found)
            if item.plain:
                return found, 0 if way > 0 else len(item.plain)
            found = self._view.model.step(found, way)
        return None

    def _next_line(self, at: Position, way: int) -> Position | None:
        item, rect = self._item(at[0]), self._rect(at)
        if self._across is None:
            self._across = rect.left()
        y = rect.bottom() + rect.height() / 2 if way > 0 else rect.top() - rect.height() / 2
        first, last = self._rect((at[0], 0)), self._rect((at[0], len(item.plain)))
        if first.top() <= y <= last.bottom():
            offset = item.hit(self._across, y)
            if (offset - at[1]) * way > 0:
                return at[0], offset
        row = self._row(at[0], way)
        if row is None:
            return at[0], len(item.plain) if way > 0 else 0
        return row[0], self._item(row[0]).hit(self._across, self._rect(row).center().y())


def _word_edge(plain: str, offset: int, way: int) -> int:
    if way > 0:
        found = _EDGE.search(plain, offset + 1)
        return found.start() if found else len(plain)
    edges = [match.start() for match in _EDGE.finditer(plain, max(0, offset - 2000), offset)]
    return max((edge for edge in edges if edge < offset), default=0)
