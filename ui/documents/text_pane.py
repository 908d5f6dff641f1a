"""A text of any length to be read: only what is on the screen is laid out."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QWidget

from app.language import tr
from ui.accessible import provide
from ui.documents.copying import Copying
from ui.documents.finder import Finder
from ui.documents.pane_keys import PaneKeys
from ui.documents.placing import Placer
from ui.text_node import TextNode
from ui.theme import SPACE, ThemeManager
from ui.throttle import Throttle

_MARGIN: Final = SPACE[3]
_LINE: Final = 24  # px that one notch of an arrow key or a third of one of the wheel scrolls
_SAID_MS: Final = 300
_SAID: Final = 4000  # characters of the visible text that are handed to a screen reader
_EDGE_MS: Final = 30
_TAB: Final = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_END_MS: Final = 50


class TextPane(QAbstractScrollArea):
    """Plain text, soft wrapped, read only. It keeps no copy of the text."""

    selection_changed = Signal(bool)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        provide("TextPane", TextNode)
        self.setObjectName("text_pane")
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setObjectName("text_viewport")
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._theme = theme
        self._font = theme.font("reading", theme.reading.zoom)
        self.placer = Placer()
        self.finder = Finder(self)
        self.copying = Copying(self)
        self._keys = PaneKeys(self)
        self.anchor = self.head = 0
        self._selecting = self._syncing = self._matched = self._ring = False
        self._last = QPoint()
        self._said = Throttle(_SAID_MS, self)
        self._said.due.connect(self._say)
        self._measured = Throttle(_END_MS, self)
        self._measured.due.connect(self._on_measured)
        self._edge = QTimer(self)
        self._edge.setObjectName("text_edge_timer")
        self._edge.setInterval(_EDGE_MS)
        self._edge.timeout.connect(self._on_edge)
        bar = self.verticalScrollBar()
        bar.setObjectName("text_scroll_bar")
        bar.setAccessibleName(tr("Document scroll bar"))
        bar.valueChanged.connect(self._on_scrolled)
        self.finder.counted.connect(self._on_counted)
        theme.changed.connect(self._on_theme)
        theme.reading_changed.connect(self._on_reading)

    # ---- the text -------------------------------------------------------------------------

    def set_text(self, text: str) -> None:
        """Show another text from its start; "" lets go of it."""
        self.copying.cancel()
        self._edge.stop()
        self.anchor = self.head = 0
        self.placer.set_text(text)
        self.finder.set_text(text)
        self.selection_changed.emit(False)
        self._frame()

    @property
    def text(self) -> str:
        return self.placer.text

    def visible_text(self) -> str:
        """What is on the screen, by whole lines."""
        start, end = self.placer.seen()
        return self.text[start:end]

    # ---- selection ------------------------------------------------------------------------

    def selected(self) -> tuple[int, int]:
        """Start and end of the selection, the same where there is none."""
        return min(self.anchor, self.head), max(self.anchor, self.head)

    def select(self, anchor: int, head: int) -> None:
        """Select the characters between two places."""
        before = self.anchor != self.head
        self.anchor, self.head = anchor, head
        if before != (anchor != head):
            self.selection_changed.emit(anchor != head)
        self.viewport().update()

    def select_all(self) -> None:
        self.select(0, len(self.text))

    def copy_selection(self) -> None:
        """Put the selection on the clipboard; a long one is there a moment later."""
        start, end = self.selected()
        if start < end:
            self.copying.copy(self.text, start, end)

    def show_match(self, start: int, end: int) -> None:
        """Bring a found place to the screen, selected."""
        self.select(start, end)
        self.placer.reveal(start, 0.3)
        self.moved()

    # ---- the screen -----------------------------------------------------------------------

    def _frame(self) -> None:
        size = self.viewport().size()
        self.placer.set_frame(size.width() - 2 * _MARGIN, size.height() - 2 * SPACE[1], self._font)
        self.moved()

    def moved(self) -> None:
        """Bring the scroll bar in line and paint again."""
        bar = self.verticalScrollBar()
        maximum = self.placer.maximum()
        self._syncing = True
        bar.setRange(0, maximum)
        bar.setPageStep(max(1, len(self.text) * self.placer.scale - maximum))
        bar.setValue(maximum if self.placer.at_end else self.placer.value())
        self._syncing = False
        self._said.request()
        if not self.placer.end_known:
            self._measured.request()
        self.viewport().update()

    @Slot()
    def _on_measured(self) -> None:
        self.placer.measure_end()
        self.moved()

    def scroll_by(self, distance: int) -> None:
        """Down by px."""
        self.placer.scroll_by(distance)
        self.moved()

    def scroll_lines(self, lines: int) -> None:
        self.scroll_by(lines * _LINE)

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        if not self._syncing:
            self.placer.set_value(value)
            self._said.request()
            self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Pieces are placed by the placer, nothing is moved here."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._frame()

    @Slot()
    def _on_reading(self) -> None:
        self._font = self._theme.font("reading", self._theme.reading.zoom)
        self._frame()

    @Slot()
    def _on_theme(self) -> None:
        self.viewport().update()

    @Slot(int, bool)
    def _on_counted(self, total: int, whole: bool) -> None:
        if whole or self._matched != (total > 0):
            self._matched = total > 0
            self.viewport().update()

    def _say(self) -> None:
        """The visible text is what a screen reader has to say."""
        self.setAccessibleDescription(self.visible_text()[:_SAID])
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    # ---- painting -------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.color("surface"))
        painter.setPen(self._theme.color("text"))
        rows = self.placer.rows()
        first, last = self.selected()
        matches = self._matches()
        clip = QRectF(event.rect())
        found = self._theme.color("found")
        for start, end, y, layout in rows:
            at = QPointF(_MARGIN, y + SPACE[1])
            for match in matches:
                if match[0] < end and match[1] > start:
                    for ground in layout.grounds(max(0, match[0] - start), match[1] - start):
                        painter.fillRect(ground.translated(at), found)
            span = max(first, start) - start, min(last, end) - start
            layout.draw(painter, at, span, self._theme.color("selection"), clip)
        if self._ring and self.hasFocus():
            wide = round(self._theme.ring)
            painter.setPen(QPen(self._theme.color("accent"), wide))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -wide, -wide))

    def _matches(self) -> list[tuple[int, int]]:
        """What is found on the screen; what touches is one."""
        found: list[tuple[int, int]] = []
        for match in self.finder.near(*self.placer.seen()):
            if found and found[-1][1] == match[0]:
                found[-1] = found[-1][0], match[1]
            else:
                found.append(match)
        return found

    # ---- mouse ----------------------------------------------------------------------------

    def offset_at(self, point: QPointF | QPoint) -> int:
        """The place in the text nearest to a point of the viewport."""
        y = point.y() - SPACE[1]
        rows = self.placer.rows()
        row = next((one for one in rows if y < one.y + one.layout.height), rows[-1])
        return row.start + row.layout.hit(point.x() - _MARGIN, y - row.y)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = self.offset_at(event.position())
        extend = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self.select(self.anchor if extend else at, at)
        self._selecting = True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._selecting:
            return
        self._last = event.position().toPoint()
        self.select(self.anchor, self.offset_at(self._last))
        if 0 <= self._last.y() < self.viewport().height():
            self._edge.stop()
        elif not self._edge.isActive():
            self._edge.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._selecting = False
            self._edge.stop()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.select(*self._keys.word_at(self.offset_at(event.position())))

    @Slot()
    def _on_edge(self) -> None:
        y, height = self._last.y(), self.viewport().height()
        self.scroll_by(round((y if y < 0 else max(0, y - height + 1)) / 2))
        self.select(self.anchor, self.offset_at(self._last))

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.pixelDelta().y() or event.angleDelta().y() * 3 * _LINE // 120
        self.scroll_by(-delta)
        event.accept()

    # ---- keys and the menu ----------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._ring = event.reason() in _TAB  # whoever comes with the keyboard wants to know where he is
        self._said.request()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QContextMenuEvent):
            self.make_menu().popup(event.globalPos())
            return True
        return super().viewportEvent(event)

    def make_menu(self) -> QMenu:
        """Copy and select all. The menu deletes itself when it closes."""
        menu = QMenu(self)
        menu.setObjectName("text_menu")
        menu.setAccessibleName(tr("Document text menu"))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(tr("Copy"), self.copy_selection)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setEnabled(self.anchor != self.head)
        select = menu.addAction(tr("Select all"), self.select_all)
        select.setShortcut(QKeySequence.StandardKey.SelectAll)
        return menu
