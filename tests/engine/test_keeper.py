"""What has been read stays read: over restarts, other conversations, other context sizes and crashes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine import keeper as keepers
from app.engine.protocol import Event, Finished, Generate
from app.engine.requests import predict
from app.engine.values import Budgets, ChatMessage, Sampling, Usage
from tests.engine.here import PROSE, SHAPES, Engine, finished, text
from tests import miniatures

GREEDY = Sampling(temperature=0.0)
#: Tokens of a generation prompt and of what ends a turn.
SLACK = 8
LONG = " ".join(f"Wheel {number} turns the mill of the river." for number in range(120))


class Chat:
    """A conversation with an engine; its answers become part of it."""

    def __init__(self, engine: Engine, name: str, mode: str = "instruct") -> None:
        self.engine, self.name, self.mode = engine, name, mode
        self.messages: tuple[ChatMessage, ...] = ()

    def ask(self, words: str, count: int = 12) -> Usage:
        self.messages = (*self.messages, ChatMessage("user", words))
        events = self.answer(count)
        said = ChatMessage("assistant", text(events), text(events, "reasoning"))
        self.messages = (*self.messages, said)
        return finished(events).usage

    def answer(self, count: int = 12) -> list[Event]:
        return self.engine.run(
            messages=self.messages, mode=self.mode, sampling=GREEDY, max_tokens=count, conversation=self.name
        )


def files(engine: Engine) -> list[Path]:
    return sorted(Path(engine.options.state_folder).glob("*"))


def settle(engine: Engine) -> None:
    """Wait until the states thread is done."""
    assert engine.host.keeper is not None
    engine.host.keeper.wait()


@pytest.fixture(params=["hybrid", "plain", "sliding"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    folder = str(tmp_path / "states")
    engine = Engine(miniatures.build(SHAPES[request.param]), n_ctx=4096, n_batch=128, state_folder=folder)
    yield engine
    engine.close()


@pytest.mark.parametrize("mode", ["instruct", "thinking"])
def test_a_restart_reads_what_is_new(engine: Engine, mode: str) -> None:
    chat = Chat(engine, "one", mode)
    if mode not in engine.host.prompts.traits.modes:
        chat.mode = "instruct"
    chat.ask(LONG)
    chat.ask("And the table?")
    warm = len(engine.host.cache.tokens)
    engine.load()
    assert engine.host.cache.tokens == []
    usage = chat.ask("Where were we?")
    assert usage.reused_tokens > warm - 40
    assert usage.read_tokens < 60
