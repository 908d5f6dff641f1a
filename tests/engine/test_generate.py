"""The engine loop on real architectures: limits, stops, budgets, and what it says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.engine.generate import generate
from app.engine.host import Host
from app.engine.native import CancelFlag
from app.engine.protocol import (
    Delta,
    Event,
    Failed,
    Generate,
    ReadProgress,
    Reclassified,
)
from app.engine.split import Tags
from app.engine.values import ChatMessage, Sampling
from app.engine.vocab import Vocabulary
from app.errors import PromptTooLongError, RequestError, UserError
from tests import miniatures
from tests.engine.here import N_CTX, PROSE, SHAPES, Engine, finished, text
from tests.engine.plain_llama import log
from tests.engine.support import GREEDY, ask


def test_a_seed_repeats_and_another_one_does_not(plain_engine: Engine) -> None:
    def say(seed: int) -> str:
        plain_engine.host.cache.clear()
        sampling = Sampling(temperature=1.0, seed=seed)
        return text(plain_engine.run(prompt="Hello", sampling=sampling, max_tokens=60))

    assert say(7) == say(7)
    assert say(7) != say(8)
    # 0xFFFFFFFF is llama.cpp's word for any seed at all.
    assert say(-1) == say(-1)
    assert say(2**32 - 1) == say(2**32 - 1)


def test_without_a_seed_two_answers_differ(plain_engine: Engine) -> None:
    sampling = Sampling(temperature=1.5, top_p=1.0)
    first = text(plain_engine.run(prompt="Hello", sampling=sampling, max_tokens=60))
    plain_engine.host.cache.clear()
    assert first != text(plain_engine.run(prompt="Hello", sampling=sampling, max_tokens=60))


def test_a_stop_string_is_found_across_tokens(plain_engine: Engine) -> None:
    whole = text(plain_engine.run(prompt="Hello", sampling=GREEDY, max_tokens=80))
    for start in (10, 31, 52):
        stop = whole[start : start + 9]
        plain_engine.host.cache.clear()
        events = plain_engine.run(prompt="Hello", sampling=GREEDY, max_tokens=80, stop=("never", stop))
        assert text(events) == whole[: whole.index(stop)]
        assert finished(events).reason == "stop"


def test_a_stop_string_in_a_chat_shows_nothing_behind_it(hybrid_engine: Engine) -> None:
    """The splitter holds text back (`<`, white space) that comes behind the stop string."""
    whole = text(hybrid_engine.run(**ask("Hello", max_tokens=120)))
    for start in range(5, len(whole) - 8, 11):
        stop = whole[start : start + 4]
        hybrid_engine.host.cache.clear()
        events = hybrid_engine.run(**ask("Hello", max_tokens=120, stop=(stop,)))
        assert text(events) == whole[: whole.index(stop)]


def test_nothing_is_shown_behind_a_stop_string_that_ends_a_held_back_text(
    plain_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _spoken(plain_engine, monkeypatch, ["ab", "cSTOP <", "/thi", "nk"], stop=("STOP",)) == "abc"
    assert _spoken(plain_engine, monkeypatch, ["abSTO", "P\u00e9", "x"], stop=("STOP",)) == "ab"


def test_text_held_for_a_stop_string_follows_its_channel(
    plain_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ST` may still become a stop string when the closer shows that all of it was a thought."""
    events = _events(plain_engine, monkeypatch, ["a thought ST", "</think>", "answer"], stop=("STOP",))
    at = next(index for index, event in enumerate(events) if isinstance(event, Reclassified))
    assert text(events[:at]) == "a thought ST"
    assert text(events[at:]) == "answer"


def _spoken(engine: Engine, monkeypatch: pytest.MonkeyPatch, words: list[str], **more: Any) -> str:
    return text(_events(engine, monkeypatch, words, **more))


def _events(engine: Engine, monkeypatch: pytest.MonkeyPatch, words: list[str], **more: Any) -> list[Event]:
    """What the engine makes of a model that says `words`, each by one token, in a chat."""
    real = Vocabulary.piece
    closer = engine.host.vocab.specials["</think>"]
    script = iter(words)
    upcoming: dict[str, str] = {}

    def sample(*_arguments: object, **_options: object) -> int:
        upcoming["text"] = next(script, "")
        return closer if upcoming["text"] == "</think>" else 1000

    def piece(vocab: Vocabulary, token: int) -> bytes:
        return upcoming["text"].encode() if token == 1000 else real(vocab, token)

    engine.host.cache.clear()
    with monkeypatch.context() as patch:
        patch.setattr("app.engine.sampling.SamplerChain.sample", sample)
        patch.setattr(Vocabulary, "piece", piece)
        messages = (ChatMessage("user", "x"),)
        # An assistant prefix without any thought: the state in which a closer reclassifies.
        patch.setattr("app.engine.prompt.PromptBuilder._thought", lambda *_: "none")
        # Tags by their text: only then is a `<` held back.
        patch.setattr("app.engine.generate._Generation._tags", lambda _self: Tags())
        return engine.run(messages=messages, max_tokens=len(words), **more)


