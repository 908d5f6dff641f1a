"""A long conversation: its end is there at once, all of it before long, and nothing gets lost between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.chat.conversation import Conversation
from app.chat.library import Place
from app.chat.parts import TextPart
from app.errors import StoreError
from app.store import reading
from tests.ui.control.conftest import Stage, other
from ui.chat.shown import Shown
from ui.control.opening import Filler

COUNT = 1000


@pytest.fixture
def long(stage: Stage) -> str:
    """The id of a conversation with many messages."""
    conversation = Conversation(title="Long", titled=True)
    for number in range(COUNT // 2):
        conversation.append("user", TextPart(f"Question {number}"), id=f"q{number}")
        conversation.append("assistant", TextPart(f"Answer {number}"), id=f"a{number}")
    stage.store.write(lambda store: store.create(conversation))
    return conversation.id


def glimpse(stage: Stage, key: str) -> None:
    """Click the conversation; its end is read."""
    stage.chat.open(key)
    assert stage.chat.glimpsed == key


def wait_for_all(stage: Stage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(stage.view.messages) == COUNT)


def test_the_end_is_shown_first_and_then_all(stage: Stage, qtbot: QtBot, long: str) -> None:
    glimpse(stage, long)
    assert len(stage.view.messages) == reading.END
    assert stage.view.texts[-1] == f"Answer {COUNT // 2 - 1}"
    assert stage.chat.key != long
    assert len(stage.said["chat.leaving"]) > 0
    wait_for_all(stage, qtbot)
    assert stage.chat.glimpsed == ""
    assert stage.chat.key == long
    assert stage.view.texts == [message.text for message in stage.conversation.branch()]
    assert len(stage.chat.visible) == COUNT
    assert len(stage.conversation.messages) == COUNT


def test_what_is_sent_before_all_is_read_stays_in_the_field(loaded: Stage, qtbot: QtBot, long: str) -> None:
    stage = loaded
    glimpse(stage, long)
    stage.messages.send("Too early")
    stage.messages.regenerate_last()
    stage.messages.continue_last()
    stage.messages.edit_last()
    assert stage.last("messages.text_refused") == "Too early"
    assert stage.requests == []
    wait_for_all(stage, qtbot)
    stage.messages.send("In time")
    assert stage.asked[-1] == "In time"
    assert len(stage.asked) == COUNT + 1


@pytest.mark.parametrize("leave", ["another", "new", "back", "deleted"])
def test_something_else_can_be_opened_meanwhile(stage: Stage, qtbot: QtBot, long: str, leave: str) -> None:
    first = other(stage)
    stage.chat.open(first)
    glimpse(stage, long)
    ways: dict[str, Callable[[], Any]] = {
        "another": lambda: stage.chat.open(other(stage, "Third")),
        "new": stage.chat.new,
        "back": lambda: stage.chat.open(first),
        "deleted": lambda: stage.library.delete([long]),
    }
    ways[leave]()
    wanted = {"another": ["Third question", "Third answer"], "new": []}
    expected = wanted.get(leave, ["Another question", "Another answer"])
    assert stage.view.texts == expected
    assert stage.chat.glimpsed == ""
    with pytest.raises(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: stage.view.texts != expected, timeout=120)


def test_a_change_while_it_comes_in_brings_the_rest_at_once(loaded: Stage, qtbot: QtBot, long: str) -> None:
    stage = loaded
    glimpse(stage, long)
    qtbot.waitUntil(lambda: stage.chat.key == long)
    stage.messages.send("And now?")
    assert stage.view.texts[-2:] == ["And now?", ""]
    stage.say("This")
    assert len(stage.view.messages) == COUNT + 2
    stage.finish()
    with pytest.raises(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: stage.view.texts[-1] != "This", timeout=60)


def test_it_opens_at_the_place_and_at_a_hit(stage: Stage, qtbot: QtBot, long: str) -> None:
    place = Place("a400", -7, 3, 0, 2)
    stage.store.write(lambda store: store.set_place(long, place))
    glimpse(stage, long)
    assert stage.view.place == place
    assert "a400" in stage.view.messages
    assert len(stage.view.messages) < COUNT
    wait_for_all(stage, qtbot)
    stage.chat.new()
    stage.store.write(lambda store: store.set_place(long, Place("a20")))
    stage.chat.open(long)  # too far up for a glimpse
    assert stage.view.place == Place("a20")
    assert "a20" in stage.view.messages
    wait_for_all(stage, qtbot)
    stage.chat.new()
    stage.chat.open(long, "q30", "Question")
    assert "q30" in stage.view.messages
    assert stage.last("chat.found") == ("q30", "Question")
    stage.chat.open(long, "q490", "Question")
    assert "q490" in stage.view.messages


def test_one_that_cannot_be_read_is_left_again(
    stage: Stage, qtbot: QtBot, long: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.chat.open(other(stage))
    glimpse(stage, long)
    monkeypatch.setattr("ui.control.opening.load_saved", _fail)
    qtbot.waitUntil(lambda: stage.chat.glimpsed == "")
    assert stage.view.texts == ["Another question", "Another answer"]
    assert stage.notices[-1].level == "error"


def _fail(*_arguments: object) -> None:
    raise StoreError("It cannot be read.")


def test_a_filler_brings_everything_in_its_order(qtbot: QtBot) -> None:
    shown = [Shown(str(number), "user") for number in range(3000)]
    for first in ("", "1500", "0", "2999"):
        filler, steps = Filler(), []
        filler.step.connect(steps.append)
        steps.append(filler.begin(shown, first))
        assert filler.has("5000")
        assert filler.has(first or "2999")
        qtbot.waitUntil(lambda steps=steps: len(steps[-1]) == 3000)
        assert steps[-1] == shown
        assert [len(one) for one in steps] == sorted(len(one) for one in steps)
        assert all(first in [one.id for one in step] for step in steps if first)
        filler.stop()
