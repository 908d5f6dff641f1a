"""Whole conversations through template, tokenizer and cache: only what is new is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.engine.checkpoints import common_prefix
from app.engine.values import ChatMessage, Mode, Usage
from tests.engine.here import PROSE, Engine, finished, text
from tests.engine.support import GREEDY

SLACK = 8
DOCUMENT = "The river runs past the old mill and turns a wheel that nobody looks at. " * 10
KINDS = ["hybrid", "plain", "sliding"]


class Talk:
    """A conversation with one engine; every answer is kept as the window keeps it."""

    def __init__(self, engine: Engine, mode: Mode) -> None:
        self.engine, self.mode = engine, mode
        self.messages: list[ChatMessage] = []

    def ask(self, user: ChatMessage, n: int = 12) -> Usage:
        """Ask behind what was said; no more may be read than what differs, and a little."""
        messages = (*self.messages, user)
        built = self.engine.host.prompts.build(messages, self.mode)
        new = len(built.tokens) - common_prefix(self.engine.host.cache.tokens, built.tokens)
        events = self.engine.run(messages=messages, mode=self.mode, sampling=GREEDY, max_tokens=n)
        usage = finished(events).usage
        assert usage.prompt_tokens == len(built.tokens)
        assert usage.read_tokens <= max(new, 1) + SLACK, (usage, new)
        answer = ChatMessage("assistant", text(events), text(events, "reasoning"))
        self.messages = [*messages, answer]
        return usage


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, engines: Callable[[str], Engine]) -> Engine:
    return engines(request.param)


@pytest.fixture(params=["instruct", "thinking"])
def talk(request: pytest.FixtureRequest, engine: Engine) -> Talk:
    if request.param not in engine.host.prompts.traits.modes:
        pytest.skip("the template of this miniature has no thinking mode")
    talk = Talk(engine, request.param)
    talk.ask(ChatMessage("user", PROSE[:400]))
    return talk


def test_the_next_turn_reads_what_is_new(talk: Talk) -> None:
    for number in range(3):
        usage = talk.ask(ChatMessage("user", f"And the table number {number}?"))
        assert usage.reused_tokens > usage.read_tokens


def test_another_answer_and_another_question_at_the_end(talk: Talk) -> None:
    talk.ask(ChatMessage("user", "And the table?"))
    talk.messages = talk.messages[:-2]
    usage = talk.ask(ChatMessage("user", "And the table?"))
    assert usage.read_tokens <= SLACK
    talk.messages = talk.messages[:-2]
    usage = talk.ask(ChatMessage("user", "And what of the chair, then?"))
    assert usage.reused_tokens > usage.read_tokens


def test_a_question_behind_a_document_in_the_same_message(talk: Talk) -> None:
    documents = (("[Document: mill.txt]\n", DOCUMENT, "[End of mill.txt]\n\n"),)
    first = talk.ask(ChatMessage("user", "What turns?", documents=documents))
    assert first.read_tokens > 150
    talk.messages = talk.messages[:-2]
    usage = talk.ask(ChatMessage("user", "Who looks at it?", documents=documents))
    assert usage.read_tokens < 60


def test_the_other_mode(talk: Talk) -> None:
    if len(talk.engine.host.prompts.traits.modes) < 2:
        pytest.skip("this miniature's template has one mode")
    talk.ask(ChatMessage("user", "And the table?"))
    talk.mode = "instruct" if talk.mode == "thinking" else "thinking"
    usage = talk.ask(ChatMessage("user", "Once more?"))
    assert usage.reused_tokens > 50


def test_back_from_another_conversation(talk: Talk) -> None:
    talk.ask(ChatMessage("user", PROSE))
    kept = list(talk.messages)
    other = Talk(talk.engine, talk.mode)
    other.messages = [ChatMessage("user", "zebra " * 80), ChatMessage("assistant", "stripes")]
    events = talk.engine.run(
        messages=(*other.messages, ChatMessage("user", "and?")), mode=talk.mode, sampling=GREEDY, max_tokens=4
    )
    assert finished(events).usage.reused_tokens < 40
    talk.messages = kept
    messages = (*kept, ChatMessage("user", "Where were we?"))
    usage = finished(talk.engine.run(messages=messages, mode=talk.mode, sampling=GREEDY, max_tokens=4)).usage
    assert usage.reused_tokens > usage.prompt_tokens / 2


def test_what_is_reused_answers_like_what_is_read_anew(talk: Talk, engines: Callable[[str], Engine]) -> None:
    talk.ask(ChatMessage("user", "And the table?"))
    user = ChatMessage("user", "And the end of it?")
    messages = (*talk.messages, user)
    warm = talk.engine.run(messages=messages, mode=talk.mode, sampling=GREEDY, max_tokens=24)
    assert finished(warm).usage.reused_tokens > 0
    talk.engine.host.cache.clear()
    fresh = talk.engine.run(messages=messages, mode=talk.mode, sampling=GREEDY, max_tokens=24)
    assert finished(fresh).usage.reused_tokens == 0
    said = [(text(events), text(events, "reasoning")) for events in (warm, fresh)]
    # A sliding window that was restored is not bitwise the same; its first words are.
    length = 4 if talk.engine.host.cache.memory.kind == "sliding_window" else 10_000
    assert [part[:length] for part in said[0]] == [part[:length] for part in said[1]]


def test_a_cancelled_prompt_ends_as_cancelled(engine: Engine) -> None:
    engine.host.cancel.set()
    try:
        events = engine.run(messages=(ChatMessage("user", "Hello"),), sampling=GREEDY, max_tokens=4)
    finally:
        engine.host.cancel.clear()
    assert finished(events).reason == "cancelled"
    assert replace(finished(events).usage, prompt_tokens=0) == Usage()
