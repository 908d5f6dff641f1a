from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.dialogs.name_line import NameLine
from ui.theme import ThemeManager


@pytest.fixture
def line(qtbot: QtBot) -> NameLine:
    made = NameLine("thing", "Name of the thing", ThemeManager())
    qtbot.addWidget(made)
    made.ask("Old")
    return made


def test_a_suggestion_is_written_over_and_enter_gives_the_name(line: NameLine, qtbot: QtBot) -> None:
    qtbot.keyClicks(line.field, " New ")
    with qtbot.waitSignal(line.named) as named:
        qtbot.keyClick(line.field, Qt.Key.Key_Return)
    assert named.args == ["New"]
    assert line.isHidden()


def test_the_button_needs_a_name(line: NameLine, qtbot: QtBot) -> None:
    line.field.setText("  ")
    assert not line.save.isEnabled()
    line.field.setText("x")
    with qtbot.waitSignal(line.named):
        qtbot.mouseClick(line.save, Qt.MouseButton.LeftButton)


def test_the_cross_gives_up(line: NameLine, qtbot: QtBot) -> None:
    with qtbot.waitSignal(line.cancelled), qtbot.assertNotEmitted(line.named):
        qtbot.mouseClick(line.close_button, Qt.MouseButton.LeftButton)
    assert line.isHidden()
