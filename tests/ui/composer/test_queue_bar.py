from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from ui.composer.queue_bar import QueueBar, QueueRow, Waiting
from ui.theme import ThemeManager

RUNNING = Waiting(1, "a", "Hybrids", "What is a hybrid?", True)
SECOND = Waiting(2, "b", "", "Second?", False)
THIRD = Waiting(3, "a", "Hybrids", "Third?", False)
FOURTH = Waiting(4, "c", "Other", "Fourth?", False)


@pytest.fixture
def bar(qtbot: QtBot) -> QueueBar:
    made = QueueBar(ThemeManager())
    qtbot.addWidget(made)
    made.resize(600, 40)
    made.set_queue([RUNNING, SECOND, THIRD, FOURTH])
    return made


def _rows(bar: QueueBar) -> list[QueueRow]:
    rows = [row for row in bar.findChildren(QueueRow) if not row.isHidden()]
    return sorted(rows, key=lambda row: row.y())


def _row(bar: QueueBar, request: int) -> QueueRow:
    return next(row for row in _rows(bar) if row.item.request == request)


def test_it_is_there_only_while_something_is_asked(bar: QueueBar) -> None:
    assert bar.isVisible()
    assert bar.line.text() == "Answering “Hybrids” · 3 waiting"
    bar.set_queue([SECOND])
    assert bar.line.text() == "1 waiting"
    bar.set_queue([RUNNING])
    assert bar.line.text() == "Answering “Hybrids”"
    bar.set_queue([])
    assert bar.isHidden()


def test_the_line_opens_to_rows_by_key_and_by_mouse(bar: QueueBar, qtbot: QtBot) -> None:
    assert not any(row.isVisible() for row in bar.findChildren(QueueRow))
    bar.line.setFocus()
    qtbot.keyClick(bar.line, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: all(row.isVisible() and row.height() for row in bar.findChildren(QueueRow)))
    assert [row.item.request for row in _rows(bar)] == [1, 2, 3, 4]
    qtbot.mouseClick(bar.line, Qt.MouseButton.LeftButton)
    assert not any(row.isVisible() for row in bar.findChildren(QueueRow))


def test_rows_move_drop_and_open(bar: QueueBar, qtbot: QtBot) -> None:
    bar.line.click()
    row = _row(bar, 3)
    for button, signal, args in (
        (row.up, bar.moved, [3, -1]),
        (row.down, bar.moved, [3, 1]),
        (row.drop, bar.dropped, [3]),
        (row.text, bar.opened, ["a"]),
    ):
        with qtbot.waitSignal(signal) as told:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert told.args == args
        button.setFocus()
        with qtbot.waitSignal(signal) as told:
            qtbot.keyClick(button, Qt.Key.Key_Space)
        assert told.args == args


def test_the_running_one_is_stopped_and_not_moved(bar: QueueBar, qtbot: QtBot) -> None:
    bar.line.click()
    row = _row(bar, 1)
    assert not row.up.isVisible()
    assert row.drop.accessibleName() == "Stop: What is a hybrid?"
    with qtbot.waitSignal(bar.dropped) as dropped:
        row.drop.click()
    assert dropped.args == [1]
    assert not _row(bar, 2).up.isEnabled()
    assert not _row(bar, 4).down.isEnabled()


def test_the_focus_goes_with_the_row_that_moves(bar: QueueBar) -> None:
    bar.line.click()
    up = _row(bar, 4).up
    up.setFocus()
    bar.set_queue([RUNNING, SECOND, FOURTH, THIRD])
    assert QApplication.focusWidget() is up
    bar.set_queue([RUNNING, FOURTH, SECOND, THIRD])
    assert QApplication.focusWidget() is _row(bar, 4).down
    assert not up.isEnabled()
    down = _row(bar, 2).down
    down.setFocus()
    bar.set_queue([RUNNING, FOURTH, THIRD, SECOND])
    assert QApplication.focusWidget() is _row(bar, 2).up


def test_the_focus_goes_on_when_its_row_is_dropped(bar: QueueBar) -> None:
    bar.line.click()
    _row(bar, 3).drop.setFocus()
    bar.set_queue([RUNNING, SECOND, FOURTH])
    assert QApplication.focusWidget() is _row(bar, 4).drop
    bar.set_queue([RUNNING, SECOND])
    assert QApplication.focusWidget() is _row(bar, 2).drop


def test_the_tab_key_goes_down_the_rows_as_they_stand(bar: QueueBar, qtbot: QtBot) -> None:
    bar.line.click()
    bar.set_queue([RUNNING, FOURTH, SECOND])
    bar.line.setFocus()
    seen = []
    for _ in range(8):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        seen.append((focus.parentWidget().item.request, focus.objectName().removeprefix("queue_")))
    assert seen == [
        *[(1, "open"), (1, "drop")],
        *[(4, "open"), (4, "down"), (4, "drop")],
        *[(2, "open"), (2, "up"), (2, "drop")],
    ]


def test_a_long_question_does_not_widen_the_bar(bar: QueueBar) -> None:
    bar.line.click()
    bar.set_queue([RUNNING, Waiting(9, "z", "title " * 40, "word " * 4000, False)])
    assert bar.minimumSizeHint().width() <= 400


def test_wild_titles_are_one_clean_line(bar: QueueBar) -> None:
    wild = "\u202e<b>a & b</b>\n" + "x" * 1_000_000
    bar.set_queue([Waiting(1, "a", wild, wild, True)])
    row = _row(bar, 1)
    for text in (bar.line.text(), row.text.text(), row.title.text(), row.text.accessibleName()):
        assert len(text) < 800
        assert "\n" not in text
        assert "\u202e" not in text
    assert "&&" in bar.line.text()
    assert "&lt;b&gt;" in row.text.toolTip()
    bar.grab()


def test_a_long_queue_scrolls(bar: QueueBar, qtbot: QtBot) -> None:
    bar.line.click()
    few = bar.sizeHint().height()
    bar.set_queue([Waiting(n, "a", "Title", f"Question {n}", n == 1) for n in range(1, 30)])
    assert bar.sizeHint().height() == few
    area = bar.findChild(QScrollArea, "queue_area")
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    qtbot.waitUntil(lambda: len(_rows(bar)) == 29)
    last = _row(bar, 29)
    bar.activateWindow()
    _row(bar, 28).drop.setFocus()
    qtbot.keyClick(_row(bar, 28).drop, Qt.Key.Key_Tab)
    assert last.text.hasFocus()
    qtbot.waitUntil(lambda: area.rect().contains(last.mapTo(area, last.rect().center())))
    bar.set_queue([RUNNING])
    assert bar.sizeHint().height() < few
