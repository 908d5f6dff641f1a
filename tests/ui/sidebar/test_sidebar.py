from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from app.chat.library import Entry, Folder, Hit
from tests.ui.sidebar.conftest import FOLDERS, HITS, NOW, Desk, ago, entry, some

Key = Qt.Key
_DISPLAY = Qt.ItemDataRole.DisplayRole
_SPOKEN = Qt.ItemDataRole.AccessibleTextRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole


def click(desk: Desk, name: str) -> None:
    button = desk.sidebar.findChild((QToolButton, QPushButton)[name == "sidebar_new"], name)
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def note(desk: Desk) -> str:
    label = desk.sidebar.findChild(QLabel, "sidebar_note")
    return label.text() if label.isVisible() else ""


def search(desk: Desk, text: str = "cache") -> None:
    with desk.qtbot.waitSignal(desk.sidebar.search_changed) as changed:
        desk.qtbot.keyClicks(desk.sidebar.search, text)
    assert changed.args == [text]


# ---- new ones ------------------------------------------------------------------------------


def test_new_chats_and_folders(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.sidebar.new_requested):
        click(desk, "sidebar_new")
    with qtbot.waitSignal(desk.sidebar.temporary_requested):
        desk.sidebar.findChild(QAction, "sidebar_temporary").trigger()
    desk.sidebar.findChild(QAction, "sidebar_new_folder").trigger()
    qtbot.keyClicks(desk.sidebar.folder_edit, "Trips")
    with qtbot.waitSignal(desk.sidebar.folder_added) as added:
        qtbot.keyClick(desk.sidebar.folder_edit, Key.Key_Return)
    assert added.args == ["Trips"]
    with qtbot.assertNotEmitted(desk.sidebar.move_requested):
        desk.sidebar.set_entries(some(), [*FOLDERS, Folder("t", "Trips")])


