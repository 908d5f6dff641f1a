"""Saved conversations: shown at once, parsed when somebody comes near."""

import random
from itertools import pairwise
from time import perf_counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.chat.library import Place
from app.render.blocks import parse_blocks
from tests.render.samples import HUGE, RICH
from tests.ui.chat.conftest import Hands, message_top
from ui.chat.filling import WHOLE
from ui.chat.message import ANSWER, REASONING, Ref
from ui.chat.shown import Shown
from ui.chat.view import ChatView
from ui.theme import ThemeManager

SOME = "## Part {n}\n\nA **bold** word and `code`.\n\n- one\n- two\n\n```py\nx = {n}\n```\n\nThe end of {n}."


def conversation(count: int, seed: int = 1) -> list[Shown]:
    rnd = random.Random(seed)
    found = []
    for n in range(count):
        if n % 2:
            text = SOME.format(n=n) + "\n\nMany words to wrap. " * rnd.randrange(1, 12)
            thought = f"Thought number {n}." if rnd.random() < 0.4 else ""
            found.append(Shown(f"m{n}", "assistant", text, thought, footer=f"model {n}", actions=("copy",)))
        else:
            found.append(Shown(f"m{n}", "user", f"Question {n} " * rnd.randrange(1, 40), actions=("copy",)))
    return found


def plain(view: ChatView, message_id: str) -> list[str]:
    """All visible rows of a message, parsed if need be."""
    message = view.model.by_id[message_id]
    view.model.complete(message)
    items = [view.cache.item(row) for section in message.sections if section.visible for row in section.rows]
    return [item.plain or item.label for item in items]


def lay_out(view: ChatView) -> int:
    for ref in view.model.walk(view.model.first()):
        view.placer.measure(ref)
    return view.model.total


def lazy(view: ChatView) -> int:
    return sum(message.lazy for message in view.model.messages)


def top_line(view: ChatView) -> tuple[str, int]:
    placed = view.placer.rows[0]
    return placed.item.plain or placed.item.label, placed.y


def test_lazily_is_the_same_as_eagerly(view: ChatView, hands: Hands) -> None:
    messages = conversation(12)
    view.show_messages(messages)
    assert lazy(view) > 0
    lazily = [plain(view, m.id) for m in messages], lay_out(view)
    assert lazy(view) == 0
    view.clear()
    for m in messages:
        view.add_message(m.id, m.role, "" if m.role == "assistant" else m.text)
        if m.role == "assistant":
            view.append_text(m.id, "reasoning", m.reasoning)
            hands.stream(m.id, m.text)
            view.finish_message(m.id, footer=m.footer)
    hands.settle()
    assert ([plain(view, m.id) for m in messages], lay_out(view)) == lazily


@pytest.mark.parametrize("text", [RICH, HUGE["fence"], HUGE["paragraph of one line"], RICH * 40])
def test_a_text_in_slices_gives_the_same_blocks(view: ChatView, text: str) -> None:
    view.show_messages([Shown("u", "user", "Hi"), Shown("a", "assistant", text)], Place("u", 0))
    message = view.model.by_id["a"]
    while view.model.more(message, ANSWER):
        pass
    assert tuple(row.block for row in message.sections[ANSWER].rows) == parse_blocks(text)


def test_of_a_huge_message_only_the_beginning_is_parsed(view: ChatView) -> None:
    text = "\n\n".join(f"Paragraph {n} with some words." for n in range(20_000))
    assert len(text) > 10 * WHOLE
    view.show_messages([Shown("u", "user", "Hi"), Shown("a", "assistant", text)], Place("u", 0))
    section = view.model.by_id["a"].sections[ANSWER]
    assert 0 < len(section.rows) < 2000
    bottom = view.placer.rows[-1]
    assert bottom.y + bottom.item.height >= view.viewport().height()
    guess = view.model.total
    view.scroll_to_end()
    assert "Paragraph 19999" in view.visible_plain_text()
    assert not section.waiting
    assert 0.5 < guess / view.model.total < 2
    for above, below in pairwise(view.placer.rows):
        assert below.y == above.y + above.item.height


def test_into_the_middle_of_a_huge_message(view: ChatView) -> None:
    text = "\n\n".join(f"Paragraph {n} with some words." for n in range(20_000))
    view.show_messages([Shown("u", "user", "Hi"), Shown("a", "assistant", text)], Place("u", 0))
    bar = view.verticalScrollBar()
    wanted = bar.maximum() // 2
    bar.setValue(wanted)
    assert view.placer.value == wanted
    number = int(view.visible_plain_text().split()[1])
    assert 7_000 < number < 13_000
    assert view.model.by_id["a"].sections[ANSWER].waiting
    assert len(view.placer.rows) < 60


