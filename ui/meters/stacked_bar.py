"""A bar of what memory is taken by, and the words for its parts."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Slot
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.language import mark, tr
from app.models.metering import KINDS, Kind, Meter
from ui import words
from ui.theme import SPACE, ThemeManager

#: Theme tokens of the parts, in the order in which they are drawn.
TONES: Final[dict[Kind, str]] = {
    "weights": "accent",
    "kv": "code_function",
    "recurrent": "code_keyword",
    "compute": "code_type",
    "other": "muted",
    "free": "pressed",
}
NAMES: Final[dict[Kind, str]] = {
    "weights": mark("Weights"),
    "kv": mark("KV cache"),
    "recurrent": mark("Recurrent state"),
    "compute": mark("Compute buffers"),
    "other": mark("Other programs"),
    "free": mark("Free"),
}
_LEAST = 1.5  # px: what is there is seen


def lines(meter: Meter) -> list[tuple[Kind, str]]:
    """Each part that is there as "KV cache 1.6 GB"."""
    return [
        (kind, f"{tr(NAMES[kind])} {words.size(share)}")
        for kind, share in zip(KINDS, meter.shares, strict=True)
        if share or kind == "free"
    ]


class StackedBar(QWidget):
    """One device. What doesn't fit runs to the end of the bar, which then is framed as a warning."""

    def __init__(self, theme: ThemeManager, width: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stacked_bar")
        self._theme, self._width = theme, width
        self.meter: Meter | None = None
        vertical = QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Fixed if width else QSizePolicy.Policy.Expanding, vertical)
        theme.changed.connect(self._on_theme)

    def sizeHint(self) -> QSize:
        return QSize(self._width or 20 * SPACE[3], SPACE[1])

    @Slot()
    def _on_theme(self) -> None:
        self.update()

    def set_meter(self, meter: Meter | None) -> None:
        """Draw this; None for an empty bar."""
        self.meter = meter
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(whole, whole.height() / 2, whole.height() / 2)
        painter.setClipPath(shape)
        painter.fillRect(whole, self._theme.color("pressed"))
        if self.meter is None or not self.meter.total:
            return
        scale = whole.width() / max(self.meter.total, self.meter.used)
        at = 0.0
        for kind, share in zip(KINDS[:-1], self.meter.shares[:-1], strict=True):
            width = max(_LEAST, share * scale) if share else 0.0
            painter.fillRect(QRectF(at, 0, width, whole.height()), self._theme.color(TONES[kind]))
            at += width
        if self.meter.used > self.meter.total:
            end = self.meter.total * scale
            painter.fillRect(QRectF(end, 0, whole.width() - end, whole.height()), self._theme.color("danger"))
