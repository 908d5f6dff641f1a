"""The rows: what counts as a change, and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.dialogs.own_spin import Number
from ui.settings.rows import ChoiceSetting, NumberSetting, SettingRow, SwitchSetting, TextSetting
from ui.theme import ThemeManager

NUMBER = Number("n", "Number", 0, 100, 1, 0, 4, "A number.", own="Automatic", back="Back to automatic")


class Rows:
    def __init__(self, qtbot: QtBot) -> None:
        self.theme, self._qtbot = ThemeManager(), qtbot
        self.told: list[object] = []

    def put(self, row: SettingRow, value: Callable[[], object]) -> None:
        self._qtbot.addWidget(row)
        row.changed.connect(lambda: self.told.append(value()))
        row.show()


@pytest.fixture
def rows(qtbot: QtBot) -> Rows:
    return Rows(qtbot)


def test_a_number_counts_a_moment_after_its_last_step(rows: Rows, qtbot: QtBot) -> None:
    row = NumberSetting(NUMBER, rows.theme)
    rows.put(row, row.value)
    for _ in range(3):
        row.spin.stepUp()
    assert not rows.told
    qtbot.waitUntil(lambda: rows.told == [7])
    row.spin.stepUp()
    row.flush()
    assert rows.told == [7, 8]
    row.flush()
    assert rows.told == [7, 8]


def test_what_holds_does_not_overwrite_what_was_just_typed(rows: Rows) -> None:
    row = NumberSetting(NUMBER, rows.theme)
    rows.put(row, row.value)
    row.refresh(5)
    row.spin.set_number(6)
    row.refresh(5)
    assert row.value() == 6
    row.set_value(None)
    assert row.value() is None
    row.flush()
    assert not rows.told


def test_zero_is_not_automatic(rows: Rows) -> None:
    row = NumberSetting(NUMBER, rows.theme)
    rows.put(row, row.value)
    row.set_value(0)
    assert row.value() == 0
    row.reset.click()
    row.flush()
    assert rows.told == [None]


def test_a_choice_and_its_way_back(rows: Rows, qtbot: QtBot) -> None:
    row = ChoiceSetting("c", "Choice", "", [(None, "Automatic"), (True, "On"), (False, "Off")], rows.theme)
    rows.put(row, row.value)
    assert not row.reset.isVisible()
    qtbot.keyClick(row.combo, Qt.Key.Key_Down)
    assert rows.told == [True]
    assert row.reset.isVisible()
    row.reset.click()
    assert rows.told == [True, None]
    row.set_value("more", "Much more")
    assert row.combo.currentText() == "Much more"
    assert row.value() == "more"
    assert len(rows.told) == 2


def test_a_wheel_that_scrolls_the_page_changes_nothing(rows: Rows) -> None:
    row = ChoiceSetting("c", "Choice", "", [(0, "a"), (1, "b")], rows.theme)
    rows.put(row, row.value)
    row.combo.clearFocus()
    place, down = QPointF(5, 5), QPoint(0, -120)
    event = QWheelEvent(
        place,
        place,
        QPoint(),
        down,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(row.combo, event)
    assert row.value() == 0
    assert not rows.told


def test_a_switch_by_key_and_by_its_words(rows: Rows, qtbot: QtBot) -> None:
    row = SwitchSetting("s", "Switch", "On or off.", rows.theme)
    rows.put(row, row.value)
    qtbot.keyClick(row.switch, Qt.Key.Key_Space)
    qtbot.mouseClick(row.label, Qt.MouseButton.LeftButton)
    assert rows.told == [True, False]
    row.set_value(True)
    assert rows.told == [True, False]


def test_a_text_counts_when_it_is_left(rows: Rows, qtbot: QtBot) -> None:
    row = TextSetting("t", "Text", "", rows.theme)
    rows.put(row, row.value)
    row.set_value("one")
    qtbot.keyClicks(row.edit, "s")
    row.refresh("two")  # what holds comes while it is written
    assert row.value() == "ones"
    assert not rows.told
    qtbot.keyClick(row.edit, Qt.Key.Key_Return)
    assert rows.told == ["ones"]
    row.finish()
    assert rows.told == ["ones"]
    row.refresh("two")
    assert row.value() == "two"


def test_a_secret_counts_only_when_it_is_asked_for(rows: Rows, qtbot: QtBot) -> None:
    row = TextSetting("t", "Text", "", rows.theme, secret=True)
    rows.put(row, row.value)
    assert row.edit.echoMode() == row.edit.EchoMode.Password
    qtbot.keyClicks(row.edit, "abc")
    row.flush()
    row.edit.editingFinished.emit()
    assert not rows.told
    row.finish()
    assert rows.told == ["abc"]


def test_a_note_is_plain_text_and_goes_when_it_is_empty(rows: Rows) -> None:
    row = SwitchSetting("s", "Switch", "", rows.theme)
    rows.put(row, row.value)
    row.set_note("<b>14 GB</b>", warning=True)
    assert row.note.isVisible()
    assert row.note.textFormat() == Qt.TextFormat.PlainText
    assert row.switch.accessibleDescription() == "<b>14 GB</b>"
    row.set_note("")
    assert row.switch.accessibleDescription() == ""
    assert not row.note.isVisible()
    assert not row.hint_label.isVisible()


def test_icons_follow_the_colours(rows: Rows) -> None:
    row = ChoiceSetting("c", "Choice", "Words", [(0, "a"), (1, "b")], rows.theme)
    rows.put(row, row.value)
    row.mark(["word"])
    before = row.reset.icon().cacheKey(), row.hint_label.text()
    rows.theme.set_mode("light" if rows.theme.dark else "dark")
    assert row.reset.icon().cacheKey() != before[0]
    assert row.hint_label.text() != before[1]


def test_long_words_break_and_what_is_chosen_is_seen_whole(rows: Rows) -> None:
    words = "what this is called in a language that takes its time " * 4
    choice = ChoiceSetting("c", words, "A hint.", [(1, "a choice of some length, but seen")], rows.theme)
    switch = SwitchSetting("s", words, "A hint.", rows.theme)
    for row in (choice, switch):
        rows.put(row, row.value)
        row.resize(500, row.heightForWidth(500))
        assert row.minimumSizeHint().width() <= 500
        assert row.label.width() < 500
        assert row.label.height() >= row.label.heightForWidth(row.label.width())
    assert choice.combo.width() >= choice.combo.sizeHint().width()
