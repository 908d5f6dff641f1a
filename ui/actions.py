"""The window's actions, made from the table of shortcuts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from ui.shortcuts import ACTIONS


def make_actions(owner: QWidget) -> dict[str, QAction]:
    """An action of `owner` for each shortcut that the window handles, by its id."""
    actions = {}
    for shortcut in ACTIONS:
        action = QAction(shortcut.spoken, owner)
        action.setObjectName(shortcut.object_name)
        action.setShortcuts(shortcut.sequences)
        if shortcut.everywhere:
            action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        action.setToolTip(f"{shortcut.spoken.rstrip('…')} ({shortcut.text})")
        owner.addAction(action)
        actions[shortcut.id] = action
    return actions
