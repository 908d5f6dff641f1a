from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.chat.library import Folder
from tests.ui.sidebar.conftest import FOLDERS, Desk, ago, entry, some
from ui.sidebar.contents import DELETED

#: What the screen without a screen says of every menu.
pytestmark = pytest.mark.qt_log_ignore("does not support (raise|grabbing)")

SHIFT = Qt.KeyboardModifier.ShiftModifier


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_what_can_be_done_with_one(desk: Desk) -> None:
    menu = desk.fill().right_click("rust")
    assert texts(menu) == [
        *("Open", "Rename", "Pin", "Move to folder", "Duplicate", "Copy conversation", "Export…"),
        *("Archive", "Delete"),
    ]
    folders = menu.findChild(QMenu, "sidebar_folders")
    assert texts(folders) == ["Work", "Home && garden", "New folder…", "No folder"]


def test_what_can_be_done_with_several(desk: Desk) -> None:
    desk.fill().go("rust")
    desk.key(Qt.Key.Key_Down, SHIFT)
    assert texts(desk.right_click("rust")) == [
        *("Pin", "Move to folder", "Export 2 conversations…", "Archive 2 conversations"),
        "Delete 2 conversations",
    ]


@pytest.mark.parametrize("by_key", [False, True], ids=["mouse", "keyboard"])
@pytest.mark.parametrize(
    "case",
    [
        ("rust", "open", "open_requested", ["rust"]),
        ("rust", "pin", "pin_requested", [["rust"], True]),
        ("lakes", "pin", "pin_requested", [["lakes"], False]),
        ("rust", "folder_work", "move_requested", [["rust"], "work"]),
        ("cache", "no_folder", "move_requested", [["cache"], ""]),
        ("rust", "duplicate", "duplicate_requested", ["rust"]),
        ("rust", "copy", "copy_requested", ["rust"]),
        ("rust", "export", "export_requested", [["rust"]]),
        ("rust", "archive", "archive_requested", [["rust"], True]),
        ("rust", "delete", "delete_requested", [["rust"]]),
        ("[Work]", "remove", "folder_removed", ["work"]),
    ],
)
def test_each_action(
    desk: Desk, qtbot: QtBot, case: tuple[str, str, str, list[object]], by_key: bool
) -> None:
    row, action, signal, args = case
    desk.fill()
    if by_key:
        desk.go(row)
        desk.key(Qt.Key.Key_Menu)
    menu = desk.menu() if by_key else desk.right_click(row)
    with qtbot.waitSignal(getattr(desk.sidebar, signal)) as emitted:
        desk.choose(menu, action)
    assert emitted.args == args


@pytest.mark.parametrize(
    ("action", "signal", "args"),
    [
        ("pin", "pin_requested", [["lakes", "cache"], True]),
        ("export", "export_requested", [["lakes", "cache"]]),
        ("archive", "archive_requested", [["lakes", "cache"], True]),
        ("delete", "delete_requested", [["lakes", "cache"]]),
        ("folder_home", "move_requested", [["lakes", "cache"], "home"]),
    ],
)
def test_actions_for_several(desk: Desk, qtbot: QtBot, action: str, signal: str, args: list[object]) -> None:
    desk.fill().go("lakes")
    desk.key(Qt.Key.Key_Down, SHIFT)
    desk.key(Qt.Key.Key_Down, SHIFT)
    with qtbot.waitSignal(getattr(desk.sidebar, signal)) as emitted:
        desk.choose(desk.right_click("cache"), action)
    assert emitted.args == args


def test_archived_ones_come_back(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.sidebar.findChild(object, "view_archive").click()
    with qtbot.waitSignal(desk.sidebar.archive_requested) as emitted:
        desk.choose(desk.right_click("stored"), "archive")
    assert emitted.args == [["stored"], False]


def test_deleted_ones_can_only_be_restored(desk: Desk, qtbot: QtBot) -> None:
    desk.sidebar.set_deleted([entry("a", deleted=ago(days=1)), entry("b", deleted=ago(days=2))])
    desk.sidebar._open_view(DELETED)
    desk.go("a")
    desk.key(Qt.Key.Key_Down, SHIFT)
    menu = desk.right_click("a")
    assert texts(menu) == ["Restore 2 conversations"]
    with qtbot.waitSignal(desk.sidebar.restore_requested) as emitted:
        desk.choose(menu, "restore")
    assert emitted.args == [["a", "b"]]


def test_the_folder_that_holds_it_is_not_offered(desk: Desk) -> None:
    menu = desk.fill().right_click("cache").findChild(QMenu, "sidebar_folders")
    enabled = [action.isEnabled() for action in menu.actions() if not action.isSeparator()]
    assert enabled == [False, True, True, True]


@pytest.mark.parametrize("way", ["menu", "key"])
def test_a_conversation_is_renamed_in_place(desk: Desk, qtbot: QtBot, way: str) -> None:
    desk.fill().go("rust")
    if way == "menu":
        desk.choose(desk.right_click("rust"), "rename")
    else:
        desk.key(Qt.Key.Key_F2)
    editor = desk.list.editor
    assert editor.hasFocus()
    assert editor.text() == "Rust"
    qtbot.keyClicks(editor, "Iron")
    with qtbot.waitSignal(desk.sidebar.rename_requested) as renamed:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert renamed.args == ["rust", "Iron"]


@pytest.mark.parametrize("way", ["menu", "key"])
def test_a_folder_is_renamed_in_place(desk: Desk, qtbot: QtBot, way: str) -> None:
    desk.fill().go("[Work]")
    if way == "menu":
        desk.choose(desk.right_click("[Work]"), "rename")
    else:
        desk.key(Qt.Key.Key_F2)
    qtbot.keyClicks(desk.list.editor, "Play")
    with qtbot.waitSignal(desk.sidebar.folder_renamed) as renamed:
        qtbot.keyClick(desk.list.editor, Qt.Key.Key_Return)
    assert renamed.args == ["work", "Play"]


def test_a_day_has_no_name_to_change(desk: Desk) -> None:
    menu = desk.fill().right_click("[Today]")
    assert texts(menu) == ["Close"]
    desk.choose(menu, "fold")
    assert "rust" not in desk.names
    desk.go("[Today]")
    desk.key(Qt.Key.Key_F2)
    assert not desk.list.editor.isVisible()
    assert texts(desk.right_click("[Today]")) == ["Open"]


def test_into_a_new_folder(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.choose(desk.right_click("rust"), "new_folder")
    edit = desk.sidebar.folder_edit
    assert edit.hasFocus()
    qtbot.keyClicks(edit, "Thesis")
    with qtbot.waitSignal(desk.sidebar.folder_added) as added:
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert added.args == ["Thesis"]
    with qtbot.assertNotEmitted(desk.sidebar.move_requested):
        desk.sidebar.set_entries(some(), [*FOLDERS, Folder("f8", "Other")])
    made = [*FOLDERS, Folder("f8", "Other"), Folder("f9", "Thesis")]
    with qtbot.waitSignal(desk.sidebar.move_requested) as moved:
        desk.sidebar.set_entries(some(), made)
    assert moved.args == [["rust"], "f9"]
    with qtbot.assertNotEmitted(desk.sidebar.move_requested):
        desk.sidebar.set_entries(some(), FOLDERS)
        desk.sidebar.set_entries(some(), made)
