"""What a turn asks for, and what its events make of the reply."""

from __future__ import annotations

from typing import Any

import pytest

from app.chat import turn as module
from app.chat.conversation import Conversation
from app.chat.parts import AttachmentPart, ReasoningPart, TextPart
from app.chat.turn import Turn, TurnSettings, request_for
from app.engine.protocol import (
    Delta,
    Failed,
    Finished,
    ReadProgress,
    Reclassified,
)
from app.engine.session_events import EngineStopped, Retrying
from app.engine.values import ChatMessage, Mode, Sampling, Timings, Usage

USAGE, TIMINGS = Usage(5, 5, 0, 7, 3), Timings(0.1, 2.0, 3.0)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "monotonic", made)
    return made


def turn_of(*events: Any, mode: Mode = "instruct") -> Turn:
    turn = Turn(1, mode)
    for event in events:
        turn.feed(event)
    return turn


def thought(text: str, tokens: int = 1) -> Delta:
    return Delta(1, "reasoning", text, tokens)


def answer(text: str, tokens: int = 1) -> Delta:
    return Delta(1, "answer", text, tokens)


def test_the_request_for_a_branch() -> None:
    conversation = Conversation()
    conversation.append("user", AttachmentPart("a.txt", "text"), TextPart("Why?"))
    conversation.append("assistant", ReasoningPart("hm"), TextPart("Because."))
    settings = TurnSettings("thinking", 9, Sampling(seed=1), 50, ("stop",), "Be brief.")
    request = request_for(conversation.branch(), settings)
    assert request.messages == (
        ChatMessage("system", "Be brief."),
        ChatMessage("user", "Why?", documents=(("[Document: a.txt]\n", "text", "\n[End of a.txt]\n\n"),)),
        ChatMessage("assistant", "Because.", "hm"),
    )
    assert (request.mode, request.thinking_budget, request.max_tokens) == ("thinking", 9, 50)
    assert (request.sampling, request.stop) == (Sampling(seed=1), ("stop",))
    assert request_for(conversation.branch()[:1], TurnSettings()).messages[0].role == "user"


def joined(message: ChatMessage) -> tuple[str, ...]:
    return tuple("".join(document) for document in message.documents)


def test_documents_stand_before_the_question_each_with_its_end() -> None:
    conversation = Conversation()
    conversation.append("user", TextPart("Q"), AttachmentPart("a", "x\n"), AttachmentPart("b", ""))
    (message,) = request_for(conversation.branch(), TurnSettings()).messages
    assert joined(message) == ("[Document: a]\nx\n[End of a]\n\n", "[Document: b]\n\n[End of b]\n\n")
    assert message.content == "Q"


def test_documents_without_a_question_are_asked_about_all_the_same() -> None:
    conversation = Conversation()
    conversation.append("user", AttachmentPart("a", "x"))
    (message,) = request_for(conversation.branch(), TurnSettings()).messages
    assert (message.content, joined(message)) == ("", ("[Document: a]\nx\n[End of a]\n\n",))


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        (("Q",), ("R",), ("Q\n\nR",)),
        (("a", "Q"), ("R",), ("a", "Q\n\nR")),
        (("Q",), ("b", "R"), ("Q\n\nb", "R")),
        (("a", "Q"), ("b", "c", "R"), ("a", "Q\n\nb", "c", "R")),
        (("a", ""), ("b", ""), ("a", "\n\nb", "")),
        (("",), ("b", "R"), ("b", "R")),
        (("Q",), ("",), ("Q",)),
    ],
)
def test_two_messages_of_one_role_are_one(first: Any, second: Any, whole: Any) -> None:
    """Each as its documents and its text."""
    messages = [
        ChatMessage("user", text, documents=tuple((one,) for one in documents))
        for *documents, text in (first, second)
    ]
    *documents, text = whole
    merged = module._merged(*messages)
    assert (merged.content, joined(merged)) == (text, tuple(documents))


