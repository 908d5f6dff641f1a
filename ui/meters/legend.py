"""What the colours of a memory bar stand for, with the sum over all devices."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.language import tr
from app.models.metering import Kind, Meter
from ui import words
from ui.meters.stacked_bar import NAMES, TONES
from ui.theme import SPACE, ThemeManager

_DOT = 8  # px


class Legend(QWidget):
    """A dot and words for each part, in as many lines as they need."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memory_legend")
        self._theme = theme
        self._parts: list[tuple[Kind, str]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFont(theme.font("meta"))
        theme.changed.connect(self._on_theme)

    @Slot()
    def _on_theme(self) -> None:
        self.update()

    def set_parts(self, kinds: Sequence[Kind], meters: Sequence[Meter]) -> None:
        """Show these kinds; each with its bytes on all devices together."""
        self._parts = [
            (kind, f"{tr(NAMES[kind])} {words.size(sum(meter.share(kind) for meter in meters))}")
            for kind in kinds
        ]
        self.setAccessibleName(", ".join(text for _kind, text in self._parts))
        self.updateGeometry()
        self.update()

    def _places(self, width: int) -> list[tuple[int, int]]:
        """Left and top of each part."""
        metrics, places, x, y = self.fontMetrics(), [], 0, 0
        for _kind, text in self._parts:
            needed = _DOT + SPACE[0] + metrics.horizontalAdvance(text)
            if x and x + needed > width:
                x, y = 0, y + metrics.height() + SPACE[0]
            places.append((x, y))
            x += needed + SPACE[3]
        return places

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return places[-1][1] + self.fontMetrics().height() if places else 0

    def sizeHint(self) -> QSize:
        width = max(self.width(), 24 * SPACE[3])
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        for (kind, text), (x, y) in zip(self._parts, self._places(self.width()), strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(TONES[kind]))
            painter.drawEllipse(QRectF(x, y + (metrics.height() - _DOT) / 2, _DOT, _DOT))
            painter.setPen(self._theme.color("muted"))
            painter.drawText(x + _DOT + SPACE[0], y + metrics.ascent(), text)