def test_utf8_split_over_tokens_is_put_together(plain_engine: Engine) -> None:
    """A prompt of bytes the vocabulary has no words for, spoken back by greedy repetition of its pieces."""
    vocab = plain_engine.host.vocab
    rare = "\U0001f9ff\u16a0\U00013000"
    tokens = vocab.tokenize(rare)
    assert len(tokens) > len(rare), "the characters are not split over tokens"
    grammar = f'root ::= "{rare}"'
    events = plain_engine.run(prompt="Hello", sampling=GREEDY, grammar=grammar, max_tokens=40)
    assert text(events) == rare
    assert "\ufffd" not in text(events)


def test_an_unfinished_character_at_the_limit_becomes_a_replacement(plain_engine: Engine) -> None:
    events = plain_engine.run(prompt="Hello", sampling=GREEDY, grammar='root ::= "\U0001f9ff"', max_tokens=1)
    assert text(events) == "\ufffd"


def test_the_end_of_generation_ends_the_answer(plain_engine: Engine) -> None:
    events = plain_engine.run(prompt="Hello", sampling=GREEDY, grammar='root ::= "yes"')
    assert text(events) == "yes"
    assert finished(events).reason == "stop"


@pytest.mark.parametrize("limit", [1, 2, 17])
def test_max_tokens(limit: int, plain_engine: Engine) -> None:
    events = plain_engine.run(prompt="Hello", sampling=GREEDY, max_tokens=limit)
    assert finished(events).reason == "length"
    assert finished(events).usage.generated_tokens == limit


@pytest.mark.parametrize("name", SHAPES)
def test_a_full_context_ends_the_answer_and_keeps_it(name: str) -> None:
    engine = Engine(miniatures.build(SHAPES[name]), n_ctx=256)
    # The grammar keeps the model from ending by itself.
    grammar = "root ::= [a-z ] root"
    try:
        assert engine.host.n_ctx == 256
        events = engine.run(prompt="Hello", sampling=GREEDY, grammar=grammar)
        end = finished(events)
        assert end.reason == "context_full"
        assert end.usage.prompt_tokens + end.usage.generated_tokens == 256 + 1
        pieces = b"".join(engine.host.vocab.piece(t) for t in engine.tokens(end.usage.prompt_tokens))
        assert text(events).startswith(pieces.decode())
        assert len(text(events)) > len(pieces)
        # And the engine goes on.
        assert finished(engine.run(prompt="Hi", sampling=GREEDY, max_tokens=5)).reason == "length"
    finally:
        engine.close()


@pytest.mark.parametrize("extra", [0, 1, 2, 300])
def test_a_prompt_that_is_too_long_says_by_how_many_tokens(extra: int, plain_engine: Engine) -> None:
    room = plain_engine.host.n_ctx - 1
    word = plain_engine.host.vocab.tokenize("hello hello hello")
    assert len(word) == 3
    prompt = "hello" + " hello" * (room - 1 + extra)
    if extra == 0:
        end = finished(plain_engine.run(prompt=prompt, sampling=GREEDY, grammar="root ::= [a-z ] root"))
        assert (end.usage.prompt_tokens, end.reason) == (room, "context_full")
        return
    with pytest.raises(PromptTooLongError) as caught:
        plain_engine.run(prompt=prompt, sampling=GREEDY)
    count = room + extra
    assert caught.value.message == (
        f"The prompt has {count:,} tokens, {extra:,} more than the context of {N_CTX:,} holds."
    )
    assert caught.value.hint == "Make the context larger, or send less."


@pytest.mark.parametrize("budget", [0, 1, 40])
def test_a_used_up_thinking_budget_closes_the_thought(budget: int, hybrid_engine: Engine) -> None:
    events = hybrid_engine.run(**ask("Hello", mode="thinking", thinking_budget=budget, max_tokens=120))
    end = finished(events)
    closer = hybrid_engine.host.vocab.specials["</think>"]
    generated = hybrid_engine.tokens(end.usage.prompt_tokens)
    assert generated[budget] == closer
    assert closer not in generated[:budget]
    assert end.usage.reasoning_tokens == budget
    assert end.usage.generated_tokens == 120
    assert text(events), "the answer did not go on"
    assert bool(text(events, "reasoning")) is (budget > 0)
    assert "think>" not in text(events) + text(events, "reasoning")


