"""What the keys do in the conversation: scroll, travel between places, use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication

from ui.chat.key_selection import KeySelection
from ui.chat.links import said
from ui.chat.menu import PLAIN_KEYS, build_menu, offer_formulas
from ui.chat.message import FOOTER, Ref
from ui.chat.placing import END_SPACE

if TYPE_CHECKING:
    from ui.chat.view import ChatView

_ARROWS: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_PAGES: Final = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
_SIDES: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_ENTER: Final = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}
_FULL_STOP: Final = {
    Qt.Key.Key_Period,
    Qt.Key.Key_Greater,
    Qt.Key.Key_Colon,
}  # with Shift, by keyboard layout
_TAB: Final = {Qt.FocusReason.TabFocusReason: 1, Qt.FocusReason.BacktabFocusReason: -1}


class Keyboard:
    """The keys of one ChatView."""

    def __init__(self, view: ChatView) -> None:
        self._view = view
        self.selecting = KeySelection(view)

    def press(self, event: QKeyEvent) -> bool:
        """A key; False if the conversation has no use for it."""
        view = self._view
        if event.matches(QKeySequence.StandardKey.Copy):
            view.copy_selection()
        elif QKeySequence(event.keyCombination()) == QKeySequence(PLAIN_KEYS):
            view.doings.copy_plain()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            view.select_all()
        elif self.selecting.press(event):
            pass
        elif self._is_quote(event):
            view.quote_selection()
        elif self._is_menu(event):
            self.menu()
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return self._travel(Qt.Key(event.key()))
        elif event.key() == Qt.Key.Key_Escape and view.selection:
            view.selection.clear()
            view.viewport().update()
        elif event.key() == Qt.Key.Key_Escape and view.finder.wanted:
            view.finder.left.emit()
        else:
            return self._use(Qt.Key(event.key())) or self._scroll(Qt.Key(event.key()))
        return True

    def _is_quote(self, event: QKeyEvent) -> bool:
        held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        return event.modifiers() & held == held and Qt.Key(event.key()) in _FULL_STOP

    def _is_menu(self, event: QKeyEvent) -> bool:
        shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        return event.key() == Qt.Key.Key_Menu or (event.key() == Qt.Key.Key_F10 and shift)

    def _use(self, key: Qt.Key) -> bool:
        """Keys for the place that has the keyboard."""
        view = self._view
        spot, place = view.navigator.spot(), view.navigator.place
        if spot is None or place is None:
            return False
        if key in _ENTER:
            view.activate(place[0], spot)
        elif key in _SIDES:
            if place[0].section == FOOTER or spot.kind == "document":
                view.navigator.step(_SIDES[key])
                self.show_spot()
            else:
                view.navigator.item().scroll_by(40 * _SIDES[key])
                view.viewport().update()
        else:
            return False
        return True

    def _travel(self, key: Qt.Key) -> bool:
        """To the next or previous row (arrows) or message (page keys), for reading it as a whole."""
        way = _ARROWS.get(key) or _PAGES.get(key)
        if way is None:
            return False
        ref = self._view.navigator.next_row(way, message=key in _PAGES)
        if ref is not None:
            self.read(ref)
        return True

    def read(self, ref: Ref) -> None:
        """Have the keyboard at a row as a whole, and the row on the screen."""
        view = self._view
        view.setFocus(Qt.FocusReason.OtherFocusReason)
        view.navigator.read(ref)
        height, item = view.viewport().height(), view.placer.measure(ref)
        view.placer.reveal(ref, item.gap, min(item.height, item.gap + height - 2 * END_SPACE), height)
        view.arrange()
        view.access.focus_moved()

    def _scroll(self, key: Qt.Key) -> bool:
        bar = self._view.verticalScrollBar()
        if key in _ARROWS:
            bar.setValue(bar.value() + _ARROWS[key] * 2 * bar.singleStep())
        elif key in _PAGES:
            bar.setValue(bar.value() + _PAGES[key] * (bar.pageStep() - 2 * bar.singleStep()))
        elif key == Qt.Key.Key_Home:
            for _ in range(9):  # there may be more above than anybody knew
                bar.setValue(0)
        elif key == Qt.Key.Key_End:
            self._view.scroll_to_end()
        else:
            return False
        return True

    def tab(self, forward: bool) -> bool:
        """To the next place that can be used; False if there is none."""
        if not self._view.hasFocus() or not self._view.navigator.move(1 if forward else -1):
            return False
        self.show_spot()
        return True

    def focus_in(self, event: QFocusEvent) -> None:
        """The keyboard came: with Tab, to the first place on the screen."""
        if event.reason() in _TAB:
            self._view.navigator.clear()
            if self._view.navigator.move(_TAB[event.reason()]):
                self.show_spot()

    def show_spot(self) -> None:
        """Bring the place that has the keyboard to the screen and say its name."""
        view = self._view
        spot, place = view.navigator.spot(), view.navigator.place
        if spot is None or place is None:
            return
        height = view.viewport().height()
        view.placer.reveal(place[0], int(spot.rect.top()), int(spot.rect.bottom()), height)
        view.setAccessibleDescription(said(spot))
        view.link_target.refresh()
        view.arrange()
        view.access.focus_moved()

    def menu(self) -> None:
        """The context menu at the keyboard's place, else at the first row on the screen."""
        view = self._view
        if QApplication.activePopupWidget() is not None or not view.placer.rows:
            return  # some platforms send a key press and an event of its own for one key
        spot = view.navigator.spot()
        ref: Ref = view.navigator.at() or view.placer.rows[0].ref
        found = next((placed for placed in view.placer.rows if placed.ref == ref), view.placer.rows[0])
        corner = spot.rect.bottomLeft().toPoint() if spot else QPoint(0, found.item.gap)
        at = QPoint(view.column()[0], found.y) + corner
        sources = [hint.source for placed in view.placer.rows for hint in placed.item.hints()]
        menu = build_menu(view, ref, spot)
        offer_formulas(menu, view, list(dict.fromkeys(sources)))
        menu.popup(view.viewport().mapToGlobal(at))
