"""What the engine says is what a plain llama.cpp loop says, fresh and with a reused context."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.engine.protocol import Finished
from app.engine.values import ChatMessage
from tests import miniatures
from tests.engine.here import COUNT, N_CTX, PROSE, SHAPES, Engine, finished, text
from tests.engine.plain_llama import plain_model, render
from tests.engine.support import GREEDY


@pytest.mark.parametrize("batch", [512, 32])
@pytest.mark.parametrize("name", SHAPES)
def test_greedy_output_is_that_of_a_plain_decode_loop(name: str, batch: int) -> None:
    path = miniatures.build(SHAPES[name])
    prompt = PROSE + "user turn"
    with plain_model(path) as model:
        ids = model.tokenize(prompt, add=True)
        expected = model.greedy(ids, COUNT, n_ctx=N_CTX, n_batch=batch)
    engine = Engine(path, n_batch=batch)
    try:
        events = engine.run(prompt=prompt, sampling=GREEDY, max_tokens=COUNT)
        assert engine.host.cache.tokens[: len(ids)] == ids
        assert engine.tokens(len(ids)) == expected[:-1]
    finally:
        engine.close()
    assert finished(events).usage.generated_tokens == len(expected)
    # Random weights must not make the comparison an empty one.
    assert len(expected) == COUNT or name == "sliding"
    assert len(set(expected)) > 5


@pytest.mark.parametrize("mode", ["instruct", "thinking"])
@pytest.mark.parametrize("name", SHAPES)
def test_a_chat_is_the_rendered_template_continued(
    name: str, mode: str, engines: Callable[[str], Engine]
) -> None:
    shape = SHAPES[name]
    if mode == "thinking" and name == "sliding":
        pytest.skip("the template of this miniature has no thinking mode")
    messages = [
        {"role": "user", "content": "the table is\n\nat the end"},
        {"role": "assistant", "content": "and Paris"},
        {"role": "user", "content": PROSE},
    ]
    whole = render(
        str(shape.template),
        messages=messages,
        add_generation_prompt=True,
        enable_thinking=mode == "thinking",
        bos_token="<bos>",
    )
    engine = engines(name)
    with plain_model(miniatures.build(shape)) as model:
        ids = model.tokenize(whole)
        expected = model.greedy(ids, COUNT, n_ctx=N_CTX)
        pieces = b"".join(model.piece(token) for token in expected)
    chat = tuple(ChatMessage(m["role"], m["content"]) for m in messages)
    events = engine.run(messages=chat, mode=mode, sampling=GREEDY, max_tokens=COUNT)
    assert engine.host.cache.tokens == ids + expected[:-1]
    said = text(events, "reasoning") + text(events)
    assert said
    assert said.split()[:5] == pieces.decode("utf-8", "replace").split()[:5]


@pytest.mark.parametrize("name", SHAPES)
def test_an_appended_turn_is_read_alone_and_changes_nothing(
    name: str, engines: Callable[[str], Engine]
) -> None:
    """Second turn: only its new tokens are read, and greedy output is that of one plain sequence."""
    engine = engines(name)
    path = miniatures.build(SHAPES[name])
    first = engine.run(prompt=PROSE, sampling=GREEDY, max_tokens=20, grammar="root ::= [a-z ] root")
    held = list(engine.host.cache.tokens)
    assert len(held) == finished(first).usage.prompt_tokens + 19
    more = engine.host.vocab.tokenize(" the user is")
    tail = held + more
    assert engine.host.cache.prepare(tail) == len(held)
    with plain_model(path) as model:
        # The same batch partition: prompt, then single tokens, then the new turn.
        read = finished(first).usage.prompt_tokens
        steps = [tail[:read], *([token] for token in held[read:]), more]
        expected = model.greedy_in_steps(steps, 50, n_ctx=N_CTX)
    got = _continue(engine, tail, 50)
    assert got.usage.read_tokens == len(more)
    assert got.usage.reused_tokens == len(held)
    assert engine.host.cache.tokens[len(tail) :] == expected[: got.usage.generated_tokens - 1]


def _continue(engine: Engine, tokens: list[int], count: int) -> Finished:
    """Answer a prompt that is given as token ids."""
    original = engine.host.vocab.tokenize
    engine.host.vocab.tokenize = lambda *_text, **_options: tokens  # type: ignore[method-assign]
    try:
        return finished(engine.run(prompt="as given", sampling=GREEDY, max_tokens=count))
    finally:
        engine.host.vocab.tokenize = original  # type: ignore[method-assign]


def test_a_conversation_reuses_its_first_turn(starter: Path) -> None:
    """Through messages: the answer comes back as text, and still little is read twice."""
    engine = Engine(starter)
    try:
        one = (ChatMessage("system", "Answer."), ChatMessage("user", "What is the capital of France?"))
        events = engine.run(messages=one, sampling=GREEDY, max_tokens=60)
        two = (*one, ChatMessage("assistant", text(events)), ChatMessage("user", "And of Spain?"))
        second = finished(engine.run(messages=two, sampling=GREEDY, max_tokens=5))
    finally:
        engine.close()
    first = finished(events)
    assert (first.reason, "Paris" in text(events)) == ("stop", True)
    assert second.usage.reused_tokens == first.usage.prompt_tokens + first.usage.generated_tokens - 1
    assert second.usage.read_tokens < 20