def test_without_a_budget_the_thought_goes_on(hybrid_engine: Engine) -> None:
    events = hybrid_engine.run(**ask("Hello", mode="thinking", max_tokens=60))
    assert finished(events).usage.reasoning_tokens == 60
    assert not text(events)


def test_a_closer_of_several_tokens_is_forced_whole_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tags that the vocabulary lacks are spelled; the context may end in the middle of one."""
    template = "{{ messages[0].content }}{{ '[THINK]' if enable_thinking else '[THINK][/THINK]' }}"
    engine = Engine(miniatures.build(replace(miniatures.PLAIN, template=template)), n_ctx=256)
    monkeypatch.setattr("app.engine.prompt.THINK_TAGS", (("[THINK]", "[/THINK]"),))
    try:
        engine.host.prompts.probe()
        closer = engine.host.vocab.tokenize("[/THINK]")
        assert len(closer) > 2
        events = engine.run(**ask("Hello", mode="thinking", thinking_budget=5, max_tokens=30))
        end = finished(events)
        generated = engine.tokens(end.usage.prompt_tokens)
        assert generated[5 : 5 + len(closer)] == closer
        assert end.usage.generated_tokens == 30 == len(generated) + 1
        assert text(events)
        for budget in range(256 - end.usage.prompt_tokens - len(closer), 256 - end.usage.prompt_tokens + 1):
            full = engine.run(**ask("Hello", mode="thinking", thinking_budget=budget))
            assert finished(full).reason == "context_full"
    finally:
        engine.close()


def test_a_grammar_and_a_thinking_budget_live_together(hybrid_engine: Engine) -> None:
    """The grammar is for the answer: the thought is free, and its forced end is not the grammar's matter."""
    events = hybrid_engine.run(
        **ask("Hello", mode="thinking", thinking_budget=12, grammar='root ::= "yes" | "no"', max_tokens=40)
    )
    assert text(events) in ("yes", "no")
    assert finished(events).usage.reasoning_tokens == 12
    assert finished(events).reason == "stop"


def test_usage_adds_up(plain_engine: Engine) -> None:
    events = plain_engine.run(prompt=PROSE, sampling=GREEDY, max_tokens=30)
    usage, timings = finished(events).usage, finished(events).timings
    assert usage.prompt_tokens == usage.read_tokens + usage.reused_tokens
    assert usage.generated_tokens == 30
    assert timings.first_token_s > 0
    assert timings.prefill_tps > 0
    assert timings.decode_tps > 0
    progress = [event for event in events if isinstance(event, ReadProgress)]
    assert [progress[0].read, progress[-1].read] == [0, usage.prompt_tokens]
    counts = [event.tokens for event in events if isinstance(event, Delta)]
    assert counts == sorted(counts)
    assert counts[-1] == 30


@pytest.mark.parametrize(
    ("request_fields", "error", "words"),
    [
        ({"messages": ()}, RequestError, "There is nothing to answer."),
        ({"prompt": "x", "grammar": "root ::= ((("}, RequestError, "The grammar for the answer is not valid"),
    ],
)
def test_requests_that_make_no_sense(
    request_fields: dict[str, Any], error: type[UserError], words: str, plain_engine: Engine
) -> None:
    with pytest.raises(error, match=words):
        plain_engine.run(**request_fields)


def test_a_mode_that_the_model_lacks_is_refused(engines: Callable[[str], Engine]) -> None:
    with pytest.raises(RequestError, match="has no thinking mode"):
        engines("sliding").run(**ask("Hello", mode="thinking"))


def test_an_empty_raw_prompt_is_answered(plain_engine: Engine) -> None:
    assert finished(plain_engine.run(prompt="", sampling=GREEDY, max_tokens=3)).reason == "length"


def test_nothing_is_loaded() -> None:
    host = Host(log(), CancelFlag())
    try:
        with pytest.raises(RequestError, match="No model is loaded"):
            generate(host, Generate(1, prompt="x"), lambda event: pytest.fail(str(event)))
    finally:
        host.renderer.close()


def test_no_event_is_failed(plain_engine: Engine) -> None:
    """A request that can be answered never says Failed: that is for the process around the loop."""
    assert not [e for e in plain_engine.run(prompt="x", max_tokens=2) if isinstance(e, Failed)]
