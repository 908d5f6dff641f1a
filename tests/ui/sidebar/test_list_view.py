from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.sidebar.conftest import FOLDERS, Desk, ago, entry, some

#: What the screen without a screen says of every menu.
pytestmark = pytest.mark.qt_log_ignore("does not support (raise|grabbing)")

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
Key = Qt.Key


def many(count: int = 60) -> list:  # type: ignore[type-arg]
    return [entry(f"e{number}", when=ago(minutes=number)) for number in range(count)]


def data_of(desk: Desk, *names: str) -> QMimeData:
    return desk.list.rows.mimeData([desk.list.rows.index(desk.row(name)) for name in names])


def drag(desk: Desk, data: QMimeData, to: QPoint) -> bool:
    """Drag to a spot: whether it may be let go there."""
    taken = True
    for kind in (QDragEnterEvent, QDragMoveEvent):
        event = kind(to, Qt.DropAction.MoveAction, data, LEFT, NONE)
        QApplication.sendEvent(desk.list.viewport(), event)
        taken = taken and event.isAccepted()
    return taken


def drop(desk: Desk, data: QMimeData, on: QPoint) -> bool:
    """Drag onto a spot and let go there if it may be: whether it was taken."""
    if not drag(desk, data, on):
        return False
    event = QDropEvent(on.toPointF(), Qt.DropAction.MoveAction, data, LEFT, NONE)
    QApplication.sendEvent(desk.list.viewport(), event)
    return True


# ---- mouse ---------------------------------------------------------------------------------