def test_a_thousand_messages_open_at_the_end_with_few_parsed(view: ChatView) -> None:
    messages = conversation(1000)
    begun = perf_counter()
    view.show_messages(messages)
    view.viewport().repaint()
    assert perf_counter() - begun < 1.0  # some 15 ms on an idle machine
    assert lazy(view) > 980
    assert view.place() is None
    assert view.visible_plain_text().endswith("model 999")
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 50_000


def test_near_the_screen_it_is_parsed_ahead(qtbot, view: ChatView) -> None:
    view.show_messages(conversation(200))
    before = lazy(view)
    line = top_line(view)
    qtbot.waitUntil(lambda: not view.placer.ahead(view.viewport().height()), timeout=3000)
    assert 0 < lazy(view) < before
    view.arrange()
    assert top_line(view) == line


def test_what_is_parsed_ahead_after_a_jump_moves_nothing(view: ChatView) -> None:
    view.show_messages(conversation(200))
    bar, rnd = view.verticalScrollBar(), random.Random(4)
    for _ in range(25):
        bar.setValue(rnd.randrange(bar.maximum()))
        seen = [(placed.ref, placed.y) for placed in view.placer.rows]
        while view.placer.ahead(view.viewport().height()):
            view.arrange()
        view.arrange()
        assert [(placed.ref, placed.y) for placed in view.placer.rows] == seen


def test_guesses_are_good_enough_for_a_scroll_bar(view: ChatView) -> None:
    view.show_messages(conversation(100))
    guess = view.model.total
    assert 0.7 < guess / lay_out(view) < 1.4


@pytest.mark.parametrize("step", [-37, -300, -700])
def test_scrolling_up_goes_just_as_far_as_asked(view: ChatView, step: int) -> None:
    view.show_messages(conversation(60))
    bar = view.verticalScrollBar()
    while bar.value() + step > 0:
        before = {placed.ref: placed.y for placed in view.placer.rows}
        bar.setValue(bar.value() + step)
        after = {placed.ref: placed.y for placed in view.placer.rows}
        both = before.keys() & after.keys()
        if step > -500:
            assert both
        assert all(after[ref] == before[ref] - step for ref in both)


def test_scrolling_through_meets_every_message(view: ChatView) -> None:
    view.show_messages(conversation(40))
    bar, seen = view.verticalScrollBar(), set()
    for _ in range(2000):
        rows = view.placer.rows
        assert all(below.y == above.y + above.item.height for above, below in pairwise(rows))
        seen |= {placed.ref.message for placed in rows}
        if bar.value() == 0:
            break
        bar.setValue(bar.value() - 400)
    assert seen == set(range(40))
    assert view.placer.rows[0].ref == view.model.first()
    assert view.placer.rows[0].y == 0


def test_nothing_blank_is_ever_on_the_screen(view: ChatView) -> None:
    view.show_messages(conversation(300))
    bar, rnd = view.verticalScrollBar(), random.Random(3)
    for _ in range(60):
        bar.setValue(rnd.randrange(bar.maximum()))
        rows = view.placer.rows
        assert rows[0].y <= 0
        assert rows[-1].y + rows[-1].item.height >= view.viewport().height() - 24
        assert not any(view.model.messages[placed.ref.message].lazy for placed in rows)


def test_the_place_is_kept_and_found_again(view: ChatView) -> None:
    messages = conversation(80)
    view.show_messages(messages)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 3)
    place, line = view.place(), top_line(view)
    assert place is not None
    view.show_messages(conversation(4, seed=9))
    view.show_messages(messages, place)
    assert (view.place(), top_line(view)) == (place, line)
    assert view.jump_button.isVisible()


@pytest.mark.parametrize("offset", [0, 120, -90])
def test_a_place_is_the_distance_of_a_message_from_the_top(view: ChatView, offset: int) -> None:
    view.show_messages(conversation(80), Place("m41", offset))
    first = next(placed for placed in view.placer.rows if placed.ref.message == 41)
    assert view.model.heights.prefix(41) - view.placer.value == offset
    assert first.y == offset or offset < 0


def test_a_place_in_a_message_that_is_gone_is_the_end(view: ChatView) -> None:
    view.show_messages(conversation(30), Place("nobody", 4))
    assert view.place() is None
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_a_place_is_right_though_the_view_gets_its_size_later(qtbot, theme: ThemeManager) -> None:
    view = ChatView(theme)
    qtbot.addWidget(view)
    view.resize(260, 100)
    text = ("Many words to wrap. " * 20 + "\n\n") * 30
    view.show_messages([Shown(f"m{n}", "assistant", text) for n in range(9)], Place("m5", -700))
    view.resize(900, 600)
    with qtbot.waitExposed(view):
        view.show()
    assert message_top(view, 5) == -700
    view.viewport().repaint()
    line = view.placer.rows[0].ref
    view.resize(240, 600)
    assert view.placer.rows[0].ref == line
    assert message_top(view, 5) != -700


