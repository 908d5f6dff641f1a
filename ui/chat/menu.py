"""The conversation's context menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from ui.chat.items import Spot

if TYPE_CHECKING:
    from ui.chat.view import ChatView


def build_menu(view: ChatView, spot: Spot | None) -> QMenu:
    """Copy, copy a link's address, select all. The menu deletes itself when it closes."""
    menu = QMenu(view)
    menu.setObjectName("chat_menu")
    menu.setAccessibleName("Conversation menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    copy = menu.addAction("Copy", view.copy_selection)
    copy.setShortcut(QKeySequence.StandardKey.Copy)
    copy.setEnabled(bool(view.selection))
    if spot is not None and spot.kind == "link":
        menu.addAction("Copy link address", lambda: view.copy(spot.value))
    menu.addSeparator()
    select = menu.addAction("Select all", view.select_all)
    select.setShortcut(QKeySequence.StandardKey.SelectAll)
    return menu
