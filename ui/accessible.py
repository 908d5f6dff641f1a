"""What Qt can't know of widgets of our own: which node of the accessibility tree stands for each.

Qt asks by the names of classes. It keeps every node that is made here until the program ends: a node holds
nothing but its widget, which tells it when it is gone.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

Maker = Callable[[QWidget], QAccessibleInterface | None]
_makers: dict[str, Maker] = {}


def provide(name: str, maker: Maker) -> None:
    """Have `maker` make the nodes of widgets whose class has this name; before any of them is shown."""
    if not _makers:
        QAccessible.installFactory(_make)
    _makers[name] = maker


def _make(key: str, thing: QObject | None) -> QAccessibleInterface | None:
    maker = _makers.get(key)
    return maker(thing) if maker is not None and isinstance(thing, QWidget) else None


class PressedNode(QAccessibleWidget):
    """A widget that a click or Enter uses, as a button; it has a method press()."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget, QAccessible.Role.Button)

    def actionNames(self) -> list[str]:
        return [QAccessibleActionInterface.pressAction(), QAccessibleActionInterface.setFocusAction()]

    def doAction(self, name: str) -> None:
        if name == QAccessibleActionInterface.pressAction():
            self.widget().press()  # type: ignore[attr-defined]
        else:
            super().doAction(name)
