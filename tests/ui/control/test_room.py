"""Where it does not fit the person decides, and what is decided happens."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from app.chat.parts import AttachmentPart
from app.engine.protocol import Devices, Finished, Loaded
from app.engine.values import Device, LoadOptions, Timings, Usage
from tests import miniatures
from tests.ui.control.conftest import Stage
from tests.ui.models import PLAIN
from ui.composer.attached import Attached
from ui.composer.gauge_value import GaugeValue
from ui.composer.room_offer import RoomOffer
from ui.control.fitting import FitControl
from ui.control.room import RoomControl
from ui.workers.fit import FitWorker

GIB = 1024**3
BOOK = Attached("b", "book.pdf", "pdf", tokens=60_000, pages=312)
LETTER = Attached("l", "letter.txt", "text", tokens=900)


class Pile:
    """Documents that are attached."""

    def __init__(self) -> None:
        self.parts: tuple[AttachmentPart, ...] = ()

    def take(self) -> tuple[AttachmentPart, ...]:
        taken, self.parts = self.parts, ()
        return taken

    def put_back(self, parts: tuple[AttachmentPart, ...]) -> None:
        self.parts += parts


class Desk:
    """A room control over the stage, with a real fit of a model whose context is 4,096 tokens."""

    def __init__(self, stage: Stage, ram: int) -> None:
        self.stage, self.pile = stage, Pile()
        ids = itertools.count(1000)
        self.fit, self.worker = FitControl(ids, stage.root), FitWorker()
        self.room = RoomControl(ids, stage.chat, self.fit, self.pile, stage.root)
        self.offer: RoomOffer | None = None
        self.held = ""
        self.contexts: list[int] = []
        self.asked: list[str] = []
        asked: list[int] = []
        self.fit.devices_wanted.connect(asked.append)
        self.fit.fit_wanted.connect(self.worker.fit)
        self.fit.range_wanted.connect(self.worker.measure_range)
        self.worker.answered.connect(self.fit.on_answer)
        self.worker.ranged.connect(self.fit.on_ranged)
        self.worker.predicted.connect(self.room.on_predicted)
        self.fit.range_changed.connect(self.room.on_range)
        self.room.cost_wanted.connect(self.worker.predict)
        self.room.offered.connect(self._on_offered)
        self.room.hold_changed.connect(self._on_held)
        self.room.context_wanted.connect(self.contexts.append)
        self.room.pages_wanted.connect(lambda one: self.asked.append(f"pages {one}"))
        self.room.removal_wanted.connect(lambda one: self.asked.append(f"leave out {one}"))
        self.room.go_on_wanted.connect(lambda one: self.asked.append(f"go on {one}"))
        self.room.draft_wanted.connect(lambda: self.asked.append("draft"))
        path = str(miniatures.hybrid())
        stage.load(replace(PLAIN, path=path, n_ctx=4096))
        self.fit.on_load_wanted(1, path, LoadOptions(n_ctx=4096))
        self.fit.on_event(Devices(asked[-1], (Device("CPU", "A processor", "cpu", ram, 64 * GIB),)))
        self.fit.on_event(Loaded(1, replace(PLAIN, path=path, n_ctx=4096), 1.0))

    def _on_offered(self, offer: RoomOffer | None) -> None:
        self.offer = offer

    def _on_held(self, reason: str) -> None:
        self.held = reason

    def gauge(self, used: int, *, exact: bool = True, answering: bool = False, documents: int = 0) -> None:
        self.room.on_gauge(GaugeValue(used, 4096, exact, documents, answering))

    @property
    def choices(self) -> list[str]:
        return [] if self.offer is None else [choice.id for choice in self.offer.choices]


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage, 32 * GIB)


def test_nothing_is_said_while_there_is_room(desk: Desk) -> None:
    desk.gauge(3000)
    assert desk.offer is None
    assert desk.held == ""


def test_what_does_not_fit_is_held_and_the_next_context_is_offered_with_its_price(desk: Desk) -> None:
    desk.room.on_attached([LETTER, BOOK])
    desk.gauge(61_000, documents=60_900)
    assert desk.held
    assert desk.offer is not None
    assert desk.offer.tone == "error"
    assert desk.offer.text.startswith("This is 61,000 tokens, and the context holds 4,096.")
    assert "A context of 131,072 takes" in desk.offer.text
    assert desk.choices == ["raise", "pages:b", "leave_out:b"]
    for choice in desk.choices:
        desk.room.choose(choice)
    assert desk.contexts == [131_072]
    assert desk.asked == ["pages b", "leave out b"]
    desk.gauge(900)
    assert desk.offer is None
    assert desk.held == ""


def test_the_time_is_told_once_the_speed_is_known(desk: Desk) -> None:
    timings = Timings(1.0, 100.0, 10.0, (0.001, 0.0))
    desk.fit.on_event(Finished(9, "stop", Usage(), timings))
    desk.gauge(61_000)
    assert desk.offer is not None
    assert "Reading it takes about 61 s." in desk.offer.text


def test_a_count_that_may_be_old_holds_nothing(desk: Desk) -> None:
    desk.gauge(61_000, exact=False)
    assert desk.held == ""
    assert desk.offer is None


def test_what_cannot_fit_waits_though_nobody_counted_it(desk: Desk) -> None:
    desk.room.on_gauge(GaugeValue(61_000, 4096, beyond=True))
    assert desk.held == "This does not fit into the context"
    assert desk.offer is not None


def test_what_this_machine_has_no_memory_for_is_not_offered(stage: Stage) -> None:
    desk = Desk(stage, 300 * 1024**2)
    desk.gauge(1_000_000)
    assert desk.offer is not None
    assert "more than is free here" in desk.offer.text
    assert "raise" not in desk.choices


def test_what_would_not_help_is_not_offered(desk: Desk) -> None:
    desk.room.on_attached([LETTER])
    desk.gauge(61_000)
    assert desk.choices == ["raise"]


def test_an_offer_that_was_closed_comes_back_when_it_is_sent_all_the_same(desk: Desk) -> None:
    desk.gauge(61_000)
    desk.room.dismiss()
    assert desk.offer is None
    desk.room.recall()
    assert desk.offer is not None


def test_no_time_is_told_for_what_cannot_be_read(stage: Stage) -> None:
    desk = Desk(stage, 300 * 1024**2)
    timings = Timings(1.0, 100.0, 10.0, (0.001, 0.0))
    desk.fit.on_event(Finished(9, "stop", Usage(), timings))
    desk.gauge(1_000_000)
    assert desk.offer is not None
    assert "Reading" not in desk.offer.text


def test_the_longest_context_of_the_model_is_named_as_that(desk: Desk) -> None:
    desk.room.on_gauge(GaugeValue(2**21, 2**20, True, 0, False))
    assert desk.offer is not None
    assert desk.offer.text.endswith("It is the longest that this model can have.")
    assert desk.choices == []


def test_an_answer_without_room_can_go_on_in_a_longer_context(desk: Desk) -> None:
    stage = desk.stage
    stage.messages.send("Tell me all")
    stage.say("It was")
    answer = stage.conversation.leaf
    desk.gauge(4000, answering=True)
    assert desk.offer is not None
    assert desk.offer.text.startswith("This answer has room for 96 more tokens")
    assert desk.offer.choices[0].label == "Use a context of 8,192 and go on"
    desk.room.choose("raise")
    assert desk.contexts == [8192]
    stage.finish("cancelled")
    assert desk.asked == [f"go on {answer}"]


def test_an_answer_that_ended_full_can_go_on(desk: Desk) -> None:
    stage = desk.stage
    stage.messages.send("Tell me all")
    stage.say("It was")
    desk.gauge(4000, answering=True)
    stage.finish("context_full")
    desk.gauge(3000)
    assert desk.offer is not None
    assert desk.offer.text.startswith("The answer ended because the context was full.")
    desk.room.choose("raise")
    assert desk.contexts == [8192]
    assert desk.asked == [f"go on {stage.conversation.leaf}"]


def test_an_answer_that_ends_by_itself_meanwhile_is_not_continued(desk: Desk) -> None:
    desk.stage.messages.send("Tell me all")
    desk.stage.say("It was")
    desk.gauge(4000, answering=True)
    desk.room.choose("raise")
    desk.stage.finish("stop")
    assert desk.asked == []


def test_a_new_chat_takes_the_documents_and_the_question_along(desk: Desk) -> None:
    stage = desk.stage
    stage.talk()
    old = stage.conversation.id
    stage.chat.set_draft("And this?")
    desk.pile.parts = (AttachmentPart("letter.txt", "Dear"),)
    desk.gauge(4000, documents=3900)
    assert "new" not in desk.choices  # they alone take as much
    desk.gauge(4000, documents=900)
    assert desk.offer is not None
    assert desk.offer.choices[-1].label == "New chat"
    desk.room.on_attached([LETTER])
    assert desk.offer.choices[-1].label == "New chat with these documents"
    desk.room.choose("new")
    assert desk.asked == ["draft"]
    assert stage.conversation.id != old
    assert [part.name for part in desk.pile.parts] == ["letter.txt"]
    assert stage.last("chat.text_returned") == "And this?"
    assert stage.saved(old).draft == ""


def test_what_was_said_in_a_temporary_chat_goes_on_in_a_temporary_one(desk: Desk) -> None:
    stage = desk.stage
    stage.chat.new_temporary()
    stage.talk()
    old = stage.conversation
    desk.pile.parts = (AttachmentPart("secret.txt", "Dear"),)
    desk.gauge(4000, documents=900)
    desk.room.choose("new")
    assert stage.conversation is not old
    assert stage.conversation.temporary
    assert [part.name for part in desk.pile.parts] == ["secret.txt"]


def test_a_new_chat_can_leave_the_earlier_documents_behind(desk: Desk) -> None:
    stage = desk.stage
    stage.messages.send("What is in it?")
    question = stage.conversation.branch()[0]
    book = AttachmentPart("book.txt", "Once")
    stage.conversation.update(replace(question, parts=(book, *question.parts)))
    stage.say("Much.")
    stage.finish()
    desk.pile.parts = (AttachmentPart("letter.txt", "Dear"),)
    desk.room.on_attached([LETTER])
    desk.gauge(4500, documents=4100)
    assert "new_only" in desk.choices
    desk.room.choose("new_only")
    assert [part.name for part in desk.pile.parts] == ["letter.txt"]


def test_a_new_chat_is_no_help_to_a_long_question(desk: Desk) -> None:
    desk.stage.talk()
    desk.stage.chat.set_draft("word " * 4000)
    desk.gauge(6000)
    assert "new" not in desk.choices


def test_a_notice_that_was_closed_comes_back_only_for_something_else(desk: Desk) -> None:
    desk.gauge(4000)
    assert desk.offer is not None
    desk.room.dismiss()
    assert desk.offer is None
    desk.gauge(4010)
    assert desk.offer is None
    desk.gauge(5000)
    assert desk.offer is not None
    desk.room.dismiss()
    desk.gauge(900, exact=False)
    desk.gauge(5000)
    assert desk.offer is None  # it never was known that there is room
    desk.gauge(900)
    desk.gauge(5000)
    assert desk.offer is not None