def test_it_says_that_the_place_has_changed(qtbot, view: ChatView) -> None:
    view.show_messages(conversation(30))
    with qtbot.waitSignal(view.place_changed):
        view.verticalScrollBar().setValue(100)
    assert view.place() is not None
    with qtbot.waitSignal(view.place_changed):
        view.scroll_to_end()
    assert view.place() is None
    view.append_text("m29", "answer", "")
    with qtbot.assertNotEmitted(view.place_changed, wait=300):
        view.add_message("x", "assistant", "More")


def test_select_all_copies_what_nobody_has_parsed(qtbot, view: ChatView) -> None:
    messages = conversation(200)
    view.show_messages(messages)
    view.select_all()
    view.copy_selection()
    qtbot.waitUntil(lambda: not view.doings.copier.busy)
    assert QGuiApplication.clipboard().text() == "\n\n".join(m.text.strip("\n") for m in messages)
    assert lazy(view) > 150


def test_open_thoughts_are_copied_too(view: ChatView) -> None:
    parts = [Shown(f"m{n}", "assistant", f"A{n}", f"T{n}", thought_open=n == 1) for n in range(3)]
    view.show_messages(parts)
    view.select_all()
    view.copy_selection()
    assert QGuiApplication.clipboard().text() == "A0\n\nT1\n\nA1\n\nA2"


def test_texts_of_messages_that_are_not_parsed(view: ChatView) -> None:
    messages = conversation(50)
    view.show_messages(messages)
    assert view.model.by_id["m1"].lazy
    assert [view.message_text(m.id) for m in messages] == [m.text for m in messages]
    assert [view.message_text(m.id, "reasoning") for m in messages] == [m.reasoning for m in messages]


def test_tab_goes_on_into_what_is_not_parsed(qtbot, view: ChatView) -> None:
    view.show_messages(conversation(40), Place("m0", 0))
    view.setFocus()
    seen = set()
    for _ in range(150):
        qtbot.keyClick(view, Qt.Key.Key_Tab)
        if not view.navigator.place:
            break
        seen.add(view.navigator.place[0].message)
    assert seen == set(range(40))


@pytest.mark.parametrize(
    ("opened", "finished", "text", "seen"),
    [
        (None, True, "Answer", False),
        (True, True, "Answer", True),
        (None, False, "", True),
        (None, False, "Answer", False),
        (False, False, "", False),
        (True, False, "Answer", True),
    ],
)
def test_when_a_thought_is_open(view: ChatView, opened, finished: bool, text: str, seen: bool) -> None:
    view.show_messages([Shown("a", "assistant", text, "Hm.", thought_open=opened, finished=finished)])
    assert ("Hm." in view.visible_plain_text()) is seen
    assert view.visible_plain_text().startswith("Thought")


def test_a_folded_thought_is_parsed_when_it_opens(qtbot, view: ChatView, hands: Hands) -> None:
    view.show_messages([Shown("a", "assistant", "So.", "One.\n\nTwo.", thought_seconds=4)])
    section = view.model.by_id["a"].sections[REASONING]
    assert section.rows == []
    with qtbot.waitSignal(view.thought_toggled) as toggled:
        hands.click(hands.spots("thought")[0][2])
    assert toggled.args == ["a", True]
    assert view.visible_plain_text().startswith("Thought for 4 s\nOne.\nTwo.\nSo.")
    assert len(section.rows) == 2


def test_a_message_that_still_streams_goes_on(view: ChatView, hands: Hands) -> None:
    view.show_messages([Shown("u", "user", "Hi"), Shown("a", "assistant", "Half a sen", finished=False)])
    assert "Half a sen" in view.visible_plain_text()
    hands.stream("a", "tence.")
    view.finish_message("a", footer="done")
    assert view.visible_plain_text().endswith("Half a sentence.\ndone")


@pytest.mark.parametrize("search", ["END of 17", "énd of 17", "17 missing"])
def test_it_goes_to_what_was_searched(view: ChatView, search: str) -> None:
    view.show_messages(conversation(60))
    assert view.scroll_to_message("m17", search)
    (ref, start), (_, end) = view.selection._anchor, view.selection._head
    assert ref.message == 17
    placed = next(placed for placed in view.placer.rows if placed.ref == ref)
    assert 0 <= placed.y < view.viewport().height() // 2
    assert placed.item.plain[start:end].lower() in {"end of 17", "17"}


def test_it_goes_to_a_message(view: ChatView) -> None:
    view.show_messages(conversation(60))
    assert view.scroll_to_message("m17")
    assert message_top(view, 17) == 16
    assert not view.scroll_to_message("nobody")
    assert view.scroll_to_message("m30", "words that are not there at all xyzzy") is True
    assert any(placed.ref == view.model.first_of(30) for placed in view.placer.rows)


def test_any_message_can_be_empty(view: ChatView) -> None:
    view.show_messages(
        [Shown("u", "user"), Shown("a", "assistant"), Shown("s", "system"), Shown("b", "assistant")]
    )
    assert view.visible_plain_text() == "\n\n\n\n"
    assert view.model.first() == Ref(0, ANSWER, 0)