def test_a_folder_that_was_given_up_takes_nothing(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.sidebar.begin_folder(["rust"])
    qtbot.keyClicks(desk.sidebar.folder_edit, "Trips")
    with qtbot.assertNotEmitted(desk.sidebar.folder_added):
        qtbot.keyClick(desk.sidebar.folder_edit, Key.Key_Escape)
    with qtbot.assertNotEmitted(desk.sidebar.move_requested):
        desk.sidebar.set_entries(some(), [*FOLDERS, Folder("t", "Trips")])


# ---- search --------------------------------------------------------------------------------


def test_hits_take_the_place_of_the_list_and_give_it_back(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    before = desk.names
    search(desk)
    assert desk.names == before, "nothing flickers until there is a result"
    desk.sidebar.set_hits("cache", HITS)
    assert desk.names == ["cache", "rust"]
    assert desk.sidebar.view == "search"
    with qtbot.waitSignal(desk.sidebar.search_changed) as changed:
        qtbot.keyClick(desk.sidebar.search, Key.Key_Escape)
    assert changed.args == [""]
    assert desk.names == before


def test_a_result_for_an_older_text_is_ignored(desk: Desk) -> None:
    desk.fill()
    search(desk)
    desk.sidebar.set_hits("cach", HITS)
    assert desk.sidebar.view == "chats"
    desk.sidebar.search.clear()
    desk.sidebar.set_hits("", HITS)
    assert desk.sidebar.view == "chats"


def test_down_goes_into_the_hits_and_enter_opens(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    search(desk)
    desk.sidebar.set_hits("cache", HITS)
    qtbot.keyClick(desk.sidebar.search, Key.Key_Down)
    assert desk.list.hasFocus()
    assert desk.selected() == ["cache"]
    with qtbot.waitSignal(desk.sidebar.hit_requested) as opened:
        desk.key(Key.Key_Return)
    assert opened.args == ["cache", "", "cache"]
    desk.key(Key.Key_Down)
    with qtbot.waitSignal(desk.sidebar.hit_requested) as opened:
        desk.key(Key.Key_Return)
    assert opened.args == ["rust", "m1", "cache"]
    desk.key(Key.Key_Escape)
    assert desk.sidebar.search.hasFocus()
    assert desk.sidebar.view == "chats"


def test_enter_in_the_field_and_a_click_open_hits(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    search(desk)
    with qtbot.assertNotEmitted(desk.sidebar.hit_requested):
        qtbot.keyClick(desk.sidebar.search, Key.Key_Return)
    desk.sidebar.set_hits("cache", HITS)
    with qtbot.waitSignal(desk.sidebar.hit_requested) as opened:
        qtbot.keyClick(desk.sidebar.search, Key.Key_Return)
    assert opened.args == ["cache", "", "cache"]
    with qtbot.waitSignal(desk.sidebar.hit_requested) as opened:
        desk.click("rust")
    assert opened.args == ["rust", "m1", "cache"]


def test_hits_stay_while_entries_change(desk: Desk) -> None:
    desk.fill()
    search(desk)
    desk.sidebar.set_hits("cache", HITS)
    desk.list.select_row(1)
    desk.sidebar.set_entries(some()[1:], FOLDERS)
    assert desk.names == ["cache", "rust"]
    assert desk.selected() == ["rust"]


def test_renaming_a_hit_shows_its_conversation(desk: Desk) -> None:
    desk.fill()
    desk.sidebar.set_folded(["folder:work"])
    search(desk)
    desk.sidebar.set_hits("cache", HITS)
    desk.sidebar.focus_list()
    desk.list.select_row(0)
    desk.key(Key.Key_F2)
    assert desk.sidebar.view == "chats"
    assert desk.list.editor.isVisible()
    assert desk.at() == "cache"


def test_the_field_is_at_hand(desk: Desk) -> None:
    desk.sidebar.search.setText("old")
    desk.sidebar.focus_search()
    assert desk.sidebar.search.hasFocus()
    assert desk.sidebar.search.selectedText() == "old"


# ---- views ---------------------------------------------------------------------------------


def test_the_archive_and_back(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    chats = desk.names
    click(desk, "view_archive")
    assert desk.names == ["[Today]", "stored"]
    with qtbot.waitSignal(desk.sidebar.open_requested) as opened:
        desk.click("stored")
    assert opened.args == ["stored"]
    click(desk, "sidebar_back")
    assert desk.names == chats
    assert desk.list.hasFocus()
    click(desk, "view_archive")
    click(desk, "view_archive")
    assert desk.names == chats


def test_deleted_ones_are_asked_for_and_restored(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    with qtbot.waitSignal(desk.sidebar.deleted_wanted):
        click(desk, "view_deleted")
    desk.sidebar.set_deleted([entry("a", deleted=ago(days=1)), entry("b", deleted=ago(days=2))])
    assert desk.names == ["a", "b"]
    with qtbot.assertNotEmitted(desk.sidebar.restore_requested):
        desk.click("b")
        desk.key(Key.Key_Delete)
    word = desk.list.itemDelegate().restore_rect(desk.list.visualRect(desk.list.rows.index(0)))
    with qtbot.waitSignal(desk.sidebar.restore_requested) as restored:
        qtbot.mouseClick(desk.list.viewport(), Qt.MouseButton.LeftButton, pos=word.center())
    assert restored.args == [["a"]]
    desk.go("b")
    with qtbot.waitSignal(desk.sidebar.restore_requested) as restored:
        desk.key(Key.Key_Return)
    assert restored.args == [["b"]]
    desk.key(Key.Key_Escape)
    assert desk.sidebar.view == "chats"


def test_deleting_is_not_for_what_is_deleted(desk: Desk, qtbot: QtBot) -> None:
    desk.sidebar.set_deleted([entry("a", deleted=ago(days=1))])
    click(desk, "view_deleted")
    desk.go("a")
    with qtbot.assertNotEmitted(desk.sidebar.delete_requested):
        desk.key(Key.Key_Delete)


def test_esc_with_nothing_to_close_leaves(desk: Desk, qtbot: QtBot) -> None:
    desk.fill().go("rust")
    with qtbot.waitSignal(desk.sidebar.left):
        desk.key(Key.Key_Escape)
    desk.sidebar.focus_search()
    with qtbot.waitSignal(desk.sidebar.left):
        qtbot.keyClick(desk.sidebar.search, Key.Key_Escape)


def test_what_is_folded_is_told_and_taken_back(desk: Desk, qtbot: QtBot) -> None:
    desk.fill().go("[Work]")
    with qtbot.waitSignal(desk.sidebar.folded_changed) as folded:
        desk.key(Key.Key_Left)
    assert folded.args == [["folder:work"]]
    desk.sidebar.set_folded(["today"])
    assert "cache" in desk.names
    assert "rust" not in desk.names


def test_renaming_looks_for_the_conversation(desk: Desk) -> None:
    desk.fill()
    desk.sidebar.begin_rename("stored")
    assert desk.sidebar.view == "archive"
    assert desk.list.editor.text() == "Stored"
    desk.sidebar.begin_rename("unknown")
    assert desk.list.editor.text() == "Stored"


def test_a_new_day_sorts_anew(desk: Desk) -> None:
    desk.fill()
    desk.clock.now += 86_400
    desk.sidebar._on_clock()
    assert "[Yesterday]" in desk.names
    assert "[Today]" not in desk.names


# ---- empty, loading, trouble ---------------------------------------------------------------


def test_nothing_is_called_empty_before_it_was_read(desk: Desk) -> None:
    assert note(desk) == ""
    desk.qtbot.waitUntil(lambda: note(desk) == "Loading conversations…")
    desk.sidebar.set_entries([], [])
    assert note(desk) == "No conversations yet."


def test_what_is_said_while_there_are_no_rows(desk: Desk) -> None:
    desk.sidebar.set_entries([], [])
    desk.sidebar.set_loading(True)
    assert note(desk) == ""
    desk.qtbot.waitUntil(lambda: note(desk) == "Loading conversations…")
    assert desk.list.accessibleDescription() == "Loading conversations…"
    desk.sidebar.set_trouble("The list cannot be read.")
    assert note(desk) == "The list cannot be read."
    assert desk.sidebar.findChild(QLabel, "sidebar_note").property("tone") == "trouble"
    desk.sidebar.set_trouble("")
    desk.sidebar.set_loading(False)
    assert note(desk) == "No conversations yet."
    assert desk.sidebar.findChild(QLabel, "sidebar_note").property("tone") == ""
    desk.fill()
    assert note(desk) == ""
    search(desk, "zebra")
    desk.sidebar.set_hits("zebra", [])
    assert note(desk) == "Nothing found for “zebra”."


def test_a_full_list_of_hits_says_that_there_may_be_more(desk: Desk) -> None:
    search(desk, "rust")
    end = desk.sidebar.findChild(QLabel, "sidebar_end_note")
    hits = [Hit("rust", "Rust", "rust", ((0, 4),), f"m{n}", "user", 1.0) for n in range(50)]
    desk.sidebar.set_hits("rust", hits[:49])
    assert end.isHidden()
    desk.sidebar.set_hits("rust", hits)
    assert not end.isHidden()
    assert end.text() == "The first 50 are shown"
    desk.sidebar.search.clear()
    assert end.isHidden()


def test_hostile_names_are_one_short_clean_line(desk: Desk) -> None:
    wild = "<b>a</b>\n\u202egnp.exe\u2066" + "x" * 1_000_000
    desk.sidebar.set_entries([entry("wild", title=wild), entry("in", folder="f")], [Folder("f", wild)])
    rows = desk.list.rows
    for number in range(rows.rowCount()):
        said = [rows.data(rows.index(number), role) or "" for role in (_DISPLAY, _SPOKEN)]
        assert all(len(text) < 260 and "\n" not in text and "\u202e" not in text for text in said)
    tooltip = rows.data(rows.index(desk.row("wild")), _TOOLTIP)
    assert tooltip.startswith("<span>&lt;b&gt;a&lt;/b&gt; gnp.exe")
    desk.go("wild")
    desk.key(Qt.Key.Key_F2)
    assert len(desk.list.editor.text()) <= 200
    desk.key(Qt.Key.Key_Escape)
    desk.sidebar.grab()


# ---- as a screen reader has it -------------------------------------------------------------


def test_every_control_has_a_name(desk: Desk) -> None:
    desk.fill()
    for kind in (QToolButton, QPushButton, QLineEdit, QListView):
        for widget in desk.sidebar.findChildren(kind):
            if widget.objectName().startswith("qt_") or isinstance(widget.parent(), QLineEdit):
                continue
            assert widget.objectName()
            interface = QAccessible.queryAccessibleInterface(widget)
            assert interface.text(QAccessible.Text.Name), widget.objectName()


def test_rows_are_read_out(desk: Desk) -> None:
    desk.fill()
    desk.sidebar.set_working(frozenset({"rust"}))
    desk.sidebar.set_current("letter")
    interface = QAccessible.queryAccessibleInterface(desk.list)
    said = [interface.child(row).text(QAccessible.Text.Name) for row in range(interface.childCount())]
    assert said[:8] == [
        "Pinned, 1 conversation, open",
        "Lakes, pinned",
        "Folder Work, 1 conversation, open",
        "Cache",
        "Folder Home & garden, 0 conversations, open",
        "Today, 2 conversations, open",
        "Rust, being answered",
        "Letter, shown",
    ]
    click(desk, "view_archive")
    assert desk.list.accessibleName() == "Archive"


# ---- many ----------------------------------------------------------------------------------


def test_ten_thousand_conversations(desk: Desk) -> None:
    folders = [Folder(str(number), f"Folder {number}") for number in range(10)]
    now = NOW.timestamp()
    entries = [
        Entry(f"e{i}", f"Conversation {i}", 0.0, now - i * 3600, i % 500 == 0, folder=str(i % 40))
        for i in range(10_000)
    ]
    spent = []
    for _ in range(10):
        entries = entries[1:]
        start = time.perf_counter()
        desk.sidebar.set_entries(entries, folders)
        spent.append(time.perf_counter() - start)
    # 50 ms are meant; a busy machine gets ten times that.
    assert max(spent) < 0.5
    spent.clear()
    bar = desk.list.verticalScrollBar()
    for step in range(30):
        start = time.perf_counter()
        bar.setValue(step * 331)
        desk.list.viewport().repaint()
        spent.append(time.perf_counter() - start)
    assert sorted(spent)[15] < 0.16, "ten times a frame"


@pytest.mark.parametrize("act", ["set_current", "set_working"])
def test_marks_do_not_lay_the_list_out_again(desk: Desk, act: str) -> None:
    desk.sidebar.set_entries([entry(f"e{number}") for number in range(10_000)], [])
    desk.sidebar.focus_list()
    start = time.perf_counter()
    for number in range(20):
        name = f"e{number}"
        getattr(desk.sidebar, act)(name if act == "set_current" else frozenset({name}))
        desk.list.executeDelayedItemsLayout()
    assert time.perf_counter() - start < 0.2
