from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui.main_window import MainWindow
from ui.theme import Reading, ThemeManager

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def theme(qapp: QApplication) -> ThemeManager:
    return ThemeManager("light")


@pytest.fixture
def window(qtbot: QtBot, theme: ThemeManager) -> MainWindow:
    made = MainWindow(theme)
    qtbot.addWidget(made)
    made.pages.setCurrentWidget(made.view)
    made.show()
    return made


def turn(
    window: MainWindow, units: int, held: Qt.KeyboardModifier = CTRL, over: QWidget | None = None
) -> None:
    place = QPointF(50, 50)
    event = QWheelEvent(
        place, place, QPoint(), QPoint(0, units), Qt.MouseButton.NoButton, held, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(over or window.view.viewport(), event)


def test_the_wheel_with_ctrl_asks_for_steps(window: MainWindow) -> None:
    asked: list[int] = []
    window.text_size.step_wanted.connect(asked.append)
    turn(window, 120, NONE)
    turn(window, 120)
    turn(window, -240)
    turn(window, 120, over=window.composer.edit.viewport())
    assert asked == [1, -2, 1]


def test_a_touchpad_makes_a_step_out_of_many_small_turns(window: MainWindow) -> None:
    asked: list[int] = []
    window.text_size.step_wanted.connect(asked.append)
    for _ in range(8):
        turn(window, 30)
    assert asked == [1, 1]
    for units in (90, -60, -60):
        turn(window, units)
    assert asked == [1, 1, -1]


def test_the_question_is_written_in_the_size_that_is_read(window: MainWindow, theme: ThemeManager) -> None:
    edit = window.composer.edit
    edit.set_text("one line")
    assert edit.fontMetrics().height() < 30
    low, line = edit.height(), edit.fontMetrics().lineSpacing()
    theme.set_reading(Reading(zoom=2.0))
    assert edit.font().pixelSize() == 30
    # a line of that size, and the same frame around it; fonts leave more or less between lines
    assert abs((edit.height() - low) - (edit.fontMetrics().lineSpacing() - line)) <= 3
    assert edit.height() > low + 10
    assert edit.verticalScrollBar().maximum() == 0
    theme.set_reading(Reading())
    assert edit.height() == low


@pytest.mark.parametrize("text", ["plain", "中文\n日本語\n한국어", "👩🏽\n" * 4 + "हिन्दी", "مرحبا\nשלום"])
@pytest.mark.parametrize("zoom", [0.8, 1.0, 2.0])
def test_a_few_lines_of_any_script_are_seen_whole(
    window: MainWindow, theme: ThemeManager, text: str, zoom: float
) -> None:
    window.resize(1200, 900)
    theme.set_reading(Reading(zoom=zoom))
    window.composer.edit.set_text(text)
    assert window.composer.edit.verticalScrollBar().maximum() == 0


@pytest.mark.parametrize("reading", [Reading(width="narrow"), Reading(width="full"), Reading(zoom=1.5)])
def test_all_that_stands_below_the_conversation_keeps_to_its_column(
    window: MainWindow, qtbot: QtBot, theme: ThemeManager, reading: Reading
) -> None:
    window.resize(1700, 800)
    theme.set_reading(reading)
    qtbot.waitUntil(lambda: abs(window.composer.width() - window.view.column()[1]) <= 1)
    left = window.view.mapTo(window, QPoint(window.view.column()[0], 0)).x()
    qtbot.waitUntil(lambda: abs(window.composer.mapTo(window, QPoint(0, 0)).x() - left) <= 1)
