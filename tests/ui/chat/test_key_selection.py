"""Selecting without a mouse."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.render.samples import RICH
from tests.ui.chat.conftest import Hands
from ui.chat.message import ANSWER, Ref
from ui.chat.shown import Shown
from ui.chat.view import ChatView

SHIFT, BOTH = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier,
)
LEFT, RIGHT, UP, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down
HOME, END = Qt.Key.Key_Home, Qt.Key.Key_End
FIRST = Ref(0, ANSWER, 0)


def copied(view: ChatView) -> str:
    QGuiApplication.clipboard().clear()
    view.doings.copy_plain()
    return QGuiApplication.clipboard().text()


@pytest.mark.parametrize(
    ("start", "keys", "text"),
    [
        (4, [(RIGHT, SHIFT)] * 3, "two"),
        (7, [(LEFT, SHIFT)] * 3, "two"),
        (4, [(RIGHT, BOTH)], "two "),
        (7, [(LEFT, BOTH)] * 2, "One two"),
        (4, [(END, SHIFT)], "two three."),
        (7, [(HOME, SHIFT)], "One two"),
        (4, [(END, SHIFT), (RIGHT, SHIFT), (RIGHT, SHIFT)], "two three.\n\nF"),
        (4, [(DOWN, SHIFT), (UP, SHIFT), (RIGHT, SHIFT)], "t"),
        (0, [(DOWN, SHIFT)] * 2 + [(RIGHT, SHIFT)] * 2, "One two three.\n\nFour five.\n\na\t"),
    ],
)
def test_keys_move_the_end(
    qtbot: QtBot, view: ChatView, start: int, keys: list[tuple[Qt.Key, Qt.KeyboardModifier]], text: str
) -> None:
    view.show_messages(
        [Shown("a", "assistant", "One two three.\n\nFour five.\n\n| a | b |\n|---|---|\n| c | d |")]
    )
    view.setFocus()
    view.selection.start((FIRST, start))
    for key, held in keys:
        qtbot.keyClick(view, key, held)
    assert copied(view) == text


def test_down_goes_to_what_stands_below(qtbot: QtBot, view: ChatView, hands: Hands) -> None:
    hands.answer("wwww wwww\n\niiiiiiiiiiiiiiiiiiii")
    view.setFocus()
    view.selection.start((FIRST, 4))
    qtbot.keyClick(view, DOWN, SHIFT)
    below = copied(view).removeprefix(" wwww\n\n")
    assert 4 < len(below) < 20
    assert set(below) == {"i"}


def test_without_a_selection_it_begins_at_the_top(qtbot: QtBot, view: ChatView, hands: Hands) -> None:
    hands.answer("One two.\n\nThree.")
    view.setFocus()
    qtbot.keyClick(view, RIGHT, BOTH)
    assert copied(view) == "One "


def test_a_formula_is_passed_in_one_step_or_letter_by_letter(
    qtbot: QtBot, view: ChatView, hands: Hands
) -> None:
    hands.answer("a $x$ b")
    view.setFocus()
    view.selection.start((FIRST, 0))
    texts = []
    for _ in range(7):
        qtbot.keyClick(view, RIGHT, SHIFT)
        texts.append(copied(view))
    assert texts[0] == "a"
    assert texts[3] == "a $x"
    assert texts[-1] == "a x b"  # not drawn here: its source is gone through


@pytest.mark.parametrize("key", [RIGHT, DOWN])
def test_it_gets_through_everything_and_back(qtbot: QtBot, view: ChatView, key: Qt.Key) -> None:
    view.show_messages([Shown("a", "assistant", RICH), Shown("u", "user", "A question " * 40)])
    view.verticalScrollBar().setValue(0)
    view.setFocus()
    view.selection.start((FIRST, 0))
    held = BOTH if key == RIGHT else SHIFT
    seen = [view.selection.head]
    for _ in range(700):
        qtbot.keyClick(view, key, held)
        head = view.selection.head
        assert head is not None
        if head == seen[-1]:
            break
        assert head > seen[-1]
        seen.append(head)
    last = view.model.messages[1].sections[ANSWER].rows
    assert seen[-1] == (Ref(1, ANSWER, len(last) - 1), len(view.cache.item(last[-1]).plain))
    assert view.placer.rows[0].ref.message == 0 or len(seen) > 20
    for _ in range(700):
        before = view.selection.head
        qtbot.keyClick(view, LEFT if key == RIGHT else UP, held)
        if view.selection.head == before:
            break
        assert view.selection.head < before
    assert view.selection.head == (FIRST, 0)


@pytest.mark.parametrize("seed", range(3))
def test_any_keys_leave_it_where_there_is_text(qtbot: QtBot, view: ChatView, seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    view.show_messages([Shown("a", "assistant", RICH, "Thought.\n\nMore.", thought_open=True)])
    view.setFocus()
    for _ in range(120):
        qtbot.keyClick(view, rng.choice((LEFT, RIGHT, UP, DOWN, HOME, END)), rng.choice((SHIFT, SHIFT, BOTH)))
        head = view.selection.head
        if head is not None:
            item = view.cache.item(view.model.row(head[0]))
            assert item.plain
            assert 0 <= head[1] <= len(item.plain)
