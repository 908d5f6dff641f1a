"""A question is counted as the prompt that asking it makes, token for token, whatever was said before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.counting import TokenCounter
from app.engine.generate import generate
from app.engine.pieces import LONG
from app.engine.prompt import PromptBuilder
from app.engine.protocol import CountPrompt, CountTokens, Event, Failed, Generate, PromptCount, TokenCount
from app.engine.segments import SegmentTokenizer
from app.engine.values import ChatMessage, Mode, Sampling
from tests import miniatures
from tests.engine.here import SHAPES, Engine, finished, text

STEPS = 14
WORDS = ("the", "of", "and", "turn", "end", "Paris,", "中文", "é", "42", "\n", "\n\n", "a|b", "🙂")


@pytest.fixture(params=["hybrid", "plain", "sliding"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    made = Engine(
        miniatures.build(SHAPES[request.param]), n_ctx=8192, n_batch=256, state_folder=str(tmp_path)
    )
    yield made
    made.close()


class Walk:
    """Says something, and compares what was counted before with what the model then got."""

    def __init__(self, engine: Engine, draw: random.Random) -> None:
        self.engine, self._draw = engine, draw
        self.events: list[Event] = []
        self.counter = TokenCounter(engine.host, self.events.append)
        self._said: list[ChatMessage] = []
        self._key = ""
        self.counts: list[tuple[int, int, int]] = []

    def words(self, most: int) -> str:
        """Some of them spell special tokens."""
        forged = list(self.engine.host.vocab.specials)
        some = [self._draw.choice(self._draw.choice((WORDS, WORDS, forged))) for _ in range(most)]
        return " ".join(some[: self._draw.randint(1, most)])

    def step(self) -> None:
        what = self._draw.choice(("ask", "ask", "ask", "edit", "restart", "again"))
        if what == "restart":
            self.engine.load()
        elif what == "edit" and self._said:
            del self._said[self._draw.randrange(0, len(self._said), 2) :]
        elif what == "again":
            del self._said[-2:]
        self._ask()

    def _ask(self) -> None:
        documents = tuple(
            (f"[Document: {index}]\n", self.words(60), "\n\n") for index in range(self._draw.randint(0, 2))
        )
        modes: tuple[Mode, ...] = self.engine.host.info.modes if self.engine.host.info else ()
        request = Generate(
            5,
            (*self._said, ChatMessage("user", "", documents=documents)),
            mode=self._draw.choice(modes),
            sampling=Sampling(seed=self._draw.randrange(1 << 30)),
            max_tokens=self._draw.randint(1, 24),
            conversation="walk",
        )
        question = self.words(12)
        counted = [self.count(request, self.words(20)), self.count(None, question)]
        asked = replace(request, messages=(*self._said, replace(request.messages[-1], content=question)))
        events: list[Event] = []
        generate(self.engine.host, asked, events.append)
        usage = finished(events).usage
        self.counts.append((counted[1].tokens, usage.prompt_tokens, counted[1].documents))
        assert any(message.documents for message in asked.messages) == bool(counted[1].documents)
        answer = ChatMessage("assistant", text(events), text(events, "reasoning"))
        self._said = [*asked.messages, answer] if usage.prompt_tokens < 5000 else []

    def count(self, request: Generate | None, question: str) -> PromptCount:
        self._key = f"{len(self.events)}" if request is not None else self._key
        self.counter.put(CountPrompt(7, self._key, request, question))
        self.counter.stop()
        self.counter.run()
        event = self.events[-1]
        assert isinstance(event, PromptCount), event
        return event


def test_it_is_what_the_model_gets(engine: Engine) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    walk = Walk(engine, random.Random(seed))
    for _ in range(STEPS):
        walk.step()
    print(walk.counts)
    assert [counted for counted, _, _ in walk.counts] == [got for _, got, _ in walk.counts]


def never() -> bool:
    return False


def request(*documents: str) -> Generate:
    return Generate(1, (ChatMessage("user", "", documents=tuple((one,) for one in documents)),))


def test_what_was_counted_is_not_tokenized_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    whole = SegmentTokenizer._whole

    def seen(self: SegmentTokenizer, text: str) -> list[int]:
        made.append(len(text))
        return whole(self, text)

    counter = TokenCounter(engine.host, lambda _event: None)
    document = "the end of the turn is Paris and so on\n" * (4 * LONG // 39)
    asked = request(f"{document}.\n")
    counter.count(document, never)
    monkeypatch.setattr(SegmentTokenizer, "_whole", seen)
    first = counter.prompt(asked, "Why?", never)
    assert sum(made) < 2.5 * LONG  # its beginning, and where it ends
    made.clear()
    tokens = counter.prompt(asked, "What ends?", never).tokens
    assert tokens[: first.documents] == first.tokens[: first.documents]
    again = engine.host.prompts.build((replace(asked.messages[0], content="Why?"),), asked.mode)
    assert again.tokens == first.tokens
    assert sum(made) < 200


def test_requests_are_kept_by_their_keys(engine: Engine) -> None:
    events: list[Event] = []
    counter = TokenCounter(engine.host, events.append)
    for key in "abcde":
        counter.put(CountPrompt(ord(key), key, request(f"the {key}. "), ""))
    counter.put(CountPrompt(1, "e", None, "turn"))
    counter.put(CountPrompt(2, "a", None, ""))
    counter.put(CountPrompt(3, "b", request(), ""))
    counter.put(CountPrompt(4, "b", request("[x]"), ""))
    counter.cancel(4)
    counter.put(CountPrompt(5, "b", None, ""))
    counter.put(CountPrompt(6, "c", Generate(1, (ChatMessage("assistant", ""),)), ""))
    counter.put(CountTokens(8, "the end"))
    counter.stop()
    counter.run()
    assert [type(event) for event in events[:6]] == [PromptCount] * 6
    unknown, short, cancelled, longer, refused, last = events[6:]
    assert isinstance(unknown, Failed)
    assert unknown.kind == "request"
    assert isinstance(short, PromptCount)
    assert short.documents == 0
    assert cancelled == Failed(4, "cancelled", "Counting was stopped.")
    assert isinstance(longer, PromptCount)  # what was cancelled is known all the same
    assert longer.tokens > short.tokens
    assert isinstance(refused, Failed)
    assert isinstance(last, TokenCount)
    assert 0 < longer.documents < longer.tokens


def test_of_large_ones_only_the_last_is_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.counting._KEPT_CHARS", 100)
    events: list[Event] = []
    counter = TokenCounter(engine.host, events.append)
    for number, (key, asked) in enumerate((("a", request("x" * 90)), ("b", request("y" * 200)))):
        counter.put(CountPrompt(number, key, asked, ""))
    for number, key in ((5, "b"), (6, "a")):
        counter.put(CountPrompt(number, key, None, "?"))
    counter.stop()
    counter.run()
    assert [type(event) for event in events] == [PromptCount, PromptCount, PromptCount, Failed]


def test_another_template_counts_otherwise(engine: Engine) -> None:
    counter = TokenCounter(engine.host, lambda _event: None)
    before = counter.prompt(request(), "the end", never).tokens
    engine.change(chatml=True)
    after = counter.prompt(request(), "the end", never).tokens
    assert after != before
    messages = (ChatMessage("user", "the end"),)
    assert after == engine.host.prompts.build(messages, "instruct").tokens


def test_a_stopped_answer_that_goes_on_has_its_own_ids(engine: Engine) -> None:
    begun = ChatMessage("assistant", "the end of")
    asked = replace(request(), begun=begun)
    counter = TokenCounter(engine.host, lambda _event: None)
    builder: PromptBuilder = engine.host.prompts
    prompt = builder.build((ChatMessage("user", "Why?"),), "instruct")
    assert counter.prompt(asked, "Why?", never).tokens == builder.continued(prompt, begun).tokens
