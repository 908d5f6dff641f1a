from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.models import PLAIN, THINKER
from ui.composer.composer import BUDGETS, Composer
from ui.theme import ThemeManager


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    made = Composer(ThemeManager())
    qtbot.addWidget(made)
    made.resize(700, 120)
    made.show()
    made.set_model(THINKER)
    made.set_usable(True)
    return made


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


def test_the_button_stops_while_an_answer_is_under_way(composer: Composer, qtbot: QtBot) -> None:
    composer.set_busy(True)
    assert composer.button.accessibleName() == "Stop"
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    composer.set_busy(False)
    assert composer.button.accessibleName() == "Send"


def test_a_model_without_thinking_says_why_the_switch_is_off(composer: Composer) -> None:
    composer.set_model(PLAIN)
    thinking = composer.findChild(type(composer.button), "mode_thinking")
    instruct = composer.findChild(type(composer.button), "mode_instruct")
    assert not thinking.isEnabled()
    assert thinking.toolTip() == PLAIN.mode_reason
    assert instruct.isChecked()
    assert not composer.budget.isVisible()


def test_mode_and_budget_are_chosen_by_mouse(composer: Composer, qtbot: QtBot) -> None:
    instruct = composer.findChild(type(composer.button), "mode_instruct")
    thinking = composer.findChild(type(composer.button), "mode_thinking")
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


def test_the_gauge_warns_when_the_context_is_nearly_full(composer: Composer) -> None:
    composer.set_context(1204, 8192)
    assert composer.gauge.text() == "1.2K of 8K"
    assert composer.gauge.property("tone") == ""
    composer.set_context(8000, 8192)
    assert composer.gauge.property("tone") == "warning"