def test_a_whole_answer() -> None:
    turn = turn_of(
        ReadProgress(1, 5, 5, 0), answer("Pa"), answer("ris", 2), Finished(1, "stop", USAGE, TIMINGS)
    )
    assert turn.parts() == (TextPart("Paris"),)
    assert (turn.done, turn.mark(), turn.error, turn.answer_tokens) == (True, "", None, 2)
    assert (turn.usage, turn.timings) == (USAGE, TIMINGS)


def test_a_thought_and_its_time(clock: Clock) -> None:
    turn = turn_of(ReadProgress(1, 2, 5, 0), mode="thinking")
    clock.now = 110.0
    turn.feed(ReadProgress(1, 5, 5, 0))
    assert turn.thinking
    clock.now = 112.0
    turn.feed(thought("hm", 4))
    assert turn.thought_seconds == 2.0
    clock.now = 115.0
    turn.feed(answer("So"))
    clock.now = 190.0
    turn.feed(Finished(1, "stop", USAGE, TIMINGS))
    assert not turn.thinking
    assert turn.parts() == (ReasoningPart("hm", 5.0, 4), TextPart("So"))


def test_a_second_thought_adds_its_time(clock: Clock) -> None:
    turn = turn_of(thought("a"))
    clock.now = 101.0
    turn.feed(answer("b"))
    clock.now = 150.0
    turn.feed(thought("c", 2))
    clock.now = 152.0
    turn.feed(Finished(1, "stop", USAGE, TIMINGS))
    assert turn.parts() == (ReasoningPart("ac", 3.0, 2), TextPart("b"))


def test_an_answer_that_was_a_thought() -> None:
    turn = turn_of(answer("a", 1), answer("b", 2), Reclassified(1), answer("c", 1))
    assert turn.parts() == (ReasoningPart("ab", turn.thought_seconds, 2), TextPart("c"))
    assert (turn.reasoning_tokens, turn.answer_tokens) == (2, 1)


def test_the_time_of_an_answer_that_was_a_thought(clock: Clock) -> None:
    turn = turn_of(answer("a"))
    clock.now = 104.0
    turn.feed(Reclassified(1))
    clock.now = 120.0
    turn.feed(answer("b"))
    assert turn.thought_seconds == 4.0


@pytest.mark.parametrize(
    ("event", "mark"),
    [
        (Finished(1, "stop", USAGE, TIMINGS), ""),
        (Finished(1, "length", USAGE, TIMINGS), "length"),
        (Finished(1, "context_full", USAGE, TIMINGS), "context_full"),
        (Finished(1, "cancelled", USAGE, TIMINGS), "cancelled"),
        (Failed(1, "cancelled", "Stopped."), "cancelled"),
        (Failed(1, "bug", "Oh."), "error"),
        (EngineStopped(1, "It stopped.", (), True), "engine_stopped"),
    ],
)
def test_what_was_shown_is_kept_and_marked(event: Any, mark: str) -> None:
    turn = turn_of(thought("t"), answer("half an"), event)
    assert [type(part) for part in turn.parts()] == [ReasoningPart, TextPart]
    assert (turn.mark(), turn.done, turn.thinking) == (mark, True, False)
    assert turn.error == (None if isinstance(event, Finished) else event)


def test_events_of_others() -> None:
    turn = Turn(3)
    assert turn.belongs(Delta(3, "answer", "x", 1))
    assert turn.belongs(EngineStopped(3, "", (), False))
    assert not turn.belongs(Delta(4, "answer", "x", 1))
    assert not turn.belongs(Retrying(""))


def test_nothing_came() -> None:
    assert turn_of().parts() == ()
    assert not turn_of().done
    assert turn_of().mark() == ""


def test_the_text_of_a_document_is_not_copied() -> None:
    text = "word " * 10
    conversation = Conversation()
    conversation.append("user", AttachmentPart("a", text), TextPart("Why?"))
    (message,) = request_for(conversation.branch(), TurnSettings()).messages
    assert message.documents[0][1] is text
