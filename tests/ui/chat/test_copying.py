"""Selections over blocks and messages, and what of them reaches the clipboard."""

from __future__ import annotations

import random
from dataclasses import replace
from time import perf_counter

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.render.search import letters
from tests.ui.chat.conftest import Hands
from tests.ui.chat.samples import pairs
from ui.chat.menu import build_menu, offer_formulas
from ui.chat.message import ANSWER, REASONING, Ref
from ui.chat.shown import Shown
from ui.chat.view import ChatView

ANSWER_TEXT = (
    "Some **bold** words.\n\n- one\n- [two](https://example.org)\n\n```py\nx = 1\n```\n\n"
    "| a | b |\n|---|---|\n| c | *d* |\n\nSo $x^2$ is\n\n$$\ny\n$$\n\nThe end."
)
AS_PLAIN = "Some bold words.\n\n• one\n• two\n\nx = 1\n\na\tb\nc\td\n\nSo x^2 is\n\ny\n\nThe end."


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def select(view: ChatView, start: tuple[Ref, int], end: tuple[Ref, int]) -> None:
    view.selection.start(start)
    view.selection.extend(end)


def plain(view: ChatView) -> str:
    view.doings.copy_plain()
    return clipboard()


def markdown(view: ChatView) -> str:
    view.copy_selection()
    return clipboard()


def highlighted(view: ChatView) -> str:
    """The characters that are painted as selected, row by row."""
    parts = []
    for message in view.model.messages:
        view.model.complete(message)
        for number in (REASONING, ANSWER):
            section = message.sections[number]
            for index, row in enumerate(section.rows if section.visible else ()):
                item = view.cache.item(row)
                chosen = view.selection.range_in(Ref(message.index, number, index), len(item.plain))
                if chosen:
                    parts.append(item.plain[slice(*item.whole(*chosen))])
    return "\n".join(parts)


def test_as_plain_text_it_is_what_is_displayed(qtbot: QtBot, view: ChatView, hands: Hands) -> None:
    view.add_message("u", "user", "A *question*")
    hands.answer(ANSWER_TEXT)
    view.select_all()
    assert plain(view) == f"A *question*\n\n{AS_PLAIN}"
    assert markdown(view) == f"A *question*\n\n{ANSWER_TEXT}"
    view.setFocus()
    QGuiApplication.clipboard().clear()
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(view, Qt.Key.Key_C, held)
    assert clipboard() == f"A *question*\n\n{AS_PLAIN}"


def test_a_message_as_plain_text(view: ChatView, hands: Hands) -> None:
    view.show_messages([Shown("a", "assistant", ANSWER_TEXT, "Folded away.", thought_seconds=1)])
    menu = build_menu(view, view.placer.rows[-1].ref, None)
    next(one for one in menu.actions() if one.text() == "Copy message as plain text").trigger()
    assert clipboard() == AS_PLAIN


def test_from_inside_one_message_to_inside_another(view: ChatView) -> None:
    view.show_messages(
        [
            Shown("a", "assistant", ANSWER_TEXT),
            Shown("u", "user", "And *then*?"),
            Shown("b", "assistant", ANSWER_TEXT),
        ]
    )
    start, end = (Ref(0, ANSWER, 0), 5), (Ref(2, ANSWER, 2), 1)
    for one, other in ((start, end), (end, start)):
        select(view, one, other)
        assert plain(view) == f"{AS_PLAIN[5:]}\n\nAnd *then*?\n\nSome bold words.\n\n• one\n• t"
        first = ANSWER_TEXT.replace("Some **bold** words.", "bold words.")
        assert markdown(view) == f"{first}\n\nAnd *then*?\n\nSome **bold** words.\n\n- one\nt"


