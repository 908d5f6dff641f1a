"""How much of the context is used: a ring and words beside the send button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.language import tr
from ui import words
from ui.composer.gauge_value import GaugeValue
from ui.theme import SPACE, ThemeManager

_RING = 14  # px
_STROKE = 2.5  # px
_NEARLY_FULL = 0.9
#: A count that comes within this time is not announced by "about".
_PATIENCE_MS = 700


class ContextGauge(QWidget):
    """Empty and without width as long as there is no model."""

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("context_gauge")
        self.setAccessibleName(tr("Context used"))
        self._theme = theme
        self.value = GaugeValue()
        self._about = False
        self.tone = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_patience)
        self.setFont(theme.font("meta"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    @Slot(object)
    def set_value(self, value: GaugeValue) -> None:
        """Show this; what is not exact is called so when it stays for a while."""
        self.value = value
        if value.exact or not value.size:
            self._patience.stop()
            self._about = False
        elif not self._about and not self._patience.isActive():
            self._patience.start()
        self._show()

    @Slot()
    def _on_patience(self) -> None:
        self._about = True
        self._show()

    def text(self) -> str:
        """What stands beside the ring."""
        value = self.value
        if not value.size:
            return ""
        used, size = words.compact(value.used), words.compact(value.size)
        if self._about:
            return tr("about {used} of {size}", used=used, size=size)
        return tr("{used} of {size}", used=used, size=size)

    def _show(self) -> None:
        value = self.value
        share = value.used / value.size if value.size else 0.0
        self.tone = "danger" if share > 1 else "warning" if share >= _NEARLY_FULL else ""
        said = _in_words(value, self._about)
        self.setToolTip(words.tip(said) if said else "")
        self.setAccessibleName(
            tr("Context used: {share} tokens", share=self.text()) if said else tr("Context used")
        )
        self.setAccessibleDescription(said)
        self.updateGeometry()
        self.update()

    @Slot()
    def _on_theme(self) -> None:
        self.setFont(self._theme.font("meta"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if not self.value.size:
            return QSize(0, _RING)
        metrics = self.fontMetrics()
        width = _RING + SPACE[1] + metrics.horizontalAdvance(self.text()) + SPACE[0]
        return QSize(width, max(_RING, metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.value.size:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = _STROKE / 2
        top = (self.height() - _RING) / 2
        ring = QRectF(edge, top + edge, _RING - _STROKE, _RING - _STROKE)
        painter.setPen(QPen(self._theme.color("pressed"), _STROKE))
        painter.drawEllipse(ring)
        share = min(1.0, self.value.used / self.value.size)
        painter.setPen(self._pen(self.tone or "accent"))
        if share > 0:
            painter.drawArc(ring, 90 * 16, -max(1, round(360 * 16 * share)))
        painter.setPen(self._theme.color(self.tone or "muted"))
        beside = self.rect().adjusted(_RING + SPACE[1], 0, 0, 0)
        painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def _pen(self, token: str) -> QPen:
        return QPen(self._theme.color(token), _STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)


def _in_words(value: GaugeValue, about: bool) -> str:
    """The numbers in full, a line each; empty without a model."""
    if not value.size:
        return ""
    used, size = words.count(value.used), words.count(value.size)
    if about:
        lines = [tr("About {used} of {size} tokens of the context are used", used=used, size=size)]
    else:
        lines = [tr("{used} of {size} tokens of the context are used", used=used, size=size)]
    if value.documents:
        lines.append(tr("{number} of them are documents", number=words.count(value.documents)))
    if value.used > value.size:
        lines.append(tr("{number} too many", number=words.count(value.used - value.size)))
    elif not value.answering:
        lines.append(tr("{number} are left for the answer", number=words.count(value.size - value.used)))
    return "\n".join(lines)
