"""Two paragraphs as the conversation sets them."""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QWidget

from app.language import mark, tr
from ui.theme import RADIUS_CONTROL, SPACE, ThemeManager

_TEXTS: Final = (
    mark("Large text is easier on the eyes; small text shows more at a time."),
    mark("Take what you can read for an hour without leaning forward."),
)
_GAP: Final = 12  # px between blocks in the conversation, before spacing
_LEAST: Final = 72  # px, its height


class Sample(QWidget):
    """Follows size and spacing at once, as high as it has to be."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reading_sample")
        self.setAccessibleName(tr("How text looks now"))
        self.setAccessibleDescription(" ".join(tr(text) for text in _TEXTS))
        self._theme = theme
        self._lines: list[tuple[QTextLayout, float]] = []
        self.setFixedHeight(_LEAST)
        theme.changed.connect(self.update)
        theme.reading_changed.connect(self._lay_out)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @Slot()
    def _lay_out(self) -> None:
        reading = self._theme.reading
        font = self._theme.font("reading", reading.zoom)
        step = round(font.pixelSize() * reading.line_height)
        self._lines, y = [], float(SPACE[2])
        for text in _TEXTS:
            layout = QTextLayout(tr(text), font)
            option = QTextOption()
            option.setWrapMode(QTextOption.WrapMode.WordWrap)
            layout.setTextOption(option)
            layout.beginLayout()
            below = 0.0
            while (line := layout.createLine()).isValid():
                line.setLineWidth(max(1, self.width() - 2 * SPACE[3]))
                line.setPosition(QPointF(0, below + (step - line.height()) / 2))
                below += step
            layout.endLayout()
            self._lines.append((layout, y))
            y += below + round(_GAP * reading.zoom * reading.gap)
        last, top = self._lines[-1]
        bottom = top + last.boundingRect().bottom() + SPACE[2]
        if self.height() != (height := max(_LEAST, ceil(bottom))):
            self.setFixedHeight(height)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("window"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, RADIUS_CONTROL, RADIUS_CONTROL)
        painter.setClipRect(box.adjusted(1, 1, -1, -1), Qt.ClipOperation.IntersectClip)
        painter.setPen(self._theme.color("text"))
        for layout, y in self._lines:
            layout.draw(painter, QPointF(SPACE[3], y))
        painter.end()
