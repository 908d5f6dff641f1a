"""What all nodes share.

Qt's cache owns a node from the moment that anybody has asked for its number: so a node lives, for Python,
too, until the tree retires it, and Qt deletes it then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface, QWindow
from shiboken6 import VoidPtr

from ui.chat.access.faces import ActionFace, LevelFace, TextFace

if TYPE_CHECKING:
    from ui.chat.access.tree import AccessTree

_NOTHING: Final = VoidPtr(0)  # None would be a wild pointer
Kind = QAccessible.InterfaceType


class Node(QAccessibleInterface):
    """A part of the conversation. GUI thread only; every method may be called by a screen reader."""

    def __init__(self, tree: AccessTree) -> None:
        super().__init__()
        self.tree = tree
        self.alive = True
        self._faces: dict[QAccessible.InterfaceType, Any] = {}

    # -- for sub-classes -----------------------------------------------------------------------------------

    def words(self) -> str:
        """Its name."""
        return ""

    def about(self) -> str:
        """Its description."""
        return ""

    def level(self) -> int:
        """Of a heading or list item, else 0."""
        return 0

    def nodes(self) -> Sequence[Node]:
        """Its children in reading order."""
        return ()

    def above(self) -> QAccessibleInterface | None:
        """Its parent."""
        return self.tree.root()

    def actions(self) -> list[str]:
        """What can be done with it, in the words of the screen."""
        return []

    def act(self, name: str) -> None:
        """Do one of its actions."""

    def go(self) -> None:
        """Bring the keyboard here."""

    def stands(self) -> bool:
        """Whether the part of the conversation is still there."""
        return True

    def is_read(self) -> bool:
        """Whether its words can be read by character."""
        return False

    def place(self) -> QRect:
        """Where it is in the viewport, px; empty if it is not on the screen."""
        return QRect()

    def mark(self, state: QAccessible.State) -> None:
        """Set what is special about its state."""

    # -- for Qt --------------------------------------------------------------------------------------------

    def retire(self) -> None:
        """It is about to be deleted: nothing may lead here any more."""
        self.alive = False
        for face in self._faces.values():
            face.node = None

    def isValid(self) -> bool:
        return self.alive and self.tree.alive and self.stands()

    def object(self) -> QObject | None:
        return None

    def window(self) -> QWindow | None:
        return self.tree.view.window().windowHandle() if self.tree.alive else None

    def parent(self) -> QAccessibleInterface | None:
        return self.above() if self.isValid() else None

    def child(self, index: int) -> QAccessibleInterface | None:
        found = self.nodes() if self.isValid() else ()
        return found[index] if 0 <= index < len(found) else None

    def childCount(self) -> int:
        return len(self.nodes()) if self.isValid() else 0

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return next((number for number, node in enumerate(self.nodes()) if node is child), -1)

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:
        return next((node for node in self.nodes() if node.rect().contains(x, y)), None)

    def focusChild(self) -> QAccessibleInterface | None:
        return None

    def rect(self) -> QRect:
        place = self.place() if self.isValid() else QRect()
        if place.isEmpty():
            return QRect()
        port = self.tree.view.viewport()
        return QRect(port.mapToGlobal(place.topLeft()), place.size())

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.StaticText

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = True
            return state
        state.readOnly = self.is_read()
        state.focusable = True
        state.focused = self.tree.has_focus(self)
        state.offscreen = self.place().isEmpty()
        self.mark(state)
        return state

    def text(self, kind: QAccessible.Text) -> str:
        if not self.isValid():
            return ""
        if kind == QAccessible.Text.Name:
            return self.words()
        return self.about() if kind == QAccessible.Text.Description else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """A conversation can't be renamed from here."""

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        if kind == Kind.ActionInterface:
            return self._face(kind, ActionFace)
        if kind == Kind.TextInterface and self.is_read():
            return self._face(kind, TextFace)
        if kind == Kind.AttributesInterface and self.isValid() and self.level():
            return self._face(kind, LevelFace)
        return _NOTHING

    def _face(self, kind: QAccessible.InterfaceType, made: type) -> Any:
        if kind not in self._faces:
            self._faces[kind] = made(self)
        return self._faces[kind]
