"""What the keys do in a text that is read: plain ones scroll, with Shift they select."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

if TYPE_CHECKING:
    from ui.documents.text_pane import TextPane

_SIDES: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_ARROWS: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_PAGES: Final = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_ENDS: Final = (Qt.Key.Key_Home, Qt.Key.Key_End)
_OVERLAP: Final = 40  # px of a page that stay


class PaneKeys:
    """The keys of one TextPane."""

    def __init__(self, pane: TextPane) -> None:
        self._pane = pane

    def press(self, event: QKeyEvent) -> bool:
        """A key; False if the text has no use for it."""
        pane, key = self._pane, Qt.Key(event.key())
        if event.matches(QKeySequence.StandardKey.Copy):
            pane.copy_selection()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            pane.select_all()
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and key != Qt.Key.Key_Space:
            return self._extend(key, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        else:
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            return self._scroll(key, back=back)
        return True

    def _page(self) -> int:
        return max(_OVERLAP, self._pane.placer.height - _OVERLAP)

    def _scroll(self, key: Qt.Key, *, back: bool) -> bool:
        pane = self._pane
        if key in _ARROWS:
            pane.scroll_lines(_ARROWS[key])
        elif key in _PAGES:
            pane.scroll_by(_PAGES[key] * self._page())
        elif key == Qt.Key.Key_Space:
            pane.scroll_by(-self._page() if back else self._page())
        elif key in _ENDS:
            if key == Qt.Key.Key_Home:
                pane.placer.to_start()
            else:
                pane.placer.to_end()
                pane.placer.scroll_by(0)
            pane.moved()
        else:
            return False
        return True

    # ---- selecting ------------------------------------------------------------------------

    def _extend(self, key: Qt.Key, control: bool) -> bool:
        pane = self._pane
        if pane.anchor == pane.head == 0:
            # nobody has been anywhere yet: begin with what is seen
            top = pane.placer.top_offset()
            pane.select(top, top)
        if key in _SIDES:
            head = self._sideways(_SIDES[key] > 0, control)
        elif key in _ARROWS:
            head = self._below(_ARROWS[key] * 2)
        elif key in _PAGES:
            head = self._below(_PAGES[key] * self._page())
        elif key in _ENDS:
            head = self._line_end(key == Qt.Key.Key_Home, control)
        else:
            return False
        pane.select(pane.anchor, head)
        if pane.text:
            pane.placer.reveal(min(head, len(pane.text)))
        pane.moved()
        return True

    def _sideways(self, forward: bool, word: bool) -> int:
        pane = self._pane
        head, last = pane.head, len(pane.text)
        if not forward and head == 0:
            return 0
        start, end, layout = pane.placer.piece(head if forward else head - 1)
        if forward:
            step = layout.step(head - start, True, word)
            # behind the last character stands the line's end, then the next piece
            return min(last, start + step if start + step > head else max(end, head))
        if head - start > layout.length:
            return start + layout.length
        return start + layout.step(head - start, False, word)

    def _below(self, distance: int) -> int:
        """The place under (or over) the head: by a line for ±2, else by so many px."""
        pane = self._pane
        start, end, layout = pane.placer.piece(pane.head)
        place = layout.place(pane.head - start)
        line = abs(distance) == 2
        y = place.center().y()
        y += (place.height() if distance > 0 else -place.height()) if line else distance
        while y < 0 and start > 0:
            start, end, layout = pane.placer.piece(start - 1)
            y += layout.height
        while y >= layout.height and end < len(pane.text):
            y -= layout.height
            start, end, layout = pane.placer.piece(end)
        if y < 0:
            return 0
        if y >= layout.height:
            return len(pane.text)
        return start + layout.hit(place.x(), y)

    def _line_end(self, first: bool, whole: bool) -> int:
        pane = self._pane
        if whole:
            return 0 if first else len(pane.text)
        start, _, layout = pane.placer.piece(pane.head)
        line = layout.line_of(pane.head - start)
        return start + line[0 if first else 1]

    def word_at(self, offset: int) -> tuple[int, int]:
        """Start and end of the word around a place."""
        start, _, layout = self._pane.placer.piece(offset)
        local = offset - start
        end = layout.step(local, True, True)
        first = layout.step(end, False, True)
        text = self._pane.text[start + first : start + end]
        return start + first, start + first + max(len(text.rstrip()), 1 if text else 0)
