"""A line under the chips that asks for something of one document: words, a field, buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.elided_label import ElidedLabel
from ui.theme import SPACE

#: Characters of a name or a message that are shown; more is no name.
SHOWN = 400


class InlineLine(QFrame):
    """Hidden at first. Its parts are called `name`_text, `name`_field and so on.

    Args:
        named: what the field is called for those who can't see it.
        longest: characters that the field takes.
    """

    def __init__(self, name: str, named: str, longest: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}_line")
        self.setProperty("inline", True)
        self._name = name
        self.label = ElidedLabel("", self)
        self.label.setObjectName(f"{name}_text")
        self.label.setProperty("role", "meta")
        self.field = QLineEdit(self)
        self.field.setObjectName(f"{name}_field")
        self.field.setAccessibleName(named)
        self.field.setMaxLength(longest)
        self._buttons: list[QAbstractButton] = []
        self.hide()

    def button(self, name: str, text: str, slot: Callable[..., object]) -> QPushButton:
        """A button with a text; `lay_out` puts it where it belongs."""
        button = QPushButton(text, self)
        button.setObjectName(f"{self._name}_{name}")
        button.setAccessibleName(text)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def lay_out(self, *buttons: QAbstractButton, below: QWidget | None = None) -> None:
        """The words above the field, and the buttons behind it."""
        self._buttons = list(buttons)
        row = QHBoxLayout()
        row.setSpacing(SPACE[0])
        row.addWidget(self.field, 1)
        for button in buttons:
            row.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE[0])
        box.addWidget(self.label)
        box.addLayout(row)
        if below is not None:
            box.addWidget(below)

    def stops(self) -> list[QWidget]:
        """What the keyboard goes through."""
        return [self.field, *self._buttons]

    def focus(self) -> None:
        """Give the field the keyboard, with what stands in it selected."""
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()
