from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel
from pytestqt.qtbot import QtBot

from ui.dialogs.shortcuts_list import ShortcutsList
from ui.shortcuts import SHORTCUTS


@pytest.fixture
def keys(qtbot: QtBot) -> ShortcutsList:
    made = ShortcutsList()
    qtbot.addWidget(made)
    made.open_list()
    return made


def _shown(keys: ShortcutsList) -> set[str]:
    rows = ((one.id, keys.findChild(QFrame, f"shortcut_{one.id}")) for one in SHORTCUTS)
    return {id for id, row in rows if row.isVisible()}


def test_it_lists_everything_and_blocks_nothing(keys: ShortcutsList) -> None:
    assert _shown(keys) == {one.id for one in SHORTCUTS}
    assert not keys.isModal()
    assert keys.filter.hasFocus()
    row = keys.findChild(QFrame, "shortcut_new_chat")
    assert [label.text() for label in row.findChildren(QLabel)] == ["New chat", "Ctrl", "N"]
    assert row.accessibleName() == "New chat: Ctrl+N"


def test_it_is_narrowed_by_name_and_by_key(keys: ShortcutsList, qtbot: QtBot) -> None:
    qtbot.keyClicks(keys.filter, "sidebar")
    assert _shown(keys) == {"toggle_sidebar"}
    headings = [label for label in keys.findChildren(QLabel) if label.property("role") == "heading"]
    assert [label.text() for label in headings if label.isVisible()] == ["Window"]
    keys.filter.setText("ctrl+shift+c")
    assert _shown(keys) == {"copy_answer"}
    keys.filter.setText("nothing has this")
    assert _shown(keys) == set()
    assert keys.none.isVisible()


def test_escape_closes_it_and_it_opens_anew(keys: ShortcutsList, qtbot: QtBot) -> None:
    qtbot.keyClicks(keys.filter, "quit")
    qtbot.keyClick(keys.filter, Qt.Key.Key_Escape)
    assert not keys.isVisible()
    keys.open_list()
    assert keys.isVisible()
    assert keys.filter.text() == ""


def test_the_list_scrolls_by_key_from_the_filter(keys: ShortcutsList, qtbot: QtBot) -> None:
    keys.resize(500, 300)
    bar = keys.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    qtbot.keyClick(keys.filter, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    qtbot.keyClick(keys.filter, Qt.Key.Key_PageUp)
    assert bar.value() == 0
