"""The line under the chips in which pages of a document are chosen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from ui.composer.attached import Attached
from ui.elided_label import ElidedLabel
from ui.theme import SPACE, ThemeManager
from ui.words import count, shown_line

_LONGEST = 2000
_SHOWN = 400
_ICON = 14
_KEPT = "Choose all pages or some of them, such as 1-20, 40"


class PagesLine(QFrame):
    """Hidden until `ask`. It closes when pages are used; `show_error` brings it back with what was typed."""

    used = Signal(str, str)
    closed = Signal(str)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pages_line")
        self.setProperty("inline", True)
        self._theme = theme
        self._id = ""
        self.label = ElidedLabel("", self)
        self.label.setObjectName("pages_text")
        self.label.setProperty("role", "meta")
        self.field = QLineEdit(self)
        self.field.setObjectName("pages_field")
        self.field.setAccessibleName("Pages of the document")
        self.field.setPlaceholderText("Such as 1-20, 40")
        self.field.setMaxLength(_LONGEST)
        self.field.textChanged.connect(self._on_text)
        self.use = self._button("pages_use", "Use", self._on_use)
        self.all_pages = self._button("pages_all", "All pages", self._on_all)
        self.close_button = QToolButton(self)
        self.close_button.setObjectName("pages_close")
        self.close_button.setAccessibleName("Leave the pages as they are")
        self.close_button.setToolTip("Leave the pages as they are (Esc)")
        self.close_button.setIconSize(QSize(_ICON, _ICON))
        self.close_button.clicked.connect(self.give_up)
        self.error = ElidedLabel("", self)
        self.error.setObjectName("pages_error")
        self.error.setProperty("role", "meta")
        self.error.setProperty("tone", "danger")
        self._lay_out()
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE[0])
        row.addWidget(self.field, 1)
        for button in (self.use, self.all_pages, self.close_button):
            row.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE[0])
        box.addWidget(self.label)
        box.addLayout(row)
        box.addWidget(self.error)

    def _button(self, name: str, text: str, slot) -> QPushButton:  # type: ignore[no-untyped-def]
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def stops(self) -> list[QWidget]:
        """What the keyboard goes through."""
        return [self.field, self.use, self.all_pages, self.close_button]

    @property
    def asks_for(self) -> str:
        """The id of the document that it is open for, empty while it is hidden."""
        return self._id if not self.isHidden() else ""

    def ask(self, item: Attached) -> None:
        """Open the line for a document, ready to be typed into."""
        self._id = item.id
        name = shown_line(item.name, _SHOWN)
        self.label.setText(f"Pages of {name}, {count(item.pages)} in all")
        self.field.setAccessibleName(f"Pages of {name}")
        self.field.setText(item.chosen)
        self._say("")
        self._open()

    def show_error(self, attachment_id: str, text: str) -> None:
        """What is wrong with the pages that were used last; nothing for another document."""
        if attachment_id == self._id:
            self._say(text)
            self._open()

    def forget(self) -> None:
        """The document is gone."""
        self._id = ""
        self.hide()

    @Slot()
    def give_up(self) -> None:
        """Close without a change."""
        if not self.isHidden():
            self.hide()
            self.closed.emit(self._id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_use()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def _say(self, error: str) -> None:
        self.error.setText(shown_line(error, _SHOWN))
        self.error.setVisible(bool(error))
        self.field.setAccessibleDescription(self.error.text() or _KEPT)

    def _finish(self, pages: str) -> None:
        # first out of the way: what is wrong with the pages may be said before emit returns
        self.hide()
        self.closed.emit(self._id)
        self.used.emit(self._id, pages)

    @Slot()
    def _on_use(self) -> None:
        if self.field.text().strip():
            self._finish(self.field.text().strip())

    @Slot()
    def _on_all(self) -> None:
        self._finish("")

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self.use.setEnabled(bool(text.strip()))

    @Slot()
    def _on_theme(self) -> None:
        self.close_button.setIcon(self._theme.icon("close", "muted", _ICON))
