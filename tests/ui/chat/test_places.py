"""The reader's line stays where it is, whatever happens around it, and is found again."""

import random

import pytest

from app.chat.library import Place
from tests.ui.chat.test_saved import conversation, lazy, top_line
from ui.chat.filling import OPENED
from ui.chat.message import ANSWER
from ui.chat.shown import Shown
from ui.chat.view import ChatView

FORMULAS = "\n\n".join(f"So $\\frac{{a_{{{n}}}}}{{b}}$ is what " + "it was to be. " * 30 for n in range(12))


def line_of(view: ChatView, place: Place) -> int:
    """How far below the screen's top the line of a place is, px."""
    ref = view.model.by_id[place.message_id].index, place.section, place.row
    placed = next(placed for placed in view.placer.rows if placed.ref == ref)
    return placed.y + placed.item.height_to(place.char)


@pytest.mark.parametrize("seed", range(4))
def test_sizes_and_texts_above_leave_the_line_at_the_top(view: ChatView, seed: int) -> None:
    chance = random.Random(seed)
    messages = conversation(40, seed)
    messages[19] = Shown("m19", "assistant", FORMULAS, "A thought. " * 50, thought_seconds=3)
    view.show_messages(messages)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() * 2 // 3 + chance.randrange(900))
    view.resize(900, 600)
    place = view.place()
    assert place is not None
    for _ in range(12):
        kind = chance.randrange(4)
        if kind == 0:
            view.resize(chance.randrange(320, 1200), chance.randrange(300, 900))
        elif kind == 1:
            view.set_text_zoom(chance.choice((0.8, 1.0, 1.5, 2.0)))
        elif kind == 2:
            view.replace_messages(view_messages(view)[chance.randrange(3) :])
        else:
            view.replace_messages(
                [Shown(f"new{chance.random()}", "user", "Above " * 90), *view_messages(view)]
            )
        view.viewport().repaint()
        assert abs(line_of(view, place) - place.offset) <= 24, (seed, kind)
    view.set_text_zoom(1.0)
    view.resize(900, 600)
    assert view.place() == place, seed


def view_messages(view: ChatView) -> list[Shown]:
    return [message.shown for message in view.model.messages]


def test_a_place_is_the_same_line_at_another_width(view: ChatView) -> None:
    messages = conversation(60)
    view.show_messages(messages)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2 + 37)
    place = view.place()
    assert place is not None
    view.show_messages([])
    view.resize(420, 500)
    view.set_text_zoom(1.3)
    view.show_messages(messages, place)
    assert abs(line_of(view, place) - place.offset) <= 2
    again = view.place()
    assert again is not None
    assert (again.message_id, again.section, again.row) == (place.message_id, place.section, place.row)


@pytest.mark.parametrize(
    "place",
    [
        Place("m31", 0, 3, 10_000, 5),
        Place("m31", -5, 99, 0, 0),
        Place("m31", 3, 1, 0, 0),  # a thought that it does not have
        Place("m31", -(2**30), 3, 0, 2**30),
    ],
)
def test_a_place_that_is_none_leads_to_some_place(view: ChatView, place: Place) -> None:
    view.show_messages(conversation(60), place)
    assert view.placer.rows
    assert view.placer.value <= view.placer.maximum


def test_a_long_branch_that_comes_in_slices_moves_nothing(view: ChatView) -> None:
    messages = conversation(900)
    view.show_messages(messages[-60:])
    end = top_line(view)
    view.replace_messages(messages[-500:])
    assert top_line(view) == end
    assert view.placer.follow
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() - 2000)
    line = top_line(view)
    view.replace_messages(messages)
    assert top_line(view) == line
    assert len(view.model.messages) == 900


def test_what_is_far_away_is_forgotten_and_comes_back_the_same(view: ChatView) -> None:
    messages = conversation(400)
    view.show_messages(messages, Place("m0"))
    bar = view.verticalScrollBar()
    first = [placed.item.plain for placed in view.placer.rows]
    total = 0
    while bar.value() < bar.maximum() - 10:
        bar.setValue(bar.value() + 500)
        view.background.ahead()
        total = max(total, 400 - lazy(view))
    assert len(view.model.opened) <= OPENED + 20
    assert total <= OPENED + 20
    assert 400 - lazy(view) <= OPENED + 20
    bar.setValue(0)
    assert [placed.item.plain for placed in view.placer.rows] == first


def test_a_streamed_message_that_is_forgotten_keeps_its_text(view: ChatView) -> None:
    view.show_messages(conversation(10))
    view.add_message("new", "assistant")
    view.append_text("new", "reasoning", "Hm.")
    view.append_text("new", "answer", "So **it** is.")
    view.finish_message("new", footer="m")
    view.visible_plain_text()
    message = view.model.by_id["new"]
    assert message in view.model.opened
    height = message.height
    view.model.close(message)
    assert message.lazy
    assert message.height == height
    assert view.message_text("new") == "So **it** is."
    assert view.message_text("new", "reasoning") == "Hm."
    assert "So it is." in view.visible_plain_text()
    assert message.sections[ANSWER].rows
