"""The line in which words are looked for, in a document or a conversation."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from app.language import ntr, tr
from ui.theme import SPACE, ThemeManager
from ui.words import count

_LONGEST = 500
_ICON = 16


class FindLine(QFrame):
    """Hidden until it is opened. Enter and Shift+Enter step, Esc closes.

    Args:
        name: what the field is called for those who don't see it.
        options: with the choices of upper and lower case, and of whole words.
    """

    changed = Signal(str)
    stepped = Signal(bool)  # forward
    closed = Signal()

    def __init__(
        self,
        theme: ThemeManager,
        parent: QWidget | None = None,
        name: str = "",
        *,
        options: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("find_line")
        self.setProperty("inline", True)
        self._theme = theme
        self._total, self._whole, self._full, self._number = 0, True, False, 0
        self.field = QLineEdit(self)
        self.field.setObjectName("find_field")
        self.field.setAccessibleName(name or tr("Find in this document"))
        self.field.setPlaceholderText(tr("Find"))
        self.field.setMaxLength(_LONGEST)
        self.field.textChanged.connect(self._on_text)
        self.count = QLabel("", self)
        self.count.setObjectName("find_count")
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.count.setProperty("role", "meta")
        self.previous = self._button("find_previous", tr("Previous match"), "Shift+F3", self._on_previous)
        self.next = self._button("find_next", tr("Next match"), "F3", self._on_next)
        self.close_button = self._button("find_close", tr("Close the search"), "Esc", self.closed)
        self.case = self._option("find_case", tr("Aa"), tr("Match upper and lower case"), options)
        self.words = self._option("find_words", tr("Word"), tr("Whole words only"), options)
        self._lay_out()
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.show_count(0, True)
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[0])
        row.addWidget(self.field, 1)
        row.addSpacing(SPACE[0])
        row.addWidget(self.count)
        for widget in (self.case, self.words, self.previous, self.next, self.close_button):
            row.addWidget(widget)

    def _option(self, name: str, text: str, label: str, shown: bool) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setAccessibleName(label)
        button.setToolTip(label)
        button.setCheckable(True)
        button.setVisible(shown)
        button.toggled.connect(self._on_option)
        return button

    def _button(self, name: str, label: str, keys: str, slot) -> QToolButton:  # type: ignore[no-untyped-def]
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(label)
        button.setToolTip(tr("{label} ({keys})", label=label, keys=keys))
        button.setIconSize(QSize(_ICON, _ICON))
        button.clicked.connect(slot)
        return button

    def open(self) -> None:
        """Show it, ready to be typed into."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def show_count(self, total: int, whole: bool, full: bool = False) -> None:
        """How many matches there are, so far if not `whole`; `full`: they are not counted any further."""
        self._total, self._whole, self._full = total, whole, full
        self._say()

    def show_number(self, number: int) -> None:
        """Which of them is looked at; 0 while that is not known."""
        self._number = number
        self._say()

    def _say(self) -> None:
        text = self._words() if self.field.text() else ""
        self.count.setText(text)
        self.field.setAccessibleDescription(text)
        for button in (self.previous, self.next):
            button.setEnabled(self._total > 0)

    def _words(self) -> str:
        if not self._total:
            return tr("Not found") if self._whole else tr("Searching")
        total = f"{count(self._total)}+" if self._full else count(self._total)
        so_far = not self._whole and not self._full
        if self._number:
            number = count(self._number)
            if so_far:
                return tr("{number} of {total} so far", number=number, total=total)
            return tr("{number} of {total}", number=number, total=total)
        if so_far:
            return tr("{total} so far", total=total)
        if self._whole:
            return ntr("{total} match", "{total} matches", self._total, total=total)
        return total

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.stepped.emit(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        else:
            super().keyPressEvent(event)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._number = 0
        self.changed.emit(text)

    @Slot()
    def _on_option(self) -> None:
        self._on_text(self.field.text())

    @Slot()
    def _on_next(self) -> None:
        self.stepped.emit(True)

    @Slot()
    def _on_previous(self) -> None:
        self.stepped.emit(False)

    @Slot()
    def _on_theme(self) -> None:
        pairs = ((self.previous, "chevron-up"), (self.next, "chevron-down"), (self.close_button, "close"))
        for button, icon in pairs:
            button.setIcon(self._theme.icon(icon, "muted", _ICON))
