"""The line to name a model in, and what became of it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.language import mark, tr
from ui.theme import SPACE, ThemeManager
from ui.words import breakable

_HINT = mark("Another model: owner/name, link or path")
_UNASKED = mark(
    "This list came with the app. The hub is asked once you look something up, refresh, or download."
)
_LONGEST = 2000
_ICON = 18


class FindBar(QWidget):
    """A field, buttons for what is on this machine, and a line below for what went wrong.

    Signals:
        find_requested: what was typed.
    """

    find_requested = Signal(str)
    open_requested = Signal()
    folder_requested = Signal()
    refresh_requested = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("find_bar")
        self._theme = theme
        self.edit = QLineEdit(self)
        self.edit.setObjectName("find_edit")
        self.edit.setAccessibleName(tr("Name, link or path of another model"))
        self.edit.setPlaceholderText(tr(_HINT))
        self.edit.setMaxLength(_LONGEST)
        self.edit.returnPressed.connect(self._on_find)
        self.find_button = self._push("find_button", tr("Look up"))
        self.find_button.clicked.connect(self._on_find)
        self.open_button = self._push("models_open_file", tr("Open a file…"))
        self.open_button.clicked.connect(self.open_requested)
        self.folder_button = self._push("models_add_folder", tr("Add a folder…"))
        self.folder_button.setToolTip(tr("Models in it are listed here; nothing is copied"))
        self.folder_button.clicked.connect(self.folder_requested)
        self.refresh_button = QToolButton(self)
        self.refresh_button.setObjectName("models_refresh")
        self.refresh_button.setAccessibleName(tr("Look again"))
        self.refresh_button.setToolTip(tr("Look again at this machine and at the hub"))
        self.refresh_button.clicked.connect(self.refresh_requested)
        self.message = QLabel(self)
        self.message.setObjectName("find_message")
        self.message.setProperty("role", "muted")
        self.message.setWordWrap(True)
        self.again_button = self._push("find_again", tr("Try again"))
        self.again_button.clicked.connect(self._on_find)
        self._lay_out()
        self.set_message(tr(_UNASKED), "", False)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _push(self, name: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACE[1])
        top.addWidget(self.edit, 1)
        top.addWidget(self.find_button)
        top.addSpacing(SPACE[2])
        for button in (self.open_button, self.folder_button, self.refresh_button):
            top.addWidget(button)
        below = QHBoxLayout()
        below.setSpacing(SPACE[1])
        below.addWidget(self.message, 1)
        below.addWidget(self.again_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(SPACE[1])
        box.addLayout(top)
        box.addLayout(below)

    @Slot(str, str, bool)
    def set_message(self, text: str, tone: str, again: bool) -> None:
        """Say what became of what was typed; `again` offers to try it once more."""
        self.message.setText(breakable(text))
        self.message.setProperty("tone", tone)
        self.message.style().unpolish(self.message)
        self.message.style().polish(self.message)
        self.message.setVisible(bool(text))
        self.again_button.setVisible(again)

    @Slot()
    def _on_find(self) -> None:
        self.find_requested.emit(self.edit.text())

    @Slot()
    def _on_theme(self) -> None:
        self.refresh_button.setIcon(self._theme.icon("refresh", "muted", _ICON))
