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

from ui.theme import SPACE

#: Left and right of icon and text: padding and border, as the theme's sheet has them.
_AROUND = 2 * (SPACE[1] + 1)
_FEWEST = 3  # characters; with less room than for these the icon stands alone


class ElidedToolButton(QToolButton):
    """Icon and text side by side; the icon stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.iconSize().width() + _AROUND, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        metrics = self.fontMetrics()
        room = self.width() - _AROUND - self.iconSize().width() - SPACE[0]
        if metrics.horizontalAdvance(option.text) > room:
            option.text = metrics.elidedText(option.text, Qt.TextElideMode.ElideRight, room)
            if len(option.text) <= _FEWEST:
                option.toolButtonStyle = Qt.ToolButtonStyle.ToolButtonIconOnly
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
