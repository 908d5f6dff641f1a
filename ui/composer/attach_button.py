"""The paperclip beside the modes: files and folders that go with the question."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.language import mark, tr
from ui.theme import ThemeManager

_ICON = 18
_HINT = mark("Add documents. They can be dropped anywhere on the window, too.")


class AttachButton(QToolButton):
    """Asks for nothing itself: its owner opens the pickers."""

    files_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("attach")
        self.setAccessibleName(tr("Add documents"))
        self.setAccessibleDescription(tr(_HINT))
        self.setToolTip(tr(_HINT))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(QSize(_ICON, _ICON))
        self._theme = theme
        menu = QMenu(self)
        menu.setObjectName("attach_menu")
        menu.setAccessibleName(tr("Add documents"))
        self._files = self._action(menu, "action_attach_files", tr("Files…"), self.files_wanted)
        self._folder = self._action(menu, "action_attach_folder", tr("Folder…"), self.folder_wanted)
        self.setMenu(menu)
        menu.aboutToHide.connect(self._on_menu_gone)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _action(self, menu: QMenu, name: str, text: str, signal: SignalInstance) -> QAction:
        action = QAction(text, menu)
        action.setObjectName(name)
        action.triggered.connect(signal)
        menu.addAction(action)
        return action

    @Slot()
    def _on_menu_gone(self) -> None:
        """Menu and picker keep from it that the pointer has gone: it would stay lit."""
        self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        self.update()

    @Slot()
    def _on_theme(self) -> None:
        self.setIcon(self._theme.icon("paperclip", "muted", _ICON))
        self._files.setIcon(self._theme.icon("file", "muted", _ICON))
        self._folder.setIcon(self._theme.icon("folder", "muted", _ICON))
