"""What lies over the window while files are dragged across it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.language import mark, tr
from ui.theme import RADIUS_CARD, SPACE, ThemeManager

_ICON: Final = 32
_ALPHA: Final = 0.92
_KINDS: Final = {
    "documents": ("file-text", mark("Drop documents here"), mark("They go with your next question.")),
    "model": ("model", mark("Drop to open the model"), ""),
}


class DropVeil(QWidget):
    """Covers its parent until it is hidden. It takes no drag or mouse events: they go on to what is below."""

    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("drop_veil")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._theme = theme
        self._kind = "documents"
        parent.installEventFilter(self)
        theme.changed.connect(self.update)
        self.hide()

    def show_for(self, kind: str) -> None:
        """Say what happens with what is dropped: kind is documents | model."""
        self._kind = kind if kind in _KINDS else "documents"
        self.setAccessibleName(tr(_KINDS[self._kind][1]))
        self._cover()
        self.show()
        self.raise_()
        self.update()

    def _cover(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() == QEvent.Type.Resize:
            self._cover()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self._theme.color("window"))
        ground.setAlphaF(_ALPHA)
        painter.fillRect(self.rect(), ground)
        inset = SPACE[3]
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.setPen(QPen(self._theme.color("accent"), 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(frame, RADIUS_CARD, RADIUS_CARD)
        self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        icon, *said = _KINDS[self._kind]
        title, more = (tr(one) for one in said)
        fonts = [(self._theme.font("title"), "text", title), (self._theme.font("ui"), "muted", more)]
        lines = [(font, color, text, QFontMetricsF(font).height()) for font, color, text in fonts if text]
        height = _ICON + SPACE[2] + sum(line[3] for line in lines) + SPACE[0] * (len(lines) - 1)
        y = (self.height() - height) / 2
        pixmap = self._theme.pixmap(icon, "accent", _ICON, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(round((self.width() - _ICON) / 2), round(y)), pixmap)
        y += _ICON + SPACE[2]
        for font, color, text, line in lines:
            painter.setFont(font)
            painter.setPen(self._theme.color(color))
            painter.drawText(QRectF(0, y, self.width(), line), Qt.AlignmentFlag.AlignCenter, text)
            y += line + SPACE[0]
