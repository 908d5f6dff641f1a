"""Tokens are counted beside the model's work, as a prompt will have them, and can be left off."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.counting import TokenCounter
from app.engine.pieces import LONG
from app.engine.protocol import CountTokens, Event, Failed, TokenCount
from app.engine.segments import BuildCancelled
from app.errors import RequestError
from tests import miniatures
from tests.engine.here import Engine


@pytest.fixture(params=["starter", "sliding"])
def engine(request: pytest.FixtureRequest, starter: Path) -> Iterator[Engine]:
    """One with byte-level tokens, one with a space before each text."""
    made = Engine(starter if request.param == "starter" else miniatures.sliding(), n_ctx=512)
    yield made
    made.close()


def never() -> bool:
    return False


def test_the_count_is_that_of_one_call(engine: Engine) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    draw, counter = random.Random(seed), TokenCounter(engine.host, lambda _event: None)
    words = ("the", "river", "runs", "to", "the", "sea,", "42", "Élan", "中文", "(yes)\n", "\n\n", "🙂")
    for length in (0, 1, 10, 1000, 60_000):
        text = " ".join(draw.choice(words) for _ in range(length))
        expected = engine.host.vocab.tokenize(text)
        assert counter.count(text, never) == len(expected)
        assert counter.count(text, never) == len(expected)  # what is kept of it says the same


def test_what_spells_a_special_token_counts_as_text(engine: Engine) -> None:
    counter = TokenCounter(engine.host, lambda _event: None)
    special = max(engine.host.vocab.specials, key=len)
    assert counter.count(f"a {special} b", never) > 3
    assert counter.count(special, never) > 1


def test_it_can_be_left_off(engine: Engine) -> None:
    counter = TokenCounter(engine.host, lambda _event: None)
    answers = iter([False, False, True])
    with pytest.raises(BuildCancelled):
        counter.count("word " * LONG, lambda: next(answers))


def test_the_model_may_go_meanwhile(engine: Engine) -> None:
    counter = TokenCounter(engine.host, lambda _event: None)
    assert counter.count("one", never) > 0

    def goes() -> bool:
        engine.host.unload()
        return False

    with pytest.raises(RequestError, match="unloaded"):
        counter.count("word " * LONG, goes)
    with pytest.raises(RequestError, match="No model"):
        counter.count("two", never)
    engine.load()
    assert counter.count("one", never) > 0


def test_questions_are_answered_in_turn_and_cancelled_by_their_ids(engine: Engine) -> None:
    events: list[Event] = []
    counter = TokenCounter(engine.host, events.append)
    counter.cancel(9)  # unknown
    for number, text in ((1, "hello"), (2, "word " * LONG), (3, "world")):
        counter.put(CountTokens(number, text))
    counter.cancel(2)
    counter.stop()
    counter.run()
    first, second, third = events
    assert isinstance(first, TokenCount)
    assert isinstance(third, TokenCount)
    assert second == Failed(2, "cancelled", "Counting was stopped.")
