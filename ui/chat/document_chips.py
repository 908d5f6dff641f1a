"""The documents that went with a question, above its text."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from ui.chat.items import Look, Spot, focus_ring
from ui.chat.shown import ShownDocument
from ui.chat.style import Style
from ui.documents.kinds import icon_of, kind_name
from ui.theme import RADIUS_CONTROL, SPACE
from ui.words import shown_line

_NARROWEST: Final = 128  # px at zoom 1
_WIDEST: Final = 248
_ICON: Final = 18
_SHOWN: Final = 400  # characters


class DocumentChips:
    """Chips in rows at most `room` px wide. Positions count from the top left of the first one."""

    def __init__(self, documents: tuple[ShownDocument, ...], style: Style, room: int) -> None:
        self._style = style
        self._left = style.px(SPACE[1] + _ICON + SPACE[1])
        self._names = QFontMetricsF(style.thought)
        self._metas = QFontMetricsF(style.meta)
        self._lines: list[tuple[str, str, str]] = []
        self.spots: list[Spot] = []
        self.width = self.height = 0
        height = round(self._names.height() + self._metas.height()) + style.px(SPACE[2])
        gap = style.px(SPACE[1])
        x = y = 0
        for number, document in enumerate(documents):
            name = shown_line(document.name, _SHOWN) or kind_name(document.kind)
            about = shown_line(document.about, _SHOWN)
            width = self._width(name, about, room)
            if x and x + width > room:
                x, y = 0, y + height + gap
            label = f"{name}, {about}" if about else name
            self.spots.append(Spot("document", QRectF(x, y, width, height), label, str(number)))
            self._lines.append((icon_of(document.kind), name, about))
            self.width = max(self.width, x + width)
            x += width + gap
            self.height = y + height

    def _width(self, name: str, about: str, room: int) -> int:
        style = self._style
        text = max(self._names.horizontalAdvance(name), self._metas.horizontalAdvance(about))
        wanted = self._left + round(text) + 1 + style.px(SPACE[2])
        return min(room, max(style.px(_NARROWEST), min(style.px(_WIDEST), wanted)))

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        """Draw with the first chip's top left at (x, y); what is outside the window is left out."""
        bottom = painter.device().height()
        for spot, lines in zip(self.spots, self._lines, strict=True):
            rect = spot.rect.translated(x, y)
            if rect.bottom() >= 0 and rect.top() <= bottom:
                self._paint_chip(painter, rect, lines, look, spot)

    def _paint_chip(
        self, painter: QPainter, rect: QRectF, lines: tuple[str, str, str], look: Look, spot: Spot
    ) -> None:
        style = self._style
        icon, name, about = lines
        hot = _is(look.hot, spot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(style.color("border"), 1))
        painter.setBrush(style.color("hover" if hot else "surface"))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL)
        size = style.px(_ICON)
        pixmap = style.theme.pixmap(icon, "muted", size, painter.device().devicePixelRatioF())
        at = QPointF(round(rect.left() + style.px(SPACE[1])), round(rect.center().y() - size / 2))
        painter.drawPixmap(at, pixmap)
        room = rect.width() - self._left - style.px(SPACE[1])
        text_height = self._names.height() + (self._metas.height() if about else 0)
        place = QRectF(
            rect.left() + self._left, rect.center().y() - text_height / 2, room, self._names.height()
        )
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(style.thought)
        painter.setPen(style.color("text"))
        painter.drawText(place, middle, self._names.elidedText(name, Qt.TextElideMode.ElideMiddle, room))
        place.translate(0, self._names.height())
        painter.setFont(style.meta)
        painter.setPen(style.color("muted"))
        painter.drawText(place, middle, self._metas.elidedText(about, Qt.TextElideMode.ElideRight, room))
        if _is(look.focus, spot):
            focus_ring(painter, rect.adjusted(0.75, 0.75, -0.75, -0.75), style)


def _is(other: Spot | None, spot: Spot) -> bool:
    return other is not None and (other.kind, other.value) == (spot.kind, spot.value)
