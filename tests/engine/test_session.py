"""What happens when the real engine dies, at every point."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.protocol import (
    Delta,
    Finished,
    Loaded,
    LoadProgress,
    ReadProgress,
    Ready,
)
from app.engine.session_events import EngineStopped, Retrying, SaferSettings, SessionEvent
from app.engine.values import LoadOptions
from tests import miniatures
from tests.engine.owner import Owner

# ---- the real engine ----------------------------------------------------------------------

SIGNALS = [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT]
LONG = "The capital of the table is the end of the user. " * 800


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    made = Owner(tmp_path / "ladder.json")
    yield made
    made.session.close()


def kill(owner: Owner, number: signal.Signals) -> None:
    assert owner.client.pid is not None
    os.kill(owner.client.pid, number)


def check_stopped(event: SessionEvent, number: signal.Signals) -> None:
    assert isinstance(event, EngineStopped)
    assert event.message == f"The engine stopped unexpectedly (signal {number.name})."
    assert event.recovering
    if number is not signal.SIGKILL:
        words = {signal.SIGSEGV: "Segmentation fault", signal.SIGABRT: "Aborted"}[number]
        assert any(words in line for line in event.lines), event.lines


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_killed_while_loading(number: signal.Signals, owner: Owner, starter: Path) -> None:
    load = owner.load(starter)
    question = owner.ask(max_tokens=3)
    owner.until(lambda event: isinstance(event, LoadProgress))
    kill(owner, number)
    owner.until(lambda event: isinstance(event, Retrying))
    assert isinstance(owner.loaded(load), Loaded)
    # The question that waited is answered, at full speed: one death may be chance.
    assert isinstance(owner.ended(question), Finished)
    assert owner.of(Retrying) == [Retrying("")]
    assert owner.of(SaferSettings)[-1] == SaferSettings("")
    assert len(owner.of(Ready)) == 2


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_killed_while_reading(number: signal.Signals, owner: Owner) -> None:
    owner.load(miniatures.build(miniatures.HYBRID_BENCH), LoadOptions(n_ctx=16_384, n_threads=1))
    assert isinstance(owner.ended(owner.ask(max_tokens=3)), Finished)
    question = owner.ask(LONG)
    owner.until(lambda e: isinstance(e, ReadProgress) and e.request_id == question and 0 < e.read < e.total)
    kill(owner, number)
    check_stopped(owner.ended(question), number)
    next_question = owner.ask("Again", max_tokens=5)
    assert isinstance(owner.ended(next_question), Finished)
    assert owner.text(next_question)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda n: n.name)
def test_killed_while_answering(number: signal.Signals, owner: Owner, hybrid: Path) -> None:
    owner.load(hybrid)
    whole = owner.ask(max_tokens=60)
    owner.ended(whole)
    question = owner.ask()
    shown: list[int] = []

    def enough(event: SessionEvent) -> bool:
        if isinstance(event, Delta) and event.request_id == question:
            shown.append(1)
        return len(shown) == 20

    owner.until(enough)
    before = owner.text(question)
    kill(owner, number)
    check_stopped(owner.ended(question), number)
    after = owner.text(question)
    assert after.startswith(before), "something that was shown is lost"
    assert after.startswith(owner.text(whole)[: len(before)])
    next_question = owner.ask(max_tokens=60)
    assert isinstance(owner.ended(next_question), Finished)
    assert owner.text(next_question) == owner.text(whole)


def test_killed_while_nothing_is_asked(owner: Owner, hybrid: Path) -> None:
    load = owner.load(hybrid)
    owner.loaded(load)
    kill(owner, signal.SIGKILL)
    stopped = owner.until(lambda event: isinstance(event, EngineStopped))
    assert isinstance(stopped, EngineStopped)
    assert (stopped.request_id, stopped.recovering) == (0, True)
    assert isinstance(owner.ended(owner.ask(max_tokens=3)), Finished)


def test_loading_is_stopped_and_the_next_model_is_loaded(owner: Owner, starter: Path, hybrid: Path) -> None:
    first = owner.load(starter)
    owner.until(lambda event: isinstance(event, LoadProgress))
    second = owner.load(hybrid)
    assert isinstance(owner.loaded(second), Loaded)
    assert owner.session.info is not None
    assert owner.session.info.architecture == "nemotron_h_moe"
    assert not [e for e in owner.of(Loaded) if e.request_id == first]
