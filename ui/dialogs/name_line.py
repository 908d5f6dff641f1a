"""A line that asks for a name where it is needed, in place of a dialog."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QToolButton, QWidget

from app.language import tr
from ui.theme import SPACE, ThemeManager

_LONGEST = 80
_ICON = 14


class NameLine(QFrame):
    """Hidden until `ask`. Enter or Save gives the name, Esc or the cross gives up."""

    named = Signal(str)
    cancelled = Signal()

    def __init__(self, what: str, words: str, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{what}_name_line")
        self.setProperty("inline", True)
        self._theme = theme
        self.field = QLineEdit(self)
        self.field.setObjectName(f"{what}_name")
        self.field.setAccessibleName(words)
        self.field.setPlaceholderText(words)
        self.field.setMaxLength(_LONGEST)
        self.field.textChanged.connect(self._on_text)
        self.save = QPushButton(tr("Save"), self)
        self.save.setObjectName(f"{what}_name_save")
        self.save.setAutoDefault(False)
        self.save.clicked.connect(self._on_save)
        self.close_button = QToolButton(self)
        self.close_button.setObjectName(f"{what}_name_cancel")
        self.close_button.setAccessibleName(tr("Don't save"))
        self.close_button.setToolTip(tr("Don't save (Esc)"))
        self.close_button.setIconSize(QSize(_ICON, _ICON))
        self.close_button.clicked.connect(self.give_up)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE[0])
        row.addWidget(self.field, 1)
        row.addWidget(self.save)
        row.addWidget(self.close_button)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._on_text("")
        self.hide()

    def ask(self, suggestion: str = "") -> None:
        """Show the line with a first suggestion, ready to be written over."""
        self.field.setText(suggestion)
        self.field.selectAll()
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def give_up(self) -> None:
        """Take the line away without a name."""
        if not self.isHidden():
            self.hide()
            self.cancelled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_save()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_save(self) -> None:
        name = self.field.text().strip()
        if name:
            self.hide()
            self.named.emit(name)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self.save.setEnabled(bool(text.strip()))

    @Slot()
    def _on_theme(self) -> None:
        self.close_button.setIcon(self._theme.icon("close", "muted", _ICON))
