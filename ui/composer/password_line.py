"""The line under the chips that asks for a document's password."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.language import tr
from ui.composer.attached import Attached
from ui.composer.inline_line import SHOWN, InlineLine
from ui.words import shown_line

_LONGEST = 1000


class PasswordLine(InlineLine):
    """Hidden until a document wants a password; asks for one at a time."""

    given = Signal(str, str)
    left_out = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("password", tr("Password of the document"), _LONGEST, parent)
        self._item: Attached | None = None
        self.field.setPlaceholderText(tr("Password"))
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.textChanged.connect(self._on_text)
        self.show_button = self.button("show", tr("Show"), self._on_show)
        self.show_button.setCheckable(True)
        self.show_button.setToolTip(tr("Show what is typed"))
        self.open_button = self.button("open", tr("Open"), self._on_open)
        self.leave_button = self.button("leave_out", tr("Leave out"), self._on_leave)
        self.lay_out(self.show_button, self.open_button, self.leave_button)
        self._on_text("")

    @property
    def asks_for(self) -> str:
        """The id of the document it asks for, empty while it asks for none."""
        return self._item.id if self._item is not None else ""

    def ask(self, item: Attached | None) -> None:
        """Ask for this document's password; None for no more. What is typed stays with its document."""
        if item is None or item.id != self.asks_for:
            self._forget()
        self._item = item
        self.setVisible(item is not None)
        if item is None:
            return
        name = shown_line(item.name, SHOWN)
        status = shown_line(item.status, SHOWN)
        self.label.setText(
            f"{name}: {status}" if status else tr("{name} needs a password to open", name=name)
        )
        self.field.setAccessibleName(tr("Password of {name}", name=name))
        self.field.setAccessibleDescription(self.label.text())
        self.leave_button.setAccessibleName(tr("Leave {name} out", name=name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_open()
        else:
            super().keyPressEvent(event)

    def _forget(self) -> None:
        self.field.clear()
        self.show_button.setChecked(False)
        self._on_show(False)

    @Slot(bool)
    def _on_show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.field.setEchoMode(mode)

    @Slot()
    def _on_open(self) -> None:
        if self._item is not None and self.field.text():
            attachment_id, password = self._item.id, self.field.text()
            self._forget()
            self.given.emit(attachment_id, password)

    @Slot()
    def _on_leave(self) -> None:
        if self._item is not None:
            self.left_out.emit(self._item.id)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self.open_button.setEnabled(bool(text))
