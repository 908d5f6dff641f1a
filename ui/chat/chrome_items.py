"""Rows around the text: the thought's header and the status line; see footer_item.py for the footer."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from app.language import tr
from ui.chat.items import Item, Look, Spot, focus_ring
from ui.chat.message import FOOTER, REASONING, Row
from ui.chat.style import Style
from ui.chat.thought import header_text


def draw_line(painter: QPainter, place: QRectF, text: str) -> None:
    """One line of text, elided if the place is too narrow."""
    fitting = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()) + 1)
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, fitting)


class ThoughtItem(Item):
    """A quiet line that opens and folds the thought below it."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        self.height += style.px(28)
        self.text = self.label = header_text(row.message.thought)
        self._open = row.message.sections[REASONING].visible
        self._can_open = row.message.sections[REASONING].filled
        text_width = QFontMetricsF(style.thought).horizontalAdvance(self.text)
        self._rect = QRectF(-style.px(4), self.gap, text_width + style.px(34), style.px(28))

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        style = self.style
        spot = self.spots()[0]
        hot = look.hot == spot and self._can_open
        color = "text" if hot else "muted"
        icon = "chevron-down" if self._open else "chevron-right"
        size = style.px(16)
        ratio = painter.device().devicePixelRatioF()
        middle = y + self._rect.center().y()
        pixmap = style.theme.pixmap(icon, color, size, ratio)
        painter.drawPixmap(QPointF(round(x - style.px(2)), round(middle - size / 2)), pixmap)
        painter.setFont(style.thought)
        painter.setPen(style.color(color))
        place = self._rect.translated(x, y).adjusted(style.px(24), 0, style.px(40), 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.text)
        if look.focus == spot:
            focus_ring(painter, self._rect.translated(x, y), style)

    def spots(self) -> list[Spot]:
        name = (
            tr("{header}, open", header=self.text) if self._open else tr("{header}, folded", header=self.text)
        )
        return [Spot("thought", self._rect, name)]


class StatusItem(Item):
    """What the engine does while there is no text yet, perhaps with how far it is."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        self._line = style.line(style.thought)
        self.label = row.message.status
        self.height += self._line
        if row.message.fraction is not None:
            self.height += style.px(12)

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:  # noqa: ARG002
        style, message = self.style, self.row.message
        painter.setFont(style.thought)
        painter.setPen(style.color("muted"))
        place = QRectF(x, y + self.gap, self.width, self._line)
        draw_line(painter, place, message.status)
        if message.fraction is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(x, place.bottom() + style.px(6), min(self.width, style.px(280)), 3)
        painter.setBrush(style.color("pressed"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        track.setWidth(track.width() * max(0.0, min(1.0, message.fraction)))
        painter.setBrush(style.color("accent"))
        painter.drawRoundedRect(track, 1.5, 1.5)


def paint_editing(painter: QPainter, item: Item, left: float, y: float) -> None:
    """A rule beside a row, at (left, y), of the message that is edited in the composer."""
    style, row = item.style, item.row
    if row.section == FOOTER:
        return
    top = y + (item.gap if row.previous is None else 0)
    side = item.width + style.px(6) if row.message.role == "user" else -style.px(12)
    painter.fillRect(QRectF(left + side, top, style.px(2), y + item.height - top), style.color("accent"))
