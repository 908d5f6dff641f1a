"""The small menu of the composer: how its keys work."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.language import mark, tr
from ui.theme import ThemeManager

ENTER_SENDS = mark("Enter sends the message")
_ICON = 18


class MoreButton(QToolButton):
    """Shows what is set by `set_enter_sends`, which emits nothing."""

    enter_sends_chosen = Signal(bool)

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer_more")
        self.setAccessibleName(tr("How the text field works"))
        self.setToolTip(tr("How the text field works"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(QSize(_ICON, _ICON))
        self._theme = theme
        menu = QMenu(self)
        menu.setObjectName("composer_menu")
        menu.setAccessibleName(tr("How the text field works"))
        self._enter = QAction(tr(ENTER_SENDS), menu)
        self._enter.setObjectName("action_enter_sends")
        self._enter.setCheckable(True)
        self._enter.setChecked(True)
        self._enter.triggered.connect(self.enter_sends_chosen)
        menu.addAction(self._enter)
        self.setMenu(menu)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def set_enter_sends(self, sends: bool) -> None:
        self._enter.setChecked(sends)

    @Slot()
    def _on_theme(self) -> None:
        self.setIcon(self._theme.icon("more", "muted", _ICON))
