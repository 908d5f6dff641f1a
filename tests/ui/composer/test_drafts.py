from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from ui.composer.composer import Composer
from ui.composer.editing_line import ANSWER, QUESTION


def _drafts(composer: Composer) -> list[str]:
    seen: list[str] = []
    composer.draft_changed.connect(seen.append)
    return seen


def test_a_draft_is_told_once_for_many_keys(composer: Composer, qtbot: QtBot) -> None:
    seen = _drafts(composer)
    with qtbot.waitSignal(composer.draft_changed, timeout=1000):
        qtbot.keyClicks(composer.edit, "a question")
    assert len(seen) <= 2
    composer.flush_draft()
    assert seen[-1] == composer.draft() == "a question"


def test_the_draft_of_another_conversation_is_not_told(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.edit, "old")
    seen = _drafts(composer)
    composer.set_draft("of another")
    composer.flush_draft()
    assert composer.edit.text() == composer.draft() == "of another"
    assert seen == []
    assert composer.edit.textCursor().atEnd()


def test_sending_leaves_the_kept_draft_to_whoever_saves_the_question(
    composer: Composer, qtbot: QtBot
) -> None:
    qtbot.keyClicks(composer.edit, "hello")
    told: list[tuple[str, str]] = []
    composer.draft_changed.connect(lambda text: told.append(("draft", text)))
    composer.send_requested.connect(lambda text: told.append(("sent", text)))
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert told == [("sent", "hello")]
    assert composer.draft() == ""


def test_editing_puts_the_draft_aside_and_enter_saves(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.edit, "my draft")
    composer.flush_draft()
    seen = _drafts(composer)
    composer.begin_edit("m1", "Why?", answer=False)
    assert composer.editing_line.isVisible()
    assert composer.editing_line.label.text() == QUESTION
    assert composer.button.accessibleName() == "Save"
    assert composer.draft() == "my draft"
    qtbot.keyClicks(composer.edit, " And how?")
    with qtbot.waitSignal(composer.edit_saved) as saved, qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert saved.args == ["m1", "Why? And how?"]
    assert composer.edit.text() == "my draft"
    assert not composer.editing_line.isVisible()
    composer.flush_draft()
    assert seen == []


def test_escape_cancels_editing_before_it_stops(composer: Composer, qtbot: QtBot) -> None:
    composer.set_busy(True)
    composer.begin_edit("m1", "Why?", answer=False)
    with qtbot.waitSignal(composer.edit_cancelled), qtbot.assertNotEmitted(composer.stop_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    assert composer.edit.text() == ""
    with qtbot.waitSignal(composer.stop_requested), qtbot.assertNotEmitted(composer.edit_cancelled):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)


def test_the_cross_cancels_editing(composer: Composer, qtbot: QtBot) -> None:
    composer.begin_edit("m1", "Why?", answer=False)
    cross = composer.findChild(QToolButton, "editing_close")
    with qtbot.waitSignal(composer.edit_cancelled):
        qtbot.mouseClick(cross, Qt.MouseButton.LeftButton)
    with qtbot.assertNotEmitted(composer.edit_cancelled):
        composer.cancel_edit()


def test_an_answer_is_saved_without_a_model_but_a_question_is_not(composer: Composer, qtbot: QtBot) -> None:
    composer.set_usable(False)
    composer.begin_edit("m1", "Because.", answer=True)
    assert composer.editing_line.label.text() == ANSWER
    with qtbot.waitSignal(composer.edit_saved) as saved:
        qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    assert saved.args == ["m1", "Because."]
    composer.begin_edit("m2", "Why?", answer=False)
    with qtbot.assertNotEmitted(composer.edit_saved):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)


def test_another_message_is_edited_without_losing_the_draft(composer: Composer) -> None:
    composer.set_draft("draft")
    composer.begin_edit("m1", "first", answer=False)
    composer.begin_edit("m2", "second", answer=True)
    assert composer.edit.text() == "second"
    composer.cancel_edit()
    assert composer.edit.text() == "draft"


def test_opening_another_conversation_leaves_editing(composer: Composer, qtbot: QtBot) -> None:
    composer.begin_edit("m1", "text", answer=False)
    with qtbot.assertNotEmitted(composer.edit_cancelled):
        composer.set_draft("")
    assert not composer.editing_line.isVisible()
    assert composer.button.accessibleName() == "Send"


def test_a_refused_question_waits_behind_the_edited_message(composer: Composer) -> None:
    composer.begin_edit("m1", "text", answer=False)
    composer.give_back("refused")
    assert composer.edit.text() == "text"
    composer.cancel_edit()
    assert composer.edit.text() == "refused"


def test_up_asks_for_the_last_question_in_an_empty_field_only(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(composer.edit_last_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Up)
    with qtbot.assertNotEmitted(composer.edit_last_requested):  # Alt+Up is for reading
        qtbot.keyClick(composer.edit, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClicks(composer.edit, "x")
    with qtbot.assertNotEmitted(composer.edit_last_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Up)
    composer.begin_edit("m1", "", answer=False)
    with qtbot.assertNotEmitted(composer.edit_last_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Up)


def test_a_quotation_stands_behind_what_is_written(composer: Composer) -> None:
    composer.quote("one\n\ntwo\n")
    assert composer.edit.text() == "> one\n>\n> two\n\n"
    assert composer.edit.textCursor().atEnd()
    assert composer.edit.hasFocus()
    composer.set_draft("before")
    composer.quote("one")
    assert composer.edit.text() == "before\n\n> one\n\n"
