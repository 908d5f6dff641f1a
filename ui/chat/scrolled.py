"""Rows wider than the column: they scroll sideways inside themselves, with a slim bar."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from ui.chat.items import Item
from ui.chat.message import CodeGroup, Row
from ui.chat.style import Style

BAR = 10  # px of height kept for the bar
REVEALED = 24  # px beside what is brought into view
INSET = 8  # px between the bar and the sides


class ScrolledItem(Item):
    """`view`, the window onto the content within the row, comes from sub-classes."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        self.group = row.group or CodeGroup()
        key = (width, style.serial)
        if self.group.layout_key != key:
            self.group.layout_key, self.group.width = key, 0
        self.view = QRectF()

    @property
    def overflow(self) -> int:
        """How far it can be scrolled, px."""
        return max(0, self.group.width - int(self.view.width()))

    @property
    def offset(self) -> int:
        """How far it is scrolled, px; pieces of one block go together."""
        return min(self.group.offset, self.overflow)

    def scroll_by(self, dx: int) -> bool:
        before = self.offset
        self.group.offset = max(0, min(before + dx, self.overflow))
        return self.group.offset != before

    def show_range(self, start: int, end: int) -> None:
        rects = self.rects(start, end)
        if not rects or not self.overflow:
            return
        left, right = rects[0].left() - REVEALED, rects[0].right() + REVEALED
        if left < self.view.left():
            self.scroll_by(int(left - self.view.left()))
        elif right > self.view.right():
            self.scroll_by(int(min(right - self.view.right(), left - self.view.left())) + 1)

    def bar(self) -> QRectF:
        """The bar's handle from the row's top left; empty if everything is seen."""
        if not self.overflow or not self.row.last_piece:
            return QRectF()
        track = self.view.width() - 2 * INSET
        length = max(32.0, track * self.view.width() / self.group.width)
        left = self.view.left() + INSET + (track - length) * self.offset / self.overflow
        return QRectF(left, self.view.bottom() - 8, length, 4)

    def bar_zone(self) -> QRectF:
        """Where pressing takes hold of the bar."""
        bar = self.bar()
        return QRectF(self.view.left(), bar.top() - 4, self.view.width(), 12) if bar.width() else bar

    def drag_to(self, dx: float, start_offset: int) -> None:
        """The handle was dragged `dx` px from where it was at `start_offset`."""
        room = self.view.width() - 2 * INSET - self.bar().width()
        if room > 0:
            self.group.offset = max(0, min(round(start_offset + dx * self.overflow / room), self.overflow))

    def paint_bar(self, painter: QPainter, x: float, y: float) -> None:
        """Draw the handle."""
        bar = self.bar()
        if bar.width():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            color = self.style.color("muted")
            color.setAlpha(130)
            painter.setBrush(color)
            painter.drawRoundedRect(bar.translated(x, y), 2, 2)
