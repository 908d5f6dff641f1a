"""The node of a widget that paints a text of its own: a screen reader reads what is on the screen."""

from __future__ import annotations

from typing import Any

import shiboken6
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleTextInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget


class TextNode(QAccessibleWidget):
    """A document; the widget has a method visible_text()."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget, QAccessible.Role.Document)
        self._face = VisibleText(widget)

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        if kind == QAccessible.InterfaceType.TextInterface:
            return self._face
        found = super().interface_cast(kind)
        return shiboken6.VoidPtr(0) if found is None else found  # None would be a wild pointer


class VisibleText(QAccessibleTextInterface):
    """What is on the screen. Nothing can be selected this way."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._widget = widget

    def _text(self) -> str:
        return self._widget.visible_text() if shiboken6.isValid(self._widget) else ""  # type: ignore[attr-defined]

    def text(self, start: int, end: int) -> str:
        return self._text()[max(0, start) : end if end >= 0 else None]

    def characterCount(self) -> int:
        return len(self._text())

    def cursorPosition(self) -> int:
        return 0

    def setCursorPosition(self, position: int) -> None:
        """There is no cursor."""

    def selectionCount(self) -> int:
        return 0

    def addSelection(self, start: int, end: int) -> None:
        """Nothing can be selected here."""

    def removeSelection(self, number: int) -> None:
        """Nothing is selected."""

    def setSelection(self, number: int, start: int, end: int) -> None:
        """Nothing can be selected here."""

    def characterRect(self, offset: int) -> QRect:  # noqa: ARG002
        if not shiboken6.isValid(self._widget):
            return QRect()
        return QRect(self._widget.mapToGlobal(QPoint()), self._widget.size())

    def offsetAtPoint(self, point: QPoint) -> int:  # noqa: ARG002
        return 0

    def scrollToSubstring(self, start: int, end: int) -> None:
        """All of it is on the screen."""
