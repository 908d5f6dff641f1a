"""What stands around the list: buttons, search, notes, the line that switches the view."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.language import tr
from ui.elided_button import ElidedToolButton
from ui.sidebar.contents import ARCHIVE, DELETED
from ui.sidebar.dates import Calendar
from ui.sidebar.inputs import NameEdit, SearchField
from ui.sidebar.list_view import ConversationList
from ui.sidebar.style import WIDTH
from ui.theme import SPACE, ThemeManager

_ICON = 18
_SMALL = 14


class Frame:
    """Makes the sidebar's widgets and lays them out in it."""

    def __init__(self, sidebar: QWidget, theme: ThemeManager, calendar: Calendar) -> None:
        self._theme = theme
        self.list = ConversationList(theme, calendar, sidebar)
        self.search = SearchField(theme, sidebar)
        self.folder_edit = NameEdit(self.list, sidebar)
        self.folder_edit.setObjectName("folder_name")
        self.folder_edit.setAccessibleName(tr("Name of the new folder"))
        self.folder_edit.setPlaceholderText(tr("Name of the new folder"))
        self.note = QLabel(sidebar)
        self.note.setObjectName("sidebar_note")
        self.note.setAccessibleName(tr("State of the list"))
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.end_note = QLabel(sidebar)
        self.end_note.setObjectName("sidebar_end_note")
        self.end_note.setProperty("role", "meta")
        self.end_note.setContentsMargins(SPACE[2], 0, SPACE[2], SPACE[0])
        self.end_note.hide()
        self.new_button = QPushButton(tr("New chat"), sidebar)
        self.new_button.setObjectName("sidebar_new")
        self.new_button.setAccessibleName(tr("New chat"))
        self.new_button.setIconSize(QSize(_ICON, _ICON))
        self.more_button = self._make_more(sidebar)
        self.back_button = _tool_button("sidebar_back", tr("Back"), sidebar)
        self.view_buttons = {
            ARCHIVE: _tool_button("view_archive", tr("Archive"), sidebar),
            DELETED: _tool_button("view_deleted", tr("Deleted"), sidebar),
        }
        self.view_buttons[ARCHIVE].setToolTip(tr("Archived conversations"))
        self.view_buttons[DELETED].setToolTip(tr("Recently deleted conversations, kept for 30 days"))
        self.view_buttons[DELETED].setAccessibleName(tr("Recently deleted"))
        for button in self.view_buttons.values():
            button.setCheckable(True)
        sidebar.setFixedWidth(WIDTH)
        self._lay_out(sidebar)

    def _make_more(self, sidebar: QWidget) -> QToolButton:
        button = QToolButton(sidebar)
        button.setObjectName("sidebar_more")
        button.setAccessibleName(tr("New things, export, import"))
        button.setToolTip(tr("New temporary chat, new folder, export, import"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setIconSize(QSize(_ICON, _ICON))
        menu = QMenu(button)
        menu.setObjectName("sidebar_more_menu")
        menu.setAccessibleName(tr("New"))
        self.temporary_action = QAction(tr("New temporary chat"), menu)
        self.temporary_action.setObjectName("sidebar_temporary")
        self.temporary_action.setToolTip(tr("A chat that is not kept"))
        self.folder_action = QAction(tr("New folder"), menu)
        self.folder_action.setObjectName("sidebar_new_folder")
        menu.addActions([self.temporary_action, self.folder_action])
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        self.more_menu = menu
        return button

    def _lay_out(self, sidebar: QWidget) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACE[0])
        top.addWidget(self.new_button, 1)
        top.addWidget(self.more_button)
        bottom = QHBoxLayout()
        bottom.setSpacing(SPACE[0])
        for button in self.view_buttons.values():
            bottom.addWidget(button)
        bottom.addStretch(1)
        self.note.setContentsMargins(SPACE[1], SPACE[0], SPACE[1], SPACE[0])
        upper = QVBoxLayout()
        upper.setContentsMargins(SPACE[1], SPACE[1], SPACE[1], 0)
        upper.setSpacing(SPACE[1])
        upper.addLayout(top)
        for widget in (self.search, self.back_button, self.folder_edit, self.note):
            upper.addWidget(widget)
        box = QVBoxLayout(sidebar)
        # The last pixel is the border's.
        box.setContentsMargins(0, 0, 1, SPACE[1])
        box.setSpacing(SPACE[0])
        box.addLayout(upper)
        box.addWidget(self.list, 1)
        box.addWidget(self.end_note)
        lower = QHBoxLayout()
        lower.setContentsMargins(SPACE[1], 0, SPACE[1], 0)
        lower.addLayout(bottom)
        box.addLayout(lower)
        before_list = (self.new_button, self.more_button, self.search, self.back_button, self.folder_edit)
        order: tuple[QWidget, ...] = (*before_list, self.list, *self.view_buttons.values())
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)
        self.on_theme()

    def show_view(self, mode: str, title: str) -> None:
        """Whether there is a way back, and which view is open."""
        self.back_button.setVisible(bool(title))
        self.back_button.setText(title)
        self.back_button.setAccessibleName(tr("Back from {title}", title=title) if title else tr("Back"))
        self.back_button.setToolTip(tr("Back to the conversations (Esc)"))
        for view, button in self.view_buttons.items():
            button.setChecked(view == mode)

    def show_end(self, text: str) -> None:
        """A line below the list; hidden while it is empty."""
        self.end_note.setText(text)
        self.end_note.setAccessibleName(text)
        self.end_note.setVisible(bool(text))

    def show_note(self, text: str, tone: str) -> None:
        """A line above the list; hidden while it is empty."""
        self.note.setText(text)
        self.note.setVisible(bool(text))
        if self.note.property("tone") != tone:
            self.note.setProperty("tone", tone)
            self.note.style().polish(self.note)

    def on_theme(self) -> None:
        """Icons in the colours in force."""
        icon = self._theme.icon
        self.new_button.setIcon(icon("plus", "accent", _ICON))
        self.more_button.setIcon(icon("more", "muted", _ICON))
        self.temporary_action.setIcon(icon("temporary", "muted", _ICON))
        self.folder_action.setIcon(icon("folder", "muted", _ICON))
        self.back_button.setIcon(icon("chevron-left", "muted", _SMALL))
        self.view_buttons[ARCHIVE].setIcon(icon("archive", "muted", _SMALL))
        self.view_buttons[DELETED].setIcon(icon("trash", "muted", _SMALL))


def _tool_button(name: str, text: str, parent: QWidget) -> ElidedToolButton:
    button = ElidedToolButton(parent)
    button.setObjectName(name)
    button.setText(text)
    button.setAccessibleName(text)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setIconSize(QSize(_SMALL, _SMALL))
    if name == "sidebar_back":
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button