@pytest.mark.parametrize("seed", range(15))
def test_what_is_copied_is_what_is_highlighted(view: ChatView, seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    kinds = ("Para **graph** {}", "- item {}\n- more", "> quote {}", "```\ncode {}\n```", "# Head {}",
             "| a{} | b |\n|---|---|\n| c | d |", "*it* `co{}de`")  # fmt: skip
    shown = []
    for n in range(rng.randrange(1, 5)):
        text = "\n\n".join(rng.choice(kinds).format(f"{n}x{i}") for i in range(rng.randrange(1, 7)))
        opened = rng.choice((True, False))
        shown.append(
            Shown(
                f"m{n}", rng.choice(("assistant", "user")), text, f"thought {n}\n\nmore", thought_open=opened
            )
        )
    view.show_messages(shown)
    for _ in range(8):
        ends = []
        for _ in range(2):
            ref = rng.choice(list(view.model.walk(view.model.first())))
            ends.append((ref, rng.randrange(len(view.cache.item(view.model.row(ref)).plain) + 1)))
        select(view, *ends)
        if not view.selection:
            continue
        QGuiApplication.clipboard().clear()
        copied = plain(view)
        assert letters(copied) == letters(highlighted(view))
        source = markdown(view) if copied else ""
        select(view, *reversed(ends))
        QGuiApplication.clipboard().clear()
        assert plain(view) == copied
        assert not copied or markdown(view) == source


def test_while_an_answer_grows(view: ChatView, hands: Hands) -> None:
    view.show_messages([Shown("u", "user", "Why?")])
    view.add_message("a", "assistant")
    hands.stream("a", "First **one**.\n\nSecond")
    select(view, (Ref(0, ANSWER, 0), 1), (Ref(1, ANSWER, 1), 6))
    assert plain(view) == "hy?\n\nFirst one.\n\nSecond"
    hands.stream("a", " grows.\n\nThird.")
    assert plain(view) == "hy?\n\nFirst one.\n\nSecond"
    assert markdown(view) == "hy?\n\nFirst **one**.\n\nSecond"
    assert letters(highlighted(view)) == letters(plain(view))


def test_a_thought_that_was_folded_is_not_copied(view: ChatView, hands: Hands) -> None:
    view.show_messages(
        [Shown("a", "assistant", "Said.", "Thought.\n\nMore.", thought_seconds=2, thought_open=True)]
    )
    select(view, (Ref(0, REASONING, 0), 2), (Ref(0, ANSWER, 0), 4))
    assert plain(view) == "ought.\n\nMore.\n\nSaid"
    hands.click(hands.spots("thought")[0][2])
    select(view, (Ref(0, REASONING, 0), 2), (Ref(0, ANSWER, 0), 4))
    assert plain(view) == "Said"
    assert highlighted(view) == "Said"


def test_another_branch_keeps_what_is_left_of_it(view: ChatView) -> None:
    shown = pairs(3)
    view.show_messages(shown)
    select(view, (Ref(1, ANSWER, 0), 0), (Ref(3, ANSWER, 0), 6))
    kept = [shown[0], shown[1], shown[2], shown[3], replace(shown[4], id="other", text="Other")]
    view.replace_messages(kept)
    assert plain(view).endswith("Question 1\n\nAnswer")
    view.replace_messages(shown[:2])
    assert not view.selection


def test_a_long_text_is_copied_in_slices(qtbot: QtBot, view: ChatView) -> None:
    short = "\n\n".join(["Short."] * 60)
    text = ("Some **bold** words of a long answer.\n\n" * 4000).strip()
    view.show_messages([Shown("a", "assistant", text), Shown("b", "assistant", short)])
    view.select_all()
    begun = perf_counter()
    view.doings.copy_plain()
    assert perf_counter() - begun < 0.5
    assert view.doings.copier.busy
    qtbot.waitUntil(lambda: not view.doings.copier.busy, timeout=20_000)
    assert clipboard() == text.replace("**", "") + "\n\n" + short
    view.copy_selection()
    qtbot.waitUntil(lambda: not view.doings.copier.busy)
    assert clipboard() == text + "\n\n" + short
    assert len(view.model.messages[0].sections[ANSWER].rows) < 1500  # it was not parsed for the screen
    view.doings.copy_plain()
    view.show_messages(pairs(1))
    qtbot.waitUntil(lambda: not view.doings.copier.busy)
    assert clipboard() == text + "\n\n" + short


def test_three_clicks_take_the_block(view: ChatView, hands: Hands) -> None:
    hands.answer("One two three.\n\nFour five.")
    placed = view.placer.rows[0]
    at = hands.point(placed.y + placed.item.height - 8, 10)
    hands.click(at)
    hands.mouse(QEvent.Type.MouseButtonDblClick, at, held=True)
    hands.mouse(QEvent.Type.MouseButtonRelease, at)
    assert markdown(view) == "One"
    hands.click(at)
    assert markdown(view) == "One two three."
    hands.click(at)
    assert not view.selection


def test_shift_and_a_click_extend(view: ChatView, hands: Hands) -> None:
    hands.answer("One two three.\n\nFour five.")
    first, second = (hands.point(p.y + p.item.height - 8, 0) for p in view.placer.rows[:2])

    def press(at: QPoint, held: Qt.KeyboardModifier) -> None:
        port, left = view.viewport(), Qt.MouseButton.LeftButton
        for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
            place = QPointF(at)
            event = QMouseEvent(kind, place, QPointF(port.mapToGlobal(at)), left, left, held)
            QApplication.sendEvent(port, event)

    press(first, Qt.KeyboardModifier.ShiftModifier)  # there is nothing to extend yet
    assert not view.selection
    press(QPoint(second.x() + 2000, second.y()), Qt.KeyboardModifier.ShiftModifier)
    assert markdown(view) == "One two three.\n\nFour five."


def test_formulas_of_the_screen_are_in_the_keyboard_s_menu(view: ChatView, hands: Hands) -> None:
    hands.answer("So $x^2$ & $y$ and $x^2$.\n\n| a | $z$ |\n|---|---|\n| b | c |\n\n$$w$$")
    chat_menu = build_menu(view, None, None)
    sources = [hint.source for placed in view.placer.rows for hint in placed.item.hints()]
    offer_formulas(chat_menu, view, sources)
    menu = view.findChild(QMenu, "formulas_menu")
    assert menu is not None
    actions = {one.text(): one for one in menu.actions()}
    assert list(actions) == ["$x^2$", "$y$", "$z$", "$$w$$"]
    actions["$z$"].trigger()
    assert clipboard() == "$z$"
    offer_formulas(chat_menu, view, sources)  # once is enough
    assert [one.text() for one in chat_menu.actions()].count("Copy formula") == 1