def test_a_click_opens_and_one_with_a_modifier_selects(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    with qtbot.waitSignal(desk.sidebar.open_requested) as opened:
        desk.click("rust")
    assert opened.args == ["rust"]
    with qtbot.assertNotEmitted(desk.sidebar.open_requested):
        desk.click("old", CONTROL)
        assert desk.selected() == ["rust", "old"]


def test_shift_click_selects_all_between_without_headings(desk: Desk, qtbot: QtBot) -> None:
    desk.fill().go("lakes")
    with qtbot.assertNotEmitted(desk.sidebar.open_requested):
        desk.click("letter", SHIFT)
    assert desk.selected() == ["lakes", "cache", "rust", "letter"]


def test_a_press_that_is_let_go_elsewhere_opens_nothing(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    port, left = desk.list.viewport(), Qt.MouseButton.LeftButton
    with qtbot.assertNotEmitted(desk.sidebar.open_requested):
        qtbot.mousePress(port, left, pos=desk.center("rust"))
        qtbot.mouseRelease(port, left, pos=desk.center("letter"))


def test_two_quick_clicks_open_once(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    opened: list[str] = []
    desk.sidebar.open_requested.connect(opened.append)
    desk.click("rust")
    qtbot.mouseDClick(desk.list.viewport(), LEFT, pos=desk.center("rust"))
    qtbot.mouseRelease(desk.list.viewport(), LEFT, pos=desk.center("rust"))
    assert opened == ["rust"]


def test_a_click_on_a_heading_folds_and_opens_it(desk: Desk) -> None:
    desk.fill()
    desk.click("[Work]")
    assert "cache" not in desk.names
    desk.click("[Work]")
    assert "cache" in desk.names


# ---- keyboard ------------------------------------------------------------------------------


def test_arrows_move_and_enter_opens(desk: Desk, qtbot: QtBot) -> None:
    desk.fill().go("rust")
    with qtbot.assertNotEmitted(desk.sidebar.open_requested):
        desk.key(Key.Key_Down)
    assert desk.at() == "letter"
    with qtbot.waitSignal(desk.sidebar.open_requested) as opened:
        desk.key(Key.Key_Return)
    assert opened.args == ["letter"]


def test_shift_and_arrows_and_all(desk: Desk) -> None:
    desk.fill().go("cache")
    for _ in range(3):
        desk.key(Key.Key_Down, SHIFT)
    assert desk.selected() == ["cache", "rust"]
    desk.key(Key.Key_A, CONTROL)
    assert desk.selected() == ["lakes", "cache", "rust", "letter", "old"]


def test_left_and_right_fold(desk: Desk) -> None:
    desk.fill().go("letter")
    desk.key(Key.Key_Left)
    assert desk.at() == "[Today]"
    assert desk.selected() == []
    desk.key(Key.Key_Left)
    assert "letter" not in desk.names
    assert desk.at() == "[Today]"
    desk.key(Key.Key_Right)
    assert "letter" in desk.names
    desk.key(Key.Key_Right)
    assert desk.at() == "rust"
    desk.go("[Today]")
    desk.key(Key.Key_Enter)
    assert "rust" not in desk.names


def test_right_into_an_empty_folder_stays(desk: Desk) -> None:
    desk.fill().go("[Home & garden]")
    desk.key(Key.Key_Right)
    assert desk.at() == "[Home & garden]"


def test_delete_needs_a_selection_and_backspace_never_deletes(desk: Desk, qtbot: QtBot) -> None:
    desk.fill().go("[Today]")
    with qtbot.assertNotEmitted(desk.sidebar.delete_requested):
        desk.key(Key.Key_Delete)
        desk.go("rust")
        desk.key(Key.Key_Backspace)
    desk.key(Key.Key_Down, SHIFT)
    with qtbot.waitSignal(desk.sidebar.delete_requested) as deleted:
        desk.key(Key.Key_Delete)
    assert deleted.args == [["rust", "letter"]]


def test_after_deleting_the_next_is_at_hand_but_not_selected(desk: Desk) -> None:
    desk.fill().go("rust")
    desk.sidebar.set_entries([one for one in some() if one.id != "rust"], FOLDERS)
    assert desk.at() == "letter"
    assert desk.selected() == []


def test_up_from_the_first_row_goes_to_the_search(desk: Desk) -> None:
    desk.fill().go("[Pinned]")
    desk.key(Key.Key_Up)
    assert desk.sidebar.search.hasFocus()


def test_tab_leaves_and_comes_to_the_open_conversation(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.sidebar.set_current("rust")
    desk.sidebar.focus_search()
    qtbot.keyClick(desk.sidebar.search, Key.Key_Tab)
    assert desk.list.hasFocus()
    assert desk.at() == "rust"
    desk.key(Key.Key_Tab)
    assert not desk.list.hasFocus()


# ---- the place that is kept ----------------------------------------------------------------


def test_selection_place_and_scrolling_survive_new_rows(desk: Desk) -> None:
    entries = many()
    desk.sidebar.set_entries(entries, [])
    desk.sidebar.focus_list()
    desk.list.select_row(30)
    desk.key(Key.Key_Down, SHIFT)
    desk.list.verticalScrollBar().setValue(640)
    before = (desk.selected(), desk.at(), desk.center("e30"))
    newer = entry("new", when=ago(minutes=0))
    desk.sidebar.set_entries([newer, *entries], [])
    assert (desk.selected(), desk.at(), desk.center("e30")) == before
    assert desk.list.verticalScrollBar().value() == 640 + 32
    desk.sidebar.set_entries([newer, *entries[5:]], [])
    assert (desk.selected(), desk.at(), desk.center("e30")) == before


def test_a_seen_conversation_that_moves_up_takes_nobody_along(desk: Desk) -> None:
    entries = many()
    desk.sidebar.set_entries(entries, [])
    desk.list.verticalScrollBar().setValue(640)
    before = desk.center("e30")
    entries[20] = entry("e20", when=ago(seconds=1))
    desk.sidebar.set_entries(entries, [])
    assert desk.center("e30") == before


def test_at_the_top_new_ones_are_seen(desk: Desk) -> None:
    desk.sidebar.set_entries(many(), [])
    desk.sidebar.set_entries([entry("new", when=ago(minutes=0)), *many()], [])
    assert desk.list.verticalScrollBar().value() == 0


def test_the_search_gives_the_place_back(desk: Desk, qtbot: QtBot) -> None:
    desk.sidebar.set_entries(many(), [])
    desk.list.select_row(40)
    desk.list.verticalScrollBar().setValue(700)
    with qtbot.waitSignal(desk.sidebar.search_changed):
        desk.sidebar.search.setText("x")
    desk.sidebar.set_hits("x", [])
    assert desk.names == []
    desk.sidebar.search.clear()
    assert desk.list.verticalScrollBar().value() == 700
    assert desk.selected() == ["e39"]


def test_the_open_one_is_brought_into_view_while_the_keyboard_is_elsewhere(desk: Desk) -> None:
    desk.sidebar.set_entries(many(), [])
    desk.sidebar.focus_search()
    desk.sidebar.set_current("e50")
    assert desk.list.viewport().rect().contains(desk.center("e50"))
    desk.go("e3")
    desk.sidebar.set_current("e40")
    assert desk.at() == "e3"


# ---- names in place ------------------------------------------------------------------------


def test_a_name_being_typed_survives_new_rows(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.sidebar.begin_rename("letter")
    editor = desk.list.editor
    qtbot.keyClicks(editor, "half a na")
    desk.sidebar.set_entries([entry("new", when=ago(minutes=0)), *some()], FOLDERS)
    qtbot.keyClicks(editor, "me")
    assert editor.hasFocus()
    assert editor.geometry().center().y() == pytest.approx(desk.center("letter").y(), abs=1)
    with qtbot.waitSignal(desk.sidebar.rename_requested) as renamed:
        qtbot.keyClick(editor, Key.Key_Return)
    assert renamed.args == ["letter", "half a name"]
    assert desk.list.hasFocus()


def test_a_name_goes_with_its_conversation(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.sidebar.begin_rename("letter")
    qtbot.keyClicks(desk.list.editor, "x")
    with qtbot.assertNotEmitted(desk.sidebar.rename_requested):
        desk.sidebar.set_entries([one for one in some() if one.id != "letter"], FOLDERS)
    assert not desk.list.editor.isVisible()


def test_the_line_scrolls_with_its_row(desk: Desk) -> None:
    desk.sidebar.set_entries(many(), [])
    desk.sidebar.begin_rename("e9")
    before = desk.list.editor.y()
    desk.list.verticalScrollBar().setValue(50)
    assert desk.list.editor.y() == before - 50


def test_renaming_a_second_keeps_the_first(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    desk.sidebar.begin_rename("letter")
    qtbot.keyClicks(desk.list.editor, "first")
    with qtbot.waitSignal(desk.sidebar.rename_requested) as renamed:
        desk.sidebar.begin_rename("rust")
    assert renamed.args == ["letter", "first"]
    assert desk.list.editor.text() == "Rust"


# ---- drops ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "folder"),
    [("[Work]", "work"), ("cache", "work"), ("[Home & garden]", "home"), ("[Today]", ""), ("old", "")],
)
def test_conversations_are_dropped_into_folders(desk: Desk, qtbot: QtBot, on: str, folder: str) -> None:
    desk.fill()
    with qtbot.waitSignal(desk.sidebar.move_requested) as moved:
        assert drop(desk, data_of(desk, "rust", "letter"), desk.center(on))
    assert moved.args == [["rust", "letter"], folder]
    assert desk.list.itemDelegate().drop_row == -1


def test_other_drops_are_for_others(desk: Desk, qtbot: QtBot) -> None:
    desk.fill()
    files = QMimeData()
    files.setText("a text")
    with qtbot.assertNotEmitted(desk.sidebar.move_requested):
        assert not drop(desk, files, desk.center("[Work]"))
        assert not drop(desk, data_of(desk, "rust"), desk.center("[Pinned]"))
        assert not drop(desk, data_of(desk, "rust"), QPoint(100, desk.list.viewport().height() - 2))


def test_the_place_of_a_drop_is_shown(desk: Desk) -> None:
    desk.fill()
    data = data_of(desk, "rust")
    assert drag(desk, data, desk.center("cache"))
    assert desk.list.itemDelegate().drop_row == desk.row("[Work]")
    QApplication.sendEvent(desk.list.viewport(), QDragLeaveEvent())
    assert desk.list.itemDelegate().drop_row == -1


# ---- menus ---------------------------------------------------------------------------------


def test_the_menu_key_and_the_wish_for_a_menu_give_one(desk: Desk) -> None:
    desk.fill().go("rust")
    desk.key(Key.Key_Menu)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(desk.list.viewport(), event)
    desk.menu().close()
    desk.key(Key.Key_F10, SHIFT)
    assert desk.menu().accessibleName() == "Conversation menu"


def test_a_right_click_keeps_a_selection_that_it_is_in(desk: Desk) -> None:
    desk.fill().go("rust")
    desk.key(Key.Key_Down, SHIFT)
    desk.right_click("letter").close()
    assert desk.selected() == ["rust", "letter"]
    desk.right_click("old").close()
    assert desk.selected() == ["old"]
