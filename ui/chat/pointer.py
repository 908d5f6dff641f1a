"""What the mouse does in the conversation: select, click, hover, scroll sideways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QCursor, QHelpEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip

from app.language import tr
from ui.chat.inline_math import Hint, formula_tip
from ui.chat.items import ICONS, Spot
from ui.chat.links import link_tip, note_tip
from ui.chat.menu import open_menu
from ui.chat.message import Ref
from ui.chat.placing import Placed
from ui.chat.scrolled import ScrolledItem
from ui.chat.selection import Position
from ui.words import tip

if TYPE_CHECKING:
    from ui.chat.view import ChatView


class Pointer(QObject):
    """State of the mouse over one ChatView."""

    def __init__(self, view: ChatView) -> None:
        super().__init__(view)
        self.setObjectName("chat_pointer")
        self._view = view
        self.hot: tuple[Ref, Spot] | None = None
        self.message = -1  # index of the message under the pointer
        self._pressed: tuple[Ref, Spot] | None = None
        self._selecting = False
        self._bar: tuple[ScrolledItem, float, int] | None = None
        self._last = QPointF()
        self._doubled = QElapsedTimer()
        self._edge = QTimer(self)
        self._edge.setObjectName("edge_scroll_timer")
        self._edge.setInterval(30)
        self._edge.timeout.connect(self._on_edge)

    def reset(self) -> None:
        """What was under the pointer may be gone."""
        self.hot, self._pressed, self._bar = None, None, None
        self.message, self._selecting = -1, False
        self._edge.stop()

    def look_again(self) -> None:
        """Something else may be under the pointer now."""
        port = self._view.viewport()
        if port.underMouse() and not self._selecting:
            self._last = QPointF(port.mapFromGlobal(QCursor.pos()))
            self._hover()

    def handle(self, event: QEvent) -> bool:
        """An event of the viewport; True if it is done with."""
        kind = event.type()
        if isinstance(event, QMouseEvent):
            if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._press(event)
                return True
            if kind == QEvent.Type.MouseButtonDblClick and event.button() == Qt.MouseButton.LeftButton:
                self._double(event)
                return True
            if kind == QEvent.Type.MouseMove:
                self._move(event)
                return True
            if kind == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
                self._release(event)
                return True
        elif isinstance(event, QWheelEvent):
            return self._wheel(event)
        elif isinstance(event, QHelpEvent) and kind == QEvent.Type.ToolTip:
            return self._tooltip(event)
        elif isinstance(event, QContextMenuEvent):
            point = QPointF(event.pos())
            placed, hot = self._view.placer.placed_at(point.y()), self.spot_at(point)
            spot, hint = hot[1] if hot else None, self._hint_at(point)
            formula = hint.source if hint is not None else ""
            open_menu(self._view, placed.ref if placed else None, spot, event.globalPos(), formula)
            return True
        elif kind == QEvent.Type.Leave:
            self.hot, self.message = None, -1
            self._view.link_target.refresh()
            self._view.viewport().update()
        return False

    # -- finding -------------------------------------------------------------------------------------------

    def _within(self, point: QPointF) -> tuple[Placed, float, float] | None:
        placed = self._view.placer.placed_at(point.y())
        if placed is None:
            return None
        return placed, point.x() - self._view.column()[0], point.y() - placed.y

    def spot_at(self, point: QPointF) -> tuple[Ref, Spot] | None:
        """What can be clicked at a point of the viewport."""
        found = self._within(point)
        if found is None:
            return None
        placed, x, y = found
        for spot in placed.item.spots():
            if spot.rect.contains(x, y):
                return placed.ref, spot
        return None

    def position_at(self, point: QPointF) -> Position | None:
        """The text position nearest to a point of the viewport."""
        found = self._within(point)
        if found is None:
            return None
        placed, x, y = found
        if y >= placed.item.height:
            return placed.ref, len(placed.item.plain)
        return placed.ref, min(placed.item.hit(x, y), len(placed.item.plain))

    def _hint_at(self, point: QPointF) -> Hint | None:
        found = self._within(point)
        return found[0].item.hint_at(found[1], found[2]) if found is not None else None

    def _bar_at(self, point: QPointF) -> tuple[ScrolledItem, float, int] | None:
        found = self._within(point)
        if found is None or not isinstance(found[0].item, ScrolledItem):
            return None
        item = found[0].item
        return (item, point.x(), item.offset) if item.bar_zone().contains(found[1], found[2]) else None

    # -- buttons -------------------------------------------------------------------------------------------

    def _press(self, event: QMouseEvent) -> None:
        point = event.position()
        view = self._view
        view.setFocus(Qt.FocusReason.MouseFocusReason)
        view.navigator.clear()
        if self._is_third(point):
            self._select_block(point)
            return
        self._pressed = self.spot_at(point)
        self._bar = None if self._pressed else self._bar_at(point)
        if self._bar is None and (self._pressed is None or self._pressed[1].kind in {"link", "note"}):
            position = self.position_at(point)
            if position is not None:
                if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and view.selection.begun:
                    view.selection.extend(position)
                else:
                    view.selection.start(position)
                self._selecting = True
        view.viewport().update()

    def _is_third(self, point: QPointF) -> bool:
        """Whether a press follows a double click at the same place."""
        soon = self._doubled.isValid() and self._doubled.elapsed() < QApplication.doubleClickInterval()
        self._doubled.invalidate()
        near = (point - self._last).manhattanLength() < QApplication.startDragDistance()
        return soon and near and self.spot_at(point) is None

    def _select_block(self, point: QPointF) -> None:
        found = self._within(point)
        if found is not None:
            ref, item = found[0].ref, found[0].item
            self._view.selection.start((ref, 0))
            self._view.selection.extend((ref, len(item.plain)))
            self._view.viewport().update()

    def _double(self, event: QMouseEvent) -> None:
        self._doubled.start()
        self._last = event.position()
        position = self.position_at(event.position())
        if position is not None and self.spot_at(event.position()) is None:
            row = self._view.model.row(position[0])
            hint = self._hint_at(event.position())
            if hint is not None:
                self._view.selection.start((position[0], hint.start))
                self._view.selection.extend((position[0], hint.end))
            else:
                self._view.selection.word(*position, self._view.cache.item(row).plain)
            self._view.viewport().update()

    def _move(self, event: QMouseEvent) -> None:
        self._last = event.position()
        if self._bar is not None:
            item, start, offset = self._bar
            item.drag_to(self._last.x() - start, offset)
            self._view.viewport().update()
        elif self._selecting:
            self._extend()
            outside = not 0 <= self._last.y() < self._view.viewport().height()
            if outside and not self._edge.isActive():
                self._edge.start()
            elif not outside:
                self._edge.stop()
        else:
            self._hover()

    def _extend(self) -> None:
        position = self.position_at(self._last)
        if position is not None:
            self._view.selection.extend(position)
            self._view.viewport().update()

    def _on_edge(self) -> None:
        height = self._view.viewport().height()
        y = self._last.y()
        beyond = y if y < 0 else max(0.0, y - height + 1)
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() + round(beyond / 2))
        self._extend()

    def _hover(self) -> None:
        hot = self.spot_at(self._last)
        placed = self._view.placer.placed_at(self._last.y())
        message = placed.ref.message if placed else -1
        if (hot, message) != (self.hot, self.message):
            self.hot, self.message = hot, message
            self._view.link_target.refresh()
            self._view.viewport().update()
        shape = Qt.CursorShape.PointingHandCursor if hot else self._text_cursor()
        if self._view.viewport().cursor().shape() != shape:
            self._view.viewport().setCursor(shape)

    def _text_cursor(self) -> Qt.CursorShape:
        left, width = self._view.column()
        found = self._within(self._last)
        over = found is not None and found[0].item.plain and left <= self._last.x() <= left + width
        over = over and self._bar_at(self._last) is None
        return Qt.CursorShape.IBeamCursor if over else Qt.CursorShape.ArrowCursor

    def _release(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        dragged = self._selecting and bool(self._view.selection)
        self._selecting, self._bar = False, None
        self._edge.stop()
        self._view.doings.copier.offer_selection()
        if pressed is None or dragged:
            return
        now = self.spot_at(event.position())
        # the row may have been laid out anew since the press: compare what it does, not where it is
        if (
            now
            and now[0] == pressed[0]
            and (now[1].kind, now[1].value) == (pressed[1].kind, pressed[1].value)
        ):
            self._view.activate(*now)

    # -- wheel and tooltip ---------------------------------------------------------------------------------

    def _wheel(self, event: QWheelEvent) -> bool:
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
        sideways = abs(delta.x()) > abs(delta.y())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not sideways:
            amount = delta.y()
        elif sideways:
            amount = delta.x()
        else:
            return False
        found = self._within(event.position())
        if found is not None and found[0].item.scroll_by(-amount):
            self._view.viewport().update()
        event.accept()
        return True

    def _tooltip(self, event: QHelpEvent) -> bool:
        hot = self.spot_at(QPointF(event.pos()))
        if hot is None:
            hint = self._hint_at(QPointF(event.pos()))
            text = formula_tip(hint) if hint is not None else ""
            QToolTip.showText(event.globalPos(), text, self._view.viewport())
            return True
        text = tip(hot[1].name)
        if hot[1].kind == "link":  # not over the line that says the same
            text = link_tip(hot[1]) if self._view.link_target.cut else ""
        if hot[1].kind == "note":
            text = note_tip(self._view, *hot)
        if hot[1].kind == "document":
            text = tip(tr("Show the text of {name}", name=hot[1].name))
        if hot[1].kind in ("link", "note", "note_back", "document") or hot[1].kind in ICONS:
            QToolTip.showText(event.globalPos(), text, self._view.viewport())
        return True
