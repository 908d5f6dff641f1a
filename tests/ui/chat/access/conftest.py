from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface

from ui.chat.view import ChatView

Text = QAccessible.Text


class Reader:
    """Reads the tree of a view as a screen reader does."""

    def __init__(self, view: ChatView) -> None:
        self.view = view

    @property
    def root(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self.view)

    def message(self, number: int) -> QAccessibleInterface:
        found = self.root.child(number)
        assert found is not None
        return found

    def children(self, node: QAccessibleInterface) -> list[QAccessibleInterface]:
        found = [node.child(number) for number in range(node.childCount())]
        for number, child in enumerate(found):
            assert child is not None
            assert child.isValid()
            assert child.parent() is node
            assert node.indexOfChild(child) == number
        return found

    def names(self, node: QAccessibleInterface) -> list[str]:
        return [child.text(Text.Name) for child in self.children(node)]

    def find(self, node: QAccessibleInterface, name: str) -> QAccessibleInterface:
        for child in self.children(node):
            if child.text(Text.Name).startswith(name):
                return child
        raise AssertionError(f"{name} is not among {self.names(node)}")

    def walk(self, node: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
        yield node
        for child in self.children(node):
            yield from self.walk(child)

    def do(self, node: QAccessibleInterface, action: str) -> None:
        node.actionInterface().doAction(action)


@pytest.fixture
def reader(view: ChatView) -> Reader:
    return Reader(view)
