"""The view's own node, and how Qt comes to it."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, cast

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from app.language import tr
from ui.accessible import provide
from ui.chat.access.node import Node

if TYPE_CHECKING:
    from ui.chat.access.tree import AccessTree
    from ui.chat.view import ChatView


class RootNode(QAccessibleWidget):
    """The list of messages, then the button that goes to new text."""

    def __init__(self, view: ChatView, tree: AccessTree) -> None:
        super().__init__(view, QAccessible.Role.List, tr("Conversation"))
        self._tree = weakref.ref(tree)  # Qt's factory never lets go of this node

    def _live(self) -> AccessTree | None:
        tree = self._tree()
        return tree if tree is not None and tree.alive else None

    def _button(self, tree: AccessTree) -> QAccessibleInterface | None:
        button = tree.view.jump_button
        return QAccessible.queryAccessibleInterface(button) if button.isVisible() else None

    def text(self, kind: QAccessible.Text) -> str:
        # the place that has the keyboard is a node of its own, not the list's description
        return "" if kind == QAccessible.Text.Description else super().text(kind)

    def childCount(self) -> int:
        tree = self._live()
        if tree is None:
            return 0
        return len(tree.model.messages) + (self._button(tree) is not None)

    def child(self, index: int) -> QAccessibleInterface | None:
        tree = self._live()
        if tree is None or index < 0:
            return None
        messages = tree.model.messages
        if index < len(messages):
            return tree.message_node(messages[index])
        return self._button(tree) if index == len(messages) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        tree = self._live()
        message = getattr(child, "message", None)
        if tree is None:
            return -1
        if isinstance(child, Node) and message is not None:
            return message.index if child.isValid() else -1
        return len(tree.model.messages) if child.object() is tree.view.jump_button else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        tree = self._live()
        if tree is None:
            return None
        button = self._button(tree)
        if button is not None and button.rect().contains(x, y):
            return button
        for message in {
            id(one.item.row.message): one.item.row.message for one in tree.view.placer.rows
        }.values():
            node = tree.message_node(message)
            if node.rect().contains(x, y):
                return node
        return None

    def focusChild(self) -> QAccessibleInterface | None:
        tree = self._live()
        if tree is None or not tree.view.hasFocus():
            return None
        return tree.focused() or QAccessible.queryAccessibleInterface(tree.view)


def install() -> None:
    """Have Qt ask us for the nodes of conversations."""
    provide("ChatView", _make)


def _make(view: QWidget) -> QAccessibleInterface | None:
    tree = getattr(view, "access", None)
    return RootNode(cast("ChatView", view), tree) if tree is not None else None
