"""What a node offers to a screen reader besides its name: actions, text, a heading's level.

Qt keeps a plain pointer to what `interface_cast` returns: the node that hands a face out keeps it alive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleAttributesInterface,
    QAccessibleTextInterface,
)

from app.language import tr

if TYPE_CHECKING:
    from ui.chat.access.node import Node

SET_FOCUS = QAccessibleActionInterface.setFocusAction()


class ActionFace(QAccessibleActionInterface):
    """A node's actions by name; they are done when Qt is back in its event loop."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node: Node | None = node

    def actionNames(self) -> list[str]:
        return [*(self.node.actions() if self.node else ()), SET_FOCUS]

    def localizedActionName(self, name: str) -> str:
        return tr("Go here") if name == SET_FOCUS else name

    def localizedActionDescription(self, name: str) -> str:
        return tr("Brings the keyboard here") if name == SET_FOCUS else name

    def keyBindingsForAction(self, name: str) -> list[str]:  # noqa: ARG002
        return []

    def doAction(self, name: str) -> None:
        if self.node is not None:
            self.node.tree.request(self.node, name)


class TextFace(QAccessibleTextInterface):
    """A node's words as text that can be read by character, word and line. Nothing can be selected."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node: Node | None = node

    def text(self, start: int, end: int) -> str:
        words = self.node.words() if self.node else ""
        return words[max(0, start) : end if end >= 0 else None]

    def characterCount(self) -> int:
        return len(self.node.words()) if self.node else 0

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
        return self.node.rect() if self.node else QRect()

    def offsetAtPoint(self, point: QPoint) -> int:  # noqa: ARG002
        return 0

    def scrollToSubstring(self, start: int, end: int) -> None:  # noqa: ARG002
        if self.node is not None:
            self.node.tree.request(self.node, SET_FOCUS)


class LevelFace(QAccessibleAttributesInterface):
    """The level of a heading, or how deep a list item stands."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node: Node | None = node

    def attributeKeys(self) -> list[QAccessible.Attribute]:
        return [QAccessible.Attribute.Level]

    def attributeValue(self, key: QAccessible.Attribute) -> Any:
        return self.node.level() if self.node and key == QAccessible.Attribute.Level else None
