"""The bar over the conversation: keys, choices, what it says, and where the keyboard goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.chat.samples import pairs
from ui.chat.find_bar import FindBar
from ui.chat.view import ChatView
from ui.theme import ThemeManager


class Desk:
    """A view with its bar, and a field beside it."""

    def __init__(self, qtbot: QtBot, theme: ThemeManager) -> None:
        self.qtbot = qtbot
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.view, self.field = ChatView(theme), QLineEdit()
        self.bar = FindBar(theme, self.view)
        box = QVBoxLayout(self.window)
        box.addWidget(self.view)
        box.addWidget(self.field)
        self.window.resize(700, 500)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.view.show_messages(pairs(20))

    def wait(self) -> str:
        self.qtbot.waitUntil(lambda: not self.view.finder.busy)
        self.qtbot.waitUntil(lambda: "so far" not in self.bar.line.count.text())
        return self.bar.line.count.text()

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, held)


@pytest.fixture
def desk(qtbot: QtBot, theme: ThemeManager) -> Iterator[Desk]:
    desk = Desk(qtbot, theme)
    yield desk
    desk.view.clear()


def test_it_counts_and_steps(desk: Desk) -> None:
    desk.view.verticalScrollBar().setValue(0)
    desk.bar.open()
    assert desk.bar.line.field.hasFocus()
    desk.qtbot.keyClicks(desk.bar.line.field, "question 1")
    desk.qtbot.waitUntil(lambda: desk.wait() == "1 of 11")
    desk.key(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.wait() == "2 of 11")
    desk.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    desk.qtbot.waitUntil(lambda: desk.wait() == "1 of 11")
    desk.bar.step_back()
    desk.qtbot.waitUntil(lambda: desk.wait() == "11 of 11")
    desk.bar.step_forward()
    desk.qtbot.waitUntil(lambda: desk.wait() == "1 of 11")
    assert desk.bar.line.field.accessibleDescription() == "1 of 11"


def test_its_choices(desk: Desk) -> None:
    desk.bar.open()
    desk.bar.line.field.setText("QUESTION 1")
    desk.qtbot.waitUntil(lambda: desk.wait().endswith("11"))
    desk.bar.line.case.click()
    desk.qtbot.waitUntil(lambda: desk.wait() == "Not found")
    desk.bar.line.field.setText("Question 1")
    desk.qtbot.waitUntil(lambda: desk.wait().endswith("11"))
    desk.bar.line.words.click()
    desk.qtbot.waitUntil(lambda: desk.wait().endswith(" of 1"))
    for button in (desk.bar.line.case, desk.bar.line.words):
        assert button.isVisible()
        assert button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("place", ["field", "view"])
def test_escape_gives_the_keyboard_back_and_the_place_stays(desk: Desk, place: str) -> None:
    before = getattr(desk, place)
    before.setFocus()
    desk.bar.open()
    desk.bar.line.field.setText("answer 3.")
    desk.wait()
    row, top = desk.view.placer.rows[1], desk.view.viewport().y()
    assert desk.view.verticalScrollBar().value() < desk.view.verticalScrollBar().maximum()
    desk.key(Qt.Key.Key_Escape)
    assert desk.bar.isHidden()
    assert before.hasFocus()
    assert next(one.y for one in desk.view.placer.rows if one.ref == row.ref) == row.y + top
    assert not desk.view.finder.wanted
    assert desk.view.finder.total == 0


def test_escape_in_the_conversation_closes_it_too(desk: Desk) -> None:
    desk.bar.open()
    desk.bar.line.field.setText("answer")
    desk.view.setFocus()
    desk.key(Qt.Key.Key_Escape)
    assert desk.bar.isHidden()
    assert desk.view.hasFocus()


def test_a_short_selection_is_looked_for(desk: Desk) -> None:
    row = desk.view.placer.rows[-2].ref
    desk.view.selection.start((row, 0))
    desk.view.selection.extend((row, 4))
    desk.bar.open()
    assert desk.bar.line.field.text() == desk.view.model.row(row).block.text[:4] == "word"
    desk.bar.close_bar()
    desk.view.select_all()
    desk.bar.line.field.setText("kept")
    desk.bar.open()
    assert desk.bar.line.field.text() == "kept"


def test_the_next_match_without_the_bar_opens_it(desk: Desk) -> None:
    desk.bar.line.field.setText("answer 1")
    assert not desk.view.finder.wanted
    desk.bar.step_forward()
    assert not desk.bar.isHidden()
    desk.qtbot.waitUntil(lambda: desk.wait().endswith("11"))


@pytest.mark.parametrize("value", [0, 300, 10**6])
def test_the_conversation_stays_where_it_is_on_the_screen(desk: Desk, value: int) -> None:
    desk.view.verticalScrollBar().setValue(value)

    def places() -> dict[str, int]:
        top = desk.view.viewport().y()
        return {placed.item.plain: placed.y + top for placed in desk.view.placer.rows if placed.item.plain}

    before, bar = places(), desk.view.verticalScrollBar()
    ended = desk.view.placer.follow
    desk.bar.open()
    after = places()
    assert len(before.keys() & after.keys()) >= 2
    assert all(after[text] == before[text] for text in before.keys() & after.keys())
    assert desk.view.placer.follow == ended
    if not value:
        assert bar.value() > 0  # the first question can be scrolled out from below the bar
    desk.bar.close_bar()
    assert places() == before
    assert desk.view.viewport().y() == 0


def test_nothing_to_search(desk: Desk) -> None:
    desk.view.clear()
    desk.bar.open()
    assert desk.bar.isHidden()


@pytest.mark.parametrize("width", [320, 460, 1200])
def test_it_stands_at_the_top_right_whatever_the_width(desk: Desk, width: int) -> None:
    desk.bar.open()
    desk.window.resize(width, 500)
    desk.qtbot.waitUntil(lambda: desk.window.width() == width)
    desk.qtbot.waitUntil(lambda: desk.bar.geometry().right() < desk.view.width())
    box = desk.bar.geometry()
    assert box.left() >= 0
    assert desk.view.width() - box.right() < 40
    assert box.height() < 64
    for button in (desk.bar.line.next, desk.bar.line.close_button, desk.bar.line.case):
        corner = button.mapTo(desk.bar, QPoint(button.width(), button.height()))
        assert corner.x() <= desk.bar.width()
        assert corner.y() <= desk.bar.height()
