"""The slider for the context: logarithmic, with stops, zones and a mark. GUI thread."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from app.language import ntr, tr
from app.models.contexts import LEAST, stops_up_to
from app.models.fit import Where
from app.models.prospect import ContextRange, Zone
from ui import words
from ui.theme import SPACE, ThemeManager

#: Steps of the slider for each doubling of the context.
STEPS: Final = 16
_TRACK, _HANDLE = 6, 18  # px
_SNAP = 0.2  # of a doubling: so near a stop it is the stop that is meant
_ZONES: Final[dict[Where, str]] = {
    "gpu": "accent",
    "split": "warning",
    "cpu": "warning",
    "nowhere": "danger",
}
_ROUND = 256


class ContextTrack(QAbstractSlider):
    """A slider over powers of two. `tokens` is the context; arrows go in sixteenths, Page keys by stops."""

    tokens_changed = Signal(int)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("context_track")
        self.setAccessibleName(tr("Context"))
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._range = ContextRange(LEAST, LEAST, LEAST, (Zone(LEAST, "cpu"),))
        self._exact = LEAST
        self.setSingleStep(1)
        self.setPageStep(STEPS)
        self.setTracking(True)
        self.valueChanged.connect(self._on_value)
        theme.changed.connect(self._on_theme)

    # ---- values ---------------------------------------------------------------------------

    @property
    def tokens(self) -> int:
        """The context in tokens."""
        return self._exact

    def set_context_range(self, found: ContextRange) -> None:
        """Other limits and zones; the context stays where it is, as far as it can."""
        self._range = found
        self.blockSignals(True)
        self.setRange(0, self._position(found.most))
        self.blockSignals(False)
        self.set_tokens(self._exact)
        self.update()

    def set_tokens(self, tokens: int) -> None:
        """Show this very context, also between two steps; emits nothing."""
        self._exact = min(max(tokens, self._range.least), self._range.most)
        self.blockSignals(True)
        self.setValue(self._position(self._exact))
        self.blockSignals(False)
        self._describe()
        self.update()

    @property
    def declared(self) -> int:
        """What the model declares, in tokens."""
        return self._range.declared

    def where(self, tokens: int) -> Where:
        """The zone of a context."""
        zones = self._range.zones
        return next((zone.where for zone in zones if tokens <= zone.end), zones[-1].where)

    def is_beyond(self, tokens: int) -> bool:
        """Whether a context is longer than the model declares."""
        return tokens > self._range.declared

    def _position(self, tokens: int) -> int:
        return round(STEPS * math.log2(max(tokens, self._range.least) / self._range.least))

    def _tokens_at(self, position: int) -> int:
        if position >= self.maximum():
            return self._range.most
        exact = self._range.least * 2 ** (position / STEPS)
        return int(exact) if position % STEPS == 0 else round(exact / _ROUND) * _ROUND

    @Slot(int)
    def _on_value(self, value: int) -> None:
        self._exact = self._tokens_at(value)
        self._describe()
        self.update()
        self.tokens_changed.emit(self._exact)

    def _describe(self) -> None:
        self.setAccessibleDescription(ntr("{count} token", "{count} tokens", self._exact))

    # ---- keys and mouse -------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        stops = stops_up_to(self._range.most)
        if event.key() == Qt.Key.Key_PageUp:
            self._go(next((stop for stop in stops if stop > self._exact), self._range.most))
        elif event.key() == Qt.Key.Key_PageDown:
            self._go(next((stop for stop in reversed(stops) if stop < self._exact), self._range.least))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls; a context is not changed in passing

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event.position().x())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def _follow(self, x: float) -> None:
        share = (x - _HANDLE / 2) / max(1.0, self.width() - _HANDLE)
        most = math.log2(self._range.most / self._range.least)
        wanted = min(max(share, 0.0), 1.0) * most
        stop = round(wanted)
        if abs(wanted - stop) <= _SNAP and stop <= most:
            wanted = float(stop)
        self._go(self._tokens_at(round(wanted * STEPS)))

    def _go(self, tokens: int) -> None:
        position = self._position(tokens)
        if position != self.value():
            self.setValue(position)
        elif tokens != self._exact:
            self.set_tokens(tokens)
            self.tokens_changed.emit(self._exact)

    # ---- painting -------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        label = self.fontMetrics().height()
        return QSize(24 * SPACE[3], _HANDLE + SPACE[0] + label)

    @Slot()
    def _on_theme(self) -> None:
        self.update()

    def _x(self, tokens: int) -> float:
        most = math.log2(self._range.most / self._range.least) or 1.0
        share = math.log2(max(tokens, self._range.least) / self._range.least) / most
        return _HANDLE / 2 + share * (self.width() - _HANDLE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_zones(painter)
        self._paint_stops(painter)
        self._paint_handle(painter)

    def _paint_zones(self, painter: QPainter) -> None:
        top = (_HANDLE - _TRACK) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        start = self._x(self._range.least)
        for zone in self._range.zones:
            end = self._x(zone.end)
            # Without a GPU the processor is where it belongs.
            fits = zone.where == "cpu" and not self._range.has_gpu
            painter.setBrush(self._theme.color("accent" if fits else _ZONES[zone.where]))
            painter.drawRoundedRect(QRectF(start, top, max(0.0, end - start), _TRACK), 3, 3)
            start = end
        if self._range.declared < self._range.most:
            # Beyond what the model declares the track is cut into dashes.
            painter.setPen(QPen(self._theme.color("window"), 2))
            x = self._x(self._range.declared)
            while x < self._x(self._range.most):
                painter.drawLine(QPointF(x, top), QPointF(x, top + _TRACK))
                x += SPACE[1]

    def _paint_stops(self, painter: QPainter) -> None:
        painter.setFont(self._theme.font("meta"))
        metrics = painter.fontMetrics()
        behind = -1.0
        for stop in stops_up_to(self._range.most):
            text = words.compact(stop)
            width = metrics.horizontalAdvance(text)
            left = min(max(0.0, self._x(stop) - width / 2), float(self.width() - width))
            if left <= behind and stop != self._range.most:
                continue
            painter.setPen(self._theme.color("muted"))
            painter.drawText(QPointF(left, _HANDLE + SPACE[0] + metrics.ascent()), text)
            behind = left + width + SPACE[1]

    def _paint_handle(self, painter: QPainter) -> None:
        centre = QPointF(self._x(self._exact), _HANDLE / 2)
        focus = self.hasFocus()
        painter.setPen(QPen(self._theme.color("text" if focus else "muted"), 2 if focus else 1))
        painter.setBrush(self._theme.color("surface"))
        painter.drawEllipse(centre, _HANDLE / 2 - 1, _HANDLE / 2 - 1)
