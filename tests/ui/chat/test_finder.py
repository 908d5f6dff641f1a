"""Find in the conversation: what is counted, where one goes, and what happens while it changes."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.render.search import Wanted
from tests.render.texts import text
from tests.ui.chat.conftest import Hands
from tests.ui.chat.samples import pairs
from ui.chat import finder as finder_module
from ui.chat.message import ANSWER, REASONING
from ui.chat.shown import Shown
from ui.chat.view import ChatView

ALL_KINDS = (
    "One **t**wo three\n\n```py\nTwo = 2\n```\n\n| a | two |\n|--|--|\n| tWo | c |\n\n"
    "So $two_2$ is\n\n$$two$$\n\n- [two](https://example.org/two)"
)


def find(qtbot: QtBot, view: ChatView, query: str, case: bool = False, words: bool = False) -> int:
    view.finder.search(Wanted(query, case, words))
    return wait(qtbot, view)


def wait(qtbot: QtBot, view: ChatView) -> int:
    qtbot.waitUntil(lambda: not view.finder.busy)
    assert view.finder.whole
    return view.finder.total


def step(qtbot: QtBot, view: ChatView, forward: bool) -> int:
    view.finder.step(forward)
    wait(qtbot, view)
    return view.finder.number


def current(view: ChatView) -> str:
    """The text of the match that is looked at, which has to be on the screen."""
    for placed in view.placer.rows:
        for start, end, now in view.finder.ranges(placed):
            if now:
                rect = placed.item.rects(start, end)[0]
                assert 0 <= placed.y + rect.top() <= placed.y + rect.bottom() <= view.viewport().height()
                return placed.item.plain[start:end]
    return ""


def by_layout(view: ChatView, wanted: Wanted) -> int:
    """How many there are, the slow way."""
    total = 0
    for message in view.model.messages:
        view.model.complete(message)
        for number in (REASONING, ANSWER):
            for row in message.sections[number].rows:
                total += len(wanted.find(view.cache.item(row).plain))
    return total


def test_what_is_displayed_is_found_in_every_kind_of_block(qtbot, view: ChatView, hands: Hands) -> None:
    view.add_message("u", "user", "two *two*")
    hands.answer(ALL_KINDS)
    assert find(qtbot, view, "two") == 9
    assert view.finder.number == 1
    seen = [current(view)] + [current(view) for _ in range(9) if step(qtbot, view, True)]
    assert [one.lower() for one in seen] == ["two"] * 10
    assert view.finder.number == 1  # and round
    assert step(qtbot, view, False) == 9
    assert find(qtbot, view, "tWo", case=True) == 1
    assert find(qtbot, view, "two", words=True) == 8  # two_2 is one word
    assert find(qtbot, view, "**") == 0
    assert find(qtbot, view, "example.org") == 0
    assert find(qtbot, view, "") == 0
    assert view.finder.number == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_count_is_that_of_what_is_laid_out(qtbot, view: ChatView, seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    shown = [
        Shown(f"m{n}", rng.choice(("assistant", "user")), text(rng), text(rng), thought_open=True)
        for n in range(15)
    ]
    view.show_messages(shown)
    counts = {}
    for query in ("word", "e", "ünï", "b c", "no such thing"):
        counts[query] = find(qtbot, view, query)
    assert counts == {query: by_layout(view, Wanted(query)) for query in counts}
    assert counts["word"] > 5
    assert counts["no such thing"] == 0


def test_finding_parses_nothing_that_it_does_not_go_to(qtbot, view: ChatView) -> None:
    view.show_messages(pairs(300))
    opened = sum(not message.lazy for message in view.model.messages)
    assert find(qtbot, view, "word") == 300 * 90
    # the first match from the top of the screen on is on the screen
    assert sum(not message.lazy for message in view.model.messages) <= opened + 10
    assert find(qtbot, view, "answer 7.") == 1
    assert current(view) == "Answer 7."
    assert view.finder.number == 1
    assert sum(not message.lazy for message in view.model.messages) < 60


def test_typing_on_stays_at_the_match(qtbot, view: ChatView) -> None:
    view.show_messages(pairs(50))
    find(qtbot, view, "question 1")
    view.finder.step(True)
    wait(qtbot, view)
    before = view.finder.number, view.placer.rows[0].ref, view.placer.rows[0].y
    find(qtbot, view, "question")
    assert current(view) == "Question"
    find(qtbot, view, "question 1")
    assert (view.finder.number, view.placer.rows[0].ref, view.placer.rows[0].y) == before


def test_a_match_in_a_folded_thought_opens_it(qtbot, view: ChatView) -> None:
    shown = Shown("a", "assistant", "The answer.", "A thought with a needle.", thought_seconds=3)
    view.show_messages([*pairs(10), shown, *pairs(10, "b")])
    with qtbot.waitSignal(view.thought_toggled) as told:
        assert find(qtbot, view, "needle") == 1
    assert told.args == ["a", True]
    assert current(view) == "needle"


def test_the_match_stays_where_it_is_while_an_answer_grows(qtbot, view: ChatView, hands: Hands) -> None:
    view.show_messages(pairs(10))
    view.add_message("n", "assistant")
    hands.stream("n", "needle one\n\nand a needle")
    assert find(qtbot, view, "needle") == 2
    y = view.placer.rows[0].y
    hands.stream("n", "s two, needle\n\n" + "more\n\n" * 60 + "needle")
    qtbot.waitUntil(lambda: view.finder.total == 4)
    assert view.placer.rows[0].y == y
    view.finish_message("n")
    hands.stream("n", "")
    wait(qtbot, view)
    assert view.finder.total == 4
    view.add_message("u", "user", "a last needle")
    hands.settle()
    qtbot.waitUntil(lambda: view.finder.total == 5)


def test_a_thought_that_becomes_the_answer_is_counted_once(qtbot, view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", "needle needle")
    assert find(qtbot, view, "needle") == 2
    view.reclassify("a")
    hands.stream("a", "needle")
    qtbot.waitUntil(lambda: view.finder.total == 3)
    hands.stream("a", "needle", "reasoning")
    qtbot.waitUntil(lambda: view.finder.total == 4)


def test_another_branch(qtbot, view: ChatView) -> None:
    shown = pairs(20)
    view.show_messages(shown)
    assert find(qtbot, view, "answer 19") == 1
    view.replace_messages([*shown[:-1], replace(shown[-1], id="other", text="answer 19, answer 19")])
    qtbot.waitUntil(lambda: view.finder.total == 2)
    view.show_messages(shown[:4])
    qtbot.waitUntil(lambda: view.finder.total == 0)
    view.clear()
    view.finder.step(True)
    qtbot.waitUntil(lambda: not view.finder.busy)
    assert view.finder.number == 0


@pytest.mark.parametrize("left", [0, 1, 5])
def test_the_conversation_goes_in_the_middle_of_it(qtbot, view: ChatView, left: int) -> None:
    for steps in range(6):
        view.show_messages(pairs(200))
        view.finder.search(Wanted(f"word {'w' * (steps % 2)}"))
        for _ in range(steps):
            view.finder._work()
        if steps % 3 == 0:
            view.finder.step(False)
        view.clear()
        for _ in range(3):
            view.finder._work()
        if left:
            view.show_messages(pairs(left, "b"))
        for _ in range(3):
            view.finder._work()
        qtbot.waitUntil(lambda: view.finder.whole and not view.finder.busy)
    assert find(qtbot, view, "word") == 90 * left


def test_the_repeated_header_of_a_long_table_counts_once(qtbot, view: ChatView, hands: Hands) -> None:
    hands.answer("needle|b\n-|-\n" + "\n".join(f"{n} | x" for n in range(100)))
    assert find(qtbot, view, "needle") == 1


def test_it_works_in_slices_and_the_next_query_takes_over(qtbot, view: ChatView) -> None:
    view.show_messages(pairs(3000))
    view.finder.search(Wanted("word"))
    assert view.finder.busy
    assert not view.finder.whole
    assert view.finder.total < 3000 * 90
    assert find(qtbot, view, "question 2999") == 1
    assert current(view) == "Question 2999"


def test_there_is_an_end_to_counting(qtbot, view: ChatView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder_module, "MOST", 500)
    view.show_messages(pairs(100))
    view.finder.search(Wanted("word"))
    qtbot.waitUntil(lambda: not view.finder.busy)
    assert 500 <= view.finder.total < 100 * 90
    assert view.finder.full
    assert not view.finder.whole
    view.finder.step(False)
    qtbot.waitUntil(lambda: not view.finder.busy)
    assert current(view) == "word"


def test_what_is_found_is_painted(qtbot, view: ChatView, hands: Hands) -> None:
    hands.answer(ALL_KINDS)

    def painted() -> int:
        image = view.grab().toImage()
        ground = view.theme.color("found")
        width, height = image.width(), image.height()
        return sum(
            QColor(image.pixel(x, y)) == ground for x in range(0, width, 4) for y in range(0, height, 4)
        )

    assert painted() == 0
    find(qtbot, view, "two")
    found = painted()
    assert found > 50
    assert find(qtbot, view, "three") == 1
    assert 0 < painted() < found


def test_found_words_are_read_in_the_colour_of_text(qtbot, view: ChatView, hands: Hands) -> None:
    """Muted text and the colours of code have too little contrast to the ground of what is found."""
    hands.answer("See [needle](https://example.org).\n\n```py\n# needle\n```")
    text = view.theme.color("text")

    def inked(kind: str) -> bool:
        image = view.grab().toImage()
        placed = next(placed for placed in view.placer.rows if placed.item.kind == kind)
        at = placed.item.plain.index("needle")
        rect = placed.item.rects(at, at + 6)[0].translated(view.column()[0], placed.y).toRect()
        ratio = image.devicePixelRatio()
        return any(
            QColor(image.pixel(round(x * ratio), round(y * ratio))) == text
            for x in range(rect.left(), rect.right())
            for y in range(rect.top(), rect.bottom())
        )

    qtbot.waitUntil(lambda: not any(placed.item.work(0.01) for placed in view.placer.rows))
    assert not inked("paragraph")
    assert not inked("code")
    find(qtbot, view, "needle")
    assert inked("paragraph")
    assert inked("code")


def test_it_scrolls_sideways_to_a_match(qtbot, view: ChatView, hands: Hands) -> None:
    hands.answer("```py\n" + "x = 1; " * 60 + "needle\n```")
    code = view.placer.rows[0].item
    find(qtbot, view, "needle")
    rect = code.rects(*view.finder.ranges(view.placer.rows[0])[0][:2])[0]
    assert code.view.left() <= rect.left() < rect.right() <= code.view.right()
    find(qtbot, view, "x")
    assert code.offset == 0


def test_words_from_right_to_left_have_their_grounds(view: ChatView, hands: Hands) -> None:
    hands.answer("one שלום עולם two")
    item = view.placer.rows[0].item
    first, second = (item.rects(*span)[0] for span in ((4, 8), (9, 13)))
    assert second.right() <= first.left() + 1
    assert first.width() > 10
    assert second.width() > 10
