"""Rows around the text: the thought's header, the status line, the footer with mark and actions."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from ui.chat.items import Item, Look, Spot, focus_ring, paint_icon_button
from ui.chat.model import REASONING, Row
from ui.chat.style import Style
from ui.chat.thought import header_text
from ui.theme import RADIUS_CONTROL


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
        self._can_open = bool(row.message.sections[REASONING].rows)
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
        return [Spot("thought", self._rect, self.text + (", open" if self._open else ", folded"))]


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
        painter.setBrush(style.color("border"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        track.setWidth(track.width() * max(0.0, min(1.0, message.fraction)))
        painter.setBrush(style.color("accent"))
        painter.drawRoundedRect(track, 1.5, 1.5)


class FooterItem(Item):
    """Mark, meta line and the actions of a message, which show on hover and focus."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        footer = row.message.footer
        self.label = "\n".join(part for part in (footer.mark, footer.action, footer.text) if part)
        self._user = row.message.role == "user"
        self.gap = style.px(2 if self._user else 8)
        self._mark = style.px(30) if footer.mark else 0
        self._line = style.px(24 if self._user else 26)
        self.height = self.gap + self._mark + self._line

    def _retry_rect(self) -> QRectF:
        style, footer = self.style, self.row.message.footer
        metrics = QFontMetricsF(style.thought)
        left = style.px(24) + metrics.horizontalAdvance(footer.mark) + style.px(12)
        width = metrics.horizontalAdvance(footer.action) + style.px(20)
        left = min(left, max(0.0, self.width - width))
        return QRectF(left, self.gap, width, style.px(26))

    def spots(self) -> list[Spot]:
        style, footer = self.style, self.row.message.footer
        found = []
        if footer.mark and footer.action:
            found.append(Spot("retry", self._retry_rect(), footer.action))
        side = self._line
        # behind the meta line of an answer, at the right edge under a person's box
        text = QFontMetricsF(style.meta).horizontalAdvance(footer.text)
        left = self.width - side if self._user else text + style.px(8) if text else -style.px(5)
        left = max(-style.px(5), min(left, self.width - side))
        rect = QRectF(left, self.gap + self._mark, side, side)
        found.append(Spot("copy_message", rect, "Copy message"))
        return found

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        spots = self.spots()
        if self._mark:
            self._paint_mark(painter, x, y, look, spots[0])
        style, footer = self.style, self.row.message.footer
        copy = spots[-1]
        shown = look.actions or look.focus == copy or look.done == copy.kind
        if shown:
            paint_icon_button(painter, copy, copy.rect.translated(x, y), style, look)
        if footer.text:
            painter.setFont(style.meta)
            painter.setPen(style.color("muted"))
            place = QRectF(x, y + copy.rect.top(), self.width - self._line, self._line)
            draw_line(painter, place, footer.text)

    def _paint_mark(self, painter: QPainter, x: float, y: float, look: Look, spot: Spot) -> None:
        style, footer = self.style, self.row.message.footer
        size = style.px(16)
        place = QRectF(x, y + self.gap, self.width, style.px(26))
        pixmap = style.theme.pixmap("warning", "warning", size, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF(round(x), round(place.center().y() - size / 2)), pixmap)
        painter.setFont(style.thought)
        painter.setPen(style.color("warning"))
        place.setLeft(x + style.px(24))
        if spot.kind == "retry":
            place.setRight(x + spot.rect.left() - style.px(8))
        draw_line(painter, place, footer.mark)
        if spot.kind != "retry":
            return
        rect = spot.rect.translated(x, y)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(style.color("border"), 1))
        painter.setBrush(style.color("hover" if look.hot == spot else "surface"))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL)
        painter.setPen(style.color("text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, footer.action)
        if look.focus == spot:
            focus_ring(painter, rect.adjusted(0.75, 0.75, -0.75, -0.75), style)
