"""The gauge counts what Send would send: once, after a pause, and with the stream of an answer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.chat.parts import AttachmentPart, TextPart
from app.engine.protocol import CountPrompt, Failed, PromptCount
from app.engine.session_events import EngineStopped, Resting, Waking
from tests.ui.control.conftest import Stage, other
from tests.ui.models import PLAIN
from ui.composer.gauge_value import GaugeValue
from ui.control.gauge import GaugeControl

SIZE = PLAIN.n_ctx


class Gauge:
    """A gauge over a stage, and an engine that answers when it is told to."""

    def __init__(self, stage: Stage, qtbot: QtBot) -> None:
        self.stage, self.qtbot = stage, qtbot
        self.control = GaugeControl(itertools.count(5000), stage.chat, stage.models, stage.root)
        self.control._pause.setInterval(0)
        self.control._stream._timer.setInterval(0)
        self.asked: list[CountPrompt] = []
        self.cancelled: list[int] = []
        self.values: list[GaugeValue] = []
        self.control.count_wanted.connect(self.asked.append)
        self.control.cancel_wanted.connect(self.cancelled.append)
        self.control.changed.connect(self.values.append)

    @property
    def value(self) -> GaugeValue:
        return self.control.value

    def type(self, text: str) -> None:
        self.stage.chat.set_draft(text)
        self.control.on_typed()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.control._pause.isActive())

    def next(self) -> CountPrompt:
        """The count that was asked last, after the pause."""
        self.settle()
        return self.asked[-1]

    def answer(self, tokens: int, documents: int = 0) -> None:
        self.control.on_event(PromptCount(self.asked[-1].request_id, tokens, documents))

    def fail(self, kind: str, number: int = 0) -> None:
        self.control.on_event(Failed(number or self.asked[-1].request_id, kind, "It failed."))


@pytest.fixture
def gauge(loaded: Stage, qtbot: QtBot) -> Iterator[Gauge]:
    found = Gauge(loaded, qtbot)
    found.control.refresh()
    found.settle()
    yield found
    found.control._pause.stop()
    found.control._stream.cancel()


def test_nothing_is_counted_where_nothing_is(gauge: Gauge) -> None:
    assert gauge.value == GaugeValue(0, SIZE, exact=True)
    gauge.type("  \n")
    gauge.settle()
    assert gauge.asked == []


def test_what_is_typed_is_counted_after_a_pause(gauge: Gauge) -> None:
    for text in ("W", "Wh", "Why"):
        gauge.type(text)
    assert gauge.asked == []
    assert not gauge.value.exact
    asked = gauge.next()
    assert len(gauge.asked) == 1
    assert asked.question == "Why"
    assert asked.request is not None
    (message,) = asked.request.messages
    assert (message.role, message.content) == ("user", "")
    gauge.answer(31)
    assert gauge.value == GaugeValue(31, SIZE, exact=True)
    gauge.type("Why?\n")
    again = gauge.next()
    assert (again.key, again.request, again.question) == (asked.key, None, "Why?")
    assert gauge.value == GaugeValue(31, SIZE)


def test_one_count_at_a_time_and_stale_ones_are_cancelled(gauge: Gauge) -> None:
    gauge.type("one")
    first = gauge.next()
    for text in ("two", "three"):
        gauge.type(text)
        gauge.settle()
    assert len(gauge.asked) == 1
    assert set(gauge.cancelled) == {first.request_id}
    gauge.fail("cancelled")
    assert gauge.asked[-1].question == "three"
    assert gauge.asked[-1].request is None  # a cancelled one's request is known all the same
    gauge.control.on_event(PromptCount(first.request_id, 1))
    assert not gauge.value.exact
    gauge.answer(40)
    assert gauge.value.used == 40


def test_documents_go_along_and_their_share_is_told(gauge: Gauge) -> None:
    parts = [AttachmentPart("a.txt", "text\n")]
    gauge.control.documents = lambda: parts
    gauge.control.on_documents()
    asked = gauge.next()
    assert asked.request is not None
    assert "".join(asked.request.messages[-1].documents[0]) == "[Document: a.txt]\ntext\n[End of a.txt]\n\n"
    gauge.answer(900, documents=870)
    assert gauge.value == GaugeValue(900, SIZE, exact=True, documents=870)
    parts.append(AttachmentPart("b.txt", "more"))
    gauge.control.on_documents()
    another = gauge.next()
    assert another.key != asked.key
    assert another.request is not None
    assert len(another.request.messages[-1].documents) == 2


def test_the_count_is_that_of_the_request_that_send_makes(gauge: Gauge) -> None:
    gauge.stage.talk("Hello", "Hi")
    gauge.type("And now?\n")
    asked = gauge.next()
    gauge.stage.messages.send("And now?")
    sent = gauge.stage.request.messages
    assert asked.request is not None
    counted = asked.request.messages
    assert counted[:-1] == sent[:-1]
    assert counted[-1].content + asked.question == sent[-1].content


def test_it_moves_with_an_answer(gauge: Gauge) -> None:
    stage = gauge.stage
    stage.messages.send("Why?")
    stage.read(0, total=200)
    gauge.qtbot.waitUntil(lambda: gauge.value == GaugeValue(200, SIZE, exact=True, answering=True))
    stage.say("Hm", "reasoning", 7)
    stage.say("Because", tokens=5)
    gauge.qtbot.waitUntil(lambda: gauge.value.used == 212)
    gauge.type("and then")
    gauge.settle()
    assert gauge.asked == []
    assert gauge.value.answering
    stage.finish()  # it says 20 + 5 tokens
    assert gauge.value == GaugeValue(25, SIZE)
    assert gauge.next().question == "and then"


def test_another_conversation_shows_its_own_and_the_stream_when_it_comes_back(gauge: Gauge) -> None:
    stage = gauge.stage
    another = other(stage)
    stage.messages.send("Why?")
    first = stage.conversation.id
    stage.read(0, total=200)
    stage.chat.open(another)
    assert not gauge.value.answering
    gauge.next()
    gauge.answer(17)
    assert gauge.value == GaugeValue(17, SIZE, exact=True)
    stage.say("Because", tokens=9)
    assert gauge.value.used == 17
    stage.chat.open(first)
    gauge.qtbot.waitUntil(lambda: gauge.value == GaugeValue(209, SIZE, exact=True, answering=True))


def test_an_edited_question_counts_in_place_of_the_draft(gauge: Gauge) -> None:
    stage = gauge.stage
    stage.talk("Hello", "Hi")
    stage.talk("Why?", "So.")
    stage.chat.set_edit(stage.id_of("Hello"), "Hello there")
    gauge.control.on_typed()
    asked = gauge.next()
    assert asked.question == "Hello there"
    assert asked.request is not None
    assert len(asked.request.messages) == 1
    stage.chat.set_edit(stage.id_of("So."), "An answer")
    gauge.control.on_typed()
    gauge.fail("cancelled")
    request = gauge.next().request
    assert request is not None
    assert len(request.messages) == 5


def test_what_the_engine_forgot_is_sent_again(gauge: Gauge) -> None:
    gauge.type("one")
    gauge.next()
    gauge.answer(5)
    gauge.type("two")
    assert gauge.next().request is None
    gauge.fail("request")
    assert gauge.asked[-1].request is not None
    gauge.fail("template")
    count = len(gauge.asked)
    gauge.control.on_event(EngineStopped(0, "It stopped.", (), recovering=True))
    gauge.type("three")
    assert gauge.next().request is not None
    assert len(gauge.asked) == count + 1


def test_a_model_that_rests_is_not_woken_by_looking_around(gauge: Gauge) -> None:
    gauge.control.on_event(Resting(PLAIN))
    gauge.stage.chat.open(other(gauge.stage))
    gauge.settle()
    assert gauge.asked == []
    gauge.type("Why?")
    assert gauge.next().question == "Why?"
    gauge.control.on_event(Waking())
    gauge.answer(9)
    gauge.control.refresh()
    gauge.settle()
    assert len(gauge.asked) == 2


def test_the_draft_that_is_cleared_counts_no_more(gauge: Gauge) -> None:
    gauge.type("Why?")
    asked = gauge.next()
    gauge.type("")
    gauge.settle()
    assert gauge.cancelled == [asked.request_id]
    gauge.fail("cancelled")
    assert gauge.value == GaugeValue(0, SIZE, exact=True)
    assert len(gauge.asked) == 1


def test_without_a_model_nothing_is_asked(stage: Stage, qtbot: QtBot) -> None:
    gauge = Gauge(stage, qtbot)
    gauge.type("Why?")
    gauge.settle()
    assert gauge.asked == []
    assert gauge.value == GaugeValue()
    stage.load(PLAIN)
    assert gauge.next().question == "Why?"


def test_questions_in_a_row_are_counted_as_the_one_that_they_become(gauge: Gauge) -> None:
    stage = gauge.stage
    stage.conversation.append("user", TextPart("First."))
    stage.chat.refresh()
    gauge.type("Second.")
    asked = gauge.next()
    assert asked.request is not None
    assert asked.request.messages[-1].content + asked.question == "First.\n\nSecond."


def test_what_cannot_fit_whatever_its_tokens_are_is_not_counted(gauge: Gauge) -> None:
    stage, words = gauge.stage, "word " * (40 * SIZE // 5)
    stage.talk("Why?", words)
    counts = len(gauge.asked)
    gauge.type("And?")
    gauge.settle()
    assert len(gauge.asked) == counts
    assert gauge.value == GaugeValue((len(words) + len("Why?")) // 4, SIZE, beyond=True)
