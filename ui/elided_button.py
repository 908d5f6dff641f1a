"""A tool button that gives way: what of its text does not fit ends in an ellipsis."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

_FEWEST = 3  # characters; with less room than for these the icon stands alone
_SPACES = 2  # in Qt's hint beside the text, which may take their room


class ElidedToolButton(QToolButton):
    """Icon and text side by side; the icon stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._around(), super().minimumSizeHint().height())

    def _around(self) -> int:
        """What icon, padding and border take, px."""
        metrics = self.fontMetrics()
        text = metrics.horizontalAdvance(self.text()) + _SPACES * metrics.horizontalAdvance(" ")
        return self.sizeHint().width() - text

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        metrics = self.fontMetrics()
        room = self.width() - self._around()
        if metrics.horizontalAdvance(option.text) > room:
            option.text = metrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)
            if len(option.text) <= _FEWEST:
                option.toolButtonStyle = Qt.ToolButtonStyle.ToolButtonIconOnly
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
