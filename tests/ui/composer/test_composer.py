from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.ui.models import PLAIN, THINKER
from ui.composer.composer import BUDGETS, Composer


def test_enter_sends_and_clears_and_shift_enter_breaks_the_line(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.edit, "one")
    qtbot.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.edit, "two")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent.args == ["one\ntwo"]
    assert composer.edit.toPlainText() == ""


def test_blank_text_is_not_sent(composer: Composer, qtbot: QtBot) -> None:
    qtbot.keyClicks(composer.edit, "   ")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert not composer.button.isEnabled()


def test_text_is_kept_while_nothing_can_be_sent(composer: Composer, qtbot: QtBot) -> None:
    composer.set_usable(False)
    qtbot.keyClicks(composer.edit, "later")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.edit.toPlainText() == "later"
    assert composer.button.toolTip() == "Open a model first"


def test_a_question_waits_while_documents_are_read(composer: Composer, qtbot: QtBot) -> None:
    composer.set_hold("Reading report.pdf")
    qtbot.keyClicks(composer.edit, "what")
    assert not composer.button.isEnabled()
    assert composer.button.toolTip() == composer.button.accessibleDescription() == "Reading report.pdf"
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    composer.set_busy(True)
    assert composer.button.accessibleName() == "Stop"
    assert composer.button.isEnabled()
    composer.set_busy(False)
    composer.begin_edit("m1", "an older question", False)
    assert composer.button.isEnabled()
    assert composer.button.accessibleDescription() == ""
    composer.set_hold("It does not fit", "It does not fit")
    assert composer.button.accessibleDescription() == "It does not fit"
    with qtbot.assertNotEmitted(composer.edit_saved):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    composer.begin_edit("m2", "an answer", True)
    assert composer.button.isEnabled()
    composer.cancel_edit()
    composer.set_hold("")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert sent.args == ["what"]


def test_the_button_stops_while_an_answer_is_under_way(composer: Composer, qtbot: QtBot) -> None:
    composer.set_busy(True)
    assert composer.button.accessibleName() == "Stop"
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    composer.set_busy(False)
    assert composer.button.accessibleName() == "Send"


def test_a_question_that_is_written_meanwhile_is_sent_to_wait(composer: Composer, qtbot: QtBot) -> None:
    composer.set_busy(True)
    qtbot.keyClicks(composer.edit, "next")
    assert composer.button.accessibleName() == "Send next"
    assert composer.button.toolTip() == "Send next: waits until the answer is finished"
    with qtbot.waitSignal(composer.send_requested) as sent, qtbot.assertNotEmitted(composer.stop_requested):
        qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    assert sent.args == ["next"]
    assert composer.button.accessibleName() == "Stop"
    qtbot.keyClicks(composer.edit, "another")
    with qtbot.waitSignal(composer.send_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    qtbot.keyClicks(composer.edit, "text")
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    assert composer.edit.text() == "text"


def test_without_a_model_that_takes_it_the_button_still_stops(composer: Composer, qtbot: QtBot) -> None:
    composer.set_busy(True)
    composer.set_usable(False)
    qtbot.keyClicks(composer.edit, "later")
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)


def test_enter_breaks_the_line_where_it_is_set_so(composer: Composer, qtbot: QtBot) -> None:
    composer.set_enter_sends(False)
    qtbot.keyClicks(composer.edit, "one")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    qtbot.keyClicks(composer.edit, "two")
    assert composer.button.toolTip() == "Send (Ctrl+Enter)"
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sent.args == ["one\ntwo"]
    qtbot.keyClicks(composer.edit, "three")
    with qtbot.waitSignal(composer.send_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)


