"""The window's side of the store: order, notices, and what is said of the data."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.chat.conversation import Conversation
from app.chat.parts import TextPart
from app.errors import StoreError
from app.store.opening import OpenReport
from app.store.store import Store
from tests.ui.control.conftest import Stage
from ui.control.store import StoreClient, StoreJournal
from ui.workers.store import StoreReply


def refuse(_store: Store) -> None:
    raise StoreError("It cannot be done.", "Try another way.")


def test_jobs_are_carried_out_in_order_and_replied_to(stage: Stage) -> None:
    done: list[Any] = []
    stage.relay.holding = True
    stage.store.write(lambda store: store.set_state("a", 1), lambda _: done.append("written"))
    stage.store.read(lambda store: store.state("a"), done.append)
    assert done == []
    stage.relay.let_go()
    assert done == ["written", 1]


def test_an_error_is_a_notice_and_nobody_is_called(stage: Stage) -> None:
    done: list[Any] = []
    stage.store.read(refuse, done.append)
    notice = stage.last("store.notice")
    assert (notice.key, notice.level) == ("store", "error")
    assert notice.text == "It cannot be done. Try another way."
    stage.store.on_reply(StoreReply(12345, "of nobody"))
    stage.store.read(lambda _store: 1, done.append)
    assert done == [1]


def test_trouble_is_told_and_goes_by(stage: Stage) -> None:
    stage.relay.full = True
    stage.store.write(lambda store: store.set_state("a", 1))
    stage.store.write(lambda store: store.set_state("a", 2))
    assert stage.store.in_trouble
    assert stage.said["store.full_changed"] == [(True,)]
    assert [values[0].key for values in stage.said["store.notice"]] == ["store_full"]
    assert stage.from_store(lambda store: store.state("a")) is None
    stage.relay.full = False
    stage.worker.retry()
    assert not stage.store.in_trouble
    assert stage.said["store.full_changed"] == [(True,), (False,)]
    assert ("store_full",) in stage.said["store.notice_gone"]
    assert stage.from_store(lambda store: store.state("a")) == 2


def test_a_search_gives_up_for_a_later_one(qapp: object) -> None:
    interrupted: list[int] = []
    client = StoreClient(lambda: interrupted.append(1))
    jobs: list[tuple[int, Callable[[Any], Any], bool]] = []
    client.wanted.connect(lambda *job: jobs.append(job))
    found: list[Any] = []
    client.search("one", lambda hits: found.append(("one", hits)))
    client.search("two", lambda hits: found.append(("two", hits)))
    assert interrupted == [1, 1]

    asked: list[str] = []

    class Searched:
        def search(self, text: str) -> list[str]:
            asked.append(text)
            return [text]

    for ticket, job, writes in jobs:
        assert not writes
        client.on_reply(StoreReply(ticket, job(Searched())))
    assert asked == ["two"]
    assert found == [("two", ["two"])]


def opened(report: OpenReport | StoreError) -> tuple[StoreClient, list[Any]]:
    client = StoreClient(lambda: None)
    said: list[Any] = []
    client.notice.connect(said.append)
    client.opened.connect(said.append)
    client.on_opened(report)
    return client, said


def test_a_sound_store_needs_no_words(qapp: object) -> None:
    report = OpenReport()
    assert opened(report)[1] == [report]


@pytest.mark.parametrize(
    ("report", "text", "level"),
    [
        (
            OpenReport(recovered=True, set_aside=Path("aside"), lost="One title is lost.", messages=1234),
            "Your conversations were damaged. 1,234 messages were recovered. One title is lost. "
            "The damaged file is kept in aside.",
            "error",
        ),
        (
            OpenReport(recovered=True, messages=5),
            "Your conversations were damaged. 5 messages were recovered.",
            "error",
        ),
        (
            OpenReport(read_only=True),
            "Your data can be read but not written here: nothing new is saved.",
            "warning",
        ),
        (
            OpenReport(shared=True),
            "Cascade Desk is open in another window, too. Both save to the same place.",
            "warning",
        ),
        (
            StoreError("A newer version wrote it.", "Install that."),
            "A newer version wrote it. Install that. What you write now is not saved.",
            "error",
        ),
    ],
)
def test_what_is_to_be_known_of_the_data_is_said(qapp: object, report: Any, text: str, level: str) -> None:
    notice, outcome = opened(report)[1]
    assert (notice.text, notice.level, notice.key) == (text, level, "store_opened")
    assert outcome is report


def test_where_nothing_can_be_written_questions_are_still_answered(loaded: Stage) -> None:
    loaded.talk("One?", "Two")
    key = loaded.conversation.id
    loaded.store.on_opened(OpenReport(read_only=True))
    loaded.messages.send("And now?")
    assert loaded.asked == ["One?", "Two", "And now?"]
    assert loaded.last("presenter.status_changed")[1] == "Reading"
    loaded.say("Yes")
    loaded.run_save_timer()
    loaded.finish()
    loaded.library.duplicate(key)
    assert loaded.view.texts == ["One?", "Two", "And now?", "Yes"]
    assert loaded.saved_texts(key) == ["One?", "Two"]


def test_the_journal_writes_to_the_store_and_tells_the_list(stage: Stage) -> None:
    told = itertools.count()
    journal = StoreJournal(stage.store, lambda: next(told))  # type: ignore[arg-type, return-value]
    conversation = Conversation(title="One")
    stage.store.write(lambda store: store.create(conversation))
    question = conversation.append("user", TextPart("Why?"))
    journal.add_message(conversation, question, None)
    answer = conversation.append("assistant")
    journal.add_message(conversation, answer, question.id)
    journal.append(answer.id, "answer", "Be")
    journal.append(answer.id, "answer", "cause")
    assert stage.saved_texts(conversation.id) == ["Why?", "Because"]
    assert next(told) == 2
    journal.finish(answer)
    journal.set_deleted(question.id, True)
    conversation.title, conversation.titled = "Two", True
    journal.rename(conversation)
    saved = stage.saved(conversation.id).conversation
    assert (saved.title, saved.titled) == ("Two", True)
    assert [message.text for message in saved.branch()] == [""]


@pytest.mark.parametrize(
    ("report", "lasting"),
    [(OpenReport(), True), (OpenReport(read_only=True), False), (StoreError("It cannot be opened."), False)],
)
def test_only_what_can_be_written_lasts(qapp: object, report: Any, lasting: bool) -> None:
    client = StoreClient(lambda: None)
    assert not client.lasting
    client.on_opened(report)
    assert client.lasting is lasting
    assert StoreJournal(client, lambda: None).lasting is lasting


def test_the_engine_is_told_which_conversation_it_reads(loaded: Stage) -> None:
    loaded.talk()
    assert loaded.request.conversation == loaded.conversation.id != ""
    loaded.chat.new_temporary()
    loaded.messages.send("And now?")
    assert loaded.request.conversation == ""
    loaded.finish()
    loaded.store.on_opened(OpenReport(read_only=True))
    loaded.chat.new()
    loaded.messages.send("Why?")
    assert loaded.request.conversation == ""
