from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.chat.library import Snippet
from tests.ui.models import THINKER
from ui.composer.composer import Composer
from ui.composer.snippet_popup import SnippetPopup
from ui.theme import ThemeManager

SNIPPETS = [
    Snippet("s1", "Summary", "Summarize {cursor} in five lines."),
    Snippet("s2", "Code review", "Review this code:\n"),
    Snippet("s3", "Recode", "Write this again."),
]


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    window = QWidget()
    qtbot.addWidget(window)
    made = Composer(ThemeManager())
    box = QVBoxLayout(window)
    box.addStretch(1)
    box.addWidget(made)
    window.resize(700, 500)
    window.show()
    made.set_model(THINKER)
    made.set_usable(True)
    made.set_snippets(SNIPPETS)
    made.edit.setFocus()
    made.window_of_the_test = window  # type: ignore[attr-defined]
    return made


def _names(popup: SnippetPopup) -> list[str]:
    return [popup.list.item(row).text() for row in range(popup.list.count())]


def test_a_slash_opens_the_list_above_and_typing_narrows_it(composer: Composer, qtbot: QtBot) -> None:
    popup = composer.snippets
    qtbot.keyClicks(composer.edit, "/")
    assert popup.isVisible()
    assert not popup.isWindow()
    assert composer.edit.hasFocus()
    assert _names(popup) == ["Code review", "Recode", "Summary"]
    top = composer.mapTo(composer.window(), QPoint(0, 0)).y()
    assert popup.geometry().bottom() < top
    assert popup.width() == composer.width()
    qtbot.keyClicks(composer.edit, "co")
    assert _names(popup) == ["Code review", "Recode"]
    qtbot.keyClicks(composer.edit, "xyz")
    assert not popup.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_a_snippet_takes_the_place_of_its_name(composer: Composer, qtbot: QtBot, key: Qt.Key) -> None:
    composer.set_draft("rest")
    composer.edit.moveCursor(composer.edit.textCursor().MoveOperation.Start)
    qtbot.keyClicks(composer.edit, "/sum")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.edit, key)
    assert composer.edit.text() == "Summarize  in five lines.rest"
    assert composer.edit.textCursor().position() == len("Summarize ")
    assert composer.edit.hasFocus()
    assert not composer.snippets.isVisible()


def test_up_and_down_go_round(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.edit, "/")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Up)
    assert composer.edit.accessibleDescription() == "Snippet Summary, 3 of 3"
    qtbot.keyClick(composer.edit, Qt.Key.Key_Down)
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.edit.text() == "Review this code:\n"
    assert composer.edit.accessibleDescription() == ""


def test_a_snippet_is_chosen_by_mouse(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.edit, "/")
    items = composer.snippets.list
    at = items.visualItemRect(items.item(1)).center()
    qtbot.mouseClick(items.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, at.y()))
    assert composer.edit.text() == "Write this again."


def test_escape_closes_the_list_until_the_slash_is_gone(composer: Composer, qtbot: QtBot) -> None:
    composer.set_busy(True)
    qtbot.keyClicks(composer.edit, "/")
    with qtbot.assertNotEmitted(composer.stop_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    qtbot.keyClicks(composer.edit, "c")
    assert not composer.snippets.isVisible()
    composer.edit.clear()
    qtbot.keyClicks(composer.edit, "/")
    assert composer.snippets.isVisible()


def test_a_path_is_sent_as_it_is(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.edit, "/usr/bin")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent.args == ["/usr/bin"]


def test_a_draft_that_begins_with_a_slash_opens_nothing(composer: Composer) -> None:
    composer.set_draft("/")
    assert not composer.snippets.isVisible()


def test_the_list_goes_when_the_focus_does(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.edit, "/")
    composer.budget.setFocus()
    assert not composer.snippets.isVisible()


def test_without_snippets_it_says_how_to_make_one(composer: Composer, qtbot: QtBot) -> None:
    composer.set_snippets([])
    qtbot.keyClicks(composer.edit, "/")
    assert composer.snippets.isVisible()
    assert "Save as snippet" in composer.snippets.hint.text()
    with qtbot.waitSignal(composer.send_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)


def test_delete_and_the_button_remove_an_entry(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.edit, "/")
    with qtbot.waitSignal(composer.snippet_removed) as removed:
        qtbot.keyClick(composer.edit, Qt.Key.Key_Delete)
    assert removed.args == ["s2"]
    assert _names(composer.snippets) == ["Recode", "Summary"]
    button = composer.snippets.findChild(QToolButton, "snippet_remove")
    assert button.accessibleName() == "Remove the snippet Recode"
    with qtbot.waitSignal(composer.snippet_removed) as removed:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert removed.args == ["s3"]
    assert composer.edit.text() == "/"


def test_the_menu_saves_the_selection_or_all_under_a_name(composer: Composer, qtbot: QtBot) -> None:
    composer.set_draft("all of it")
    menu = composer.edit.make_menu()
    menu.actions()[-1].trigger()
    field = composer.findChild(QLineEdit, "snippet_name")
    assert field.hasFocus()
    qtbot.keyClicks(field, " /Mine ")
    with qtbot.waitSignal(composer.snippet_saved) as saved:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert saved.args == ["Mine", "all of it"]
    assert composer.edit.hasFocus()
    assert not field.isVisible()
    composer.edit.selectAll()
    assert composer.edit.selected_text() == "all of it"
    menu.close()


def test_a_snippet_without_a_name_is_not_saved(composer: Composer, qtbot: QtBot) -> None:
    composer.set_draft("all of it")
    composer.edit.snippet_wanted.emit("all of it")
    field = composer.findChild(QLineEdit, "snippet_name")
    with qtbot.assertNotEmitted(composer.snippet_saved):
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()
    assert composer.edit.hasFocus()


def test_the_context_menu_opens_by_keyboard_at_the_cursor(
    composer: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[QPoint] = []
    monkeypatch.setattr(QMenu, "popup", lambda _menu, at: shown.append(at))  # offscreen has no grab
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(-9, -9), QPoint(-9, -9))
    QApplication.sendEvent(composer.edit, event)
    cursor = composer.edit.viewport().mapToGlobal(composer.edit.cursorRect().bottomRight())
    assert shown == [cursor]
    menu = composer.edit.findChild(QMenu, "question_menu")
    assert not menu.actions()[-1].isEnabled()