def test_a_model_with_one_mode_says_why_where_the_keyboard_comes(composer: Composer, qtbot: QtBot) -> None:
    composer.set_model(PLAIN)
    only = composer.findChild(QToolButton, "mode_only")
    assert only.isVisible()
    assert only.text() == "Instruct"
    assert only.toolTip() == only.accessibleDescription() == PLAIN.mode_reason
    assert not composer.findChild(QToolButton, "mode_thinking").isVisible()
    assert not composer.budget.isVisible()
    composer.edit.setFocus()
    qtbot.keyClick(composer.edit, Qt.Key.Key_Tab)
    assert composer.attach.hasFocus()
    qtbot.keyClick(composer.attach, Qt.Key.Key_Tab)
    assert only.hasFocus()
    composer.set_choice("thinking", None)
    with qtbot.assertNotEmitted(composer.mode_chosen):
        composer.set_model(THINKER)
    # What a model cannot do does not change what was chosen.
    assert not only.isVisible()
    assert composer.findChild(QToolButton, "mode_thinking").isChecked()


def test_the_choice_of_a_conversation_is_shown_without_a_signal(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(composer.mode_chosen), qtbot.assertNotEmitted(composer.budget_chosen):
        composer.set_choice("thinking", 8192)
        assert "8K" in composer.budget.text()
        assert composer.budget.isVisible()
        composer.set_choice("instruct", None)
    assert composer.findChild(QToolButton, "mode_instruct").isChecked()
    assert not composer.budget.isVisible()


def test_mode_and_budget_are_chosen_by_mouse(composer: Composer, qtbot: QtBot) -> None:
    instruct = composer.findChild(QToolButton, "mode_instruct")
    thinking = composer.findChild(QToolButton, "mode_thinking")
    with qtbot.waitSignal(composer.mode_chosen) as chosen:
        qtbot.mouseClick(instruct, Qt.MouseButton.LeftButton)
    assert chosen.args == ["instruct"]
    assert not composer.budget.isVisible()
    qtbot.mouseClick(thinking, Qt.MouseButton.LeftButton)
    assert composer.budget.isVisible()
    action = next(item for item in composer.budget.menu().actions() if item.data() == 2048)
    with qtbot.waitSignal(composer.budget_chosen) as budget:
        action.trigger()
    assert budget.args == [2048]
    assert "2K" in composer.budget.text()
    assert BUDGETS[-1] == 131_072


def test_the_box_grows_with_its_text_up_to_a_limit(composer: Composer, qtbot: QtBot) -> None:
    one = composer.edit.height()
    composer.edit.setPlainText("\n".join("line" for _ in range(5)))
    five = composer.edit.height()
    composer.edit.setPlainText("\n".join("line" for _ in range(200)))
    many = composer.edit.height()
    assert one < five < many <= 11 * composer.edit.fontMetrics().lineSpacing() + 20


def test_how_enter_works_is_chosen_in_both_menus(composer: Composer, qtbot: QtBot) -> None:
    for action, sends in ((composer.edit.make_menu(), False), (composer.more.menu(), True)):
        entry = action.findChild(QAction, "action_enter_sends")
        assert entry.isChecked() is not sends
        with qtbot.waitSignal(composer.enter_sends_changed) as changed:
            entry.trigger()
        assert changed.args == [sends]
        assert composer.edit.enter_sends is sends
    with qtbot.assertNotEmitted(composer.enter_sends_changed):
        composer.set_enter_sends(False)
    assert not composer.more.menu().actions()[0].isChecked()


def test_a_long_question_keeps_to_its_room(composer: Composer) -> None:
    line = composer.edit.fontMetrics().lineSpacing()
    composer.edit.set_text("\n".join("abcdefghijklmnop"))
    for room, lines in ((1000, 10), (4 * line + 3, 4), (0, 2)):
        composer.edit.set_room(room)
        assert lines * line <= composer.edit.height() < (lines + 1) * line
    lowest = composer.edit.height()  # two lines, in no room at all
    composer.edit.set_text("one")
    assert abs(lowest - line - composer.edit.height()) <= 2  # fonts leave more or less between lines


def test_the_small_menu_gives_way(composer: Composer) -> None:
    assert composer.more.isVisible()
    composer.resize(460, 120)
    assert not composer.more.isVisible()
