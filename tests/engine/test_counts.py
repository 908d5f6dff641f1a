"""Counts are answered whatever becomes of the engine, and beside an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.engine.protocol import (
    CountPrompt,
    CountTokens,
    Delta,
    Failed,
    Finished,
    Generate,
    Loaded,
    LoadProgress,
    PromptCount,
    Ready,
    TokenCount,
)
from app.engine.session_events import EngineStopped, Resting, SessionEvent, Waking
from app.engine.values import ChatMessage, LoadOptions
from tests.engine.owner import Owner
from tests.engine.support import GREEDY
from tests.engine.test_session_ladder import commands, model, scripted

__all__ = ["model", "scripted"]

Scripted = Callable[..., Owner]
OPTIONS = LoadOptions(n_ctx=4096, n_threads=1)


def answered(owner: Owner, request_id: int) -> SessionEvent:
    kinds = (TokenCount, PromptCount, Failed)
    return owner.until(lambda e: isinstance(e, kinds) and e.request_id == request_id)


def failed(owner: Owner, request_id: int) -> str:
    event = answered(owner, request_id)
    assert isinstance(event, Failed)
    return event.kind


def test_without_a_model_it_fails_at_once(scripted: Scripted, model: Path) -> None:
    owner = scripted({"load": "fail"})
    owner.session.counts.ask(CountTokens(50, "x"))
    assert owner.of(Failed) == [Failed(50, "request", "No model is loaded.", "Open a model first.")]
    owner.until(lambda event: isinstance(event, Ready))
    owner.session.counts.ask(CountPrompt(51, "a", Generate(0), "x"))
    assert failed(owner, 51) == "request"
    owner.session.counts.cancel(51)


def test_it_waits_for_a_model_that_is_being_loaded(scripted: Scripted, model: Path) -> None:
    owner = scripted({})
    load = owner.load(model)
    owner.session.counts.ask(CountTokens(50, "x"))
    owner.session.counts.ask(CountPrompt(51, "a", Generate(0), "x"))
    owner.session.counts.ask(CountTokens(52, "x"))
    owner.session.counts.cancel(52)
    assert failed(owner, 52) == "cancelled"
    assert isinstance(owner.loaded(load), Loaded)
    assert answered(owner, 50) == TokenCount(50, 3)
    assert answered(owner, 51) == PromptCount(51, 3)
    assert not owner.session.counts.pending


@pytest.mark.parametrize("how", ["fail", "die"])
def test_a_load_that_fails_fails_it(how: str, scripted: Scripted, model: Path) -> None:
    owner = scripted({"load": how})
    owner.load(model)
    owner.session.counts.ask(CountTokens(50, "x"))
    assert failed(owner, 50) == ("request" if how == "fail" else "engine_stopped")


def test_a_context_that_cannot_be_had_counts_with_the_former(scripted: Scripted, model: Path) -> None:
    owner = scripted({"again": "kept"})
    owner.loaded(owner.load(model, OPTIONS))
    again = owner.load(model, replace(OPTIONS, n_ctx=8192))
    owner.session.counts.ask(CountTokens(50, "x"))
    assert isinstance(owner.loaded(again), Failed)
    assert answered(owner, 50) == TokenCount(50, 3)


def test_a_model_that_rests_is_woken_and_does_not_rest_meanwhile(scripted: Scripted, model: Path) -> None:
    owner = scripted({"count": "wait"})
    owner.session.set_idle(60.0)
    owner.loaded(owner.load(model, OPTIONS))
    owner.now += 100.0
    owner.session.rest()
    assert len(owner.of(Resting)) == 1
    owner.session.counts.ask(CountTokens(50, "x"))
    assert len(owner.of(Waking)) == 1
    owner.until(lambda event: isinstance(event, Loaded), since=len(owner.events))
    owner.now += 100.0
    owner.session.rest()
    assert len(owner.of(Resting)) == 1
    owner.session.counts.cancel(50)
    assert failed(owner, 50) == "cancelled"
    owner.now += 100.0
    owner.session.rest()
    assert len(owner.of(Resting)) == 2


def test_a_death_costs_nothing_but_time(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"count": "wait"}, {})
    owner.loaded(owner.load(model, OPTIONS))
    owner.session.counts.ask(CountTokens(50, "x"))
    owner.until(lambda event: isinstance(event, LoadProgress))
    assert owner.client.pid is not None
    psutil.Process(owner.client.pid).kill()
    assert answered(owner, 50) == TokenCount(50, 3)
    assert len(owner.of(EngineStopped)) == 1
    assert len(commands(tmp_path, "Load")) == 2


def test_what_kills_the_engine_twice_is_left(scripted: Scripted, model: Path) -> None:
    owner = scripted({"count": "die"})
    owner.loaded(owner.load(model, OPTIONS))
    owner.session.counts.ask(CountTokens(50, "x"))
    assert failed(owner, 50) == "engine_stopped"
    assert len(owner.of(EngineStopped)) == 2
    owner.until(lambda event: isinstance(event, Loaded), since=len(owner.events))


def test_it_goes_with_the_model(scripted: Scripted, model: Path) -> None:
    owner = scripted({"load": "wait"})
    load = owner.load(model)
    owner.session.counts.ask(CountTokens(50, "x"))
    owner.until(lambda event: isinstance(event, LoadProgress))
    owner.session.cancel(load)
    assert failed(owner, 50) == "request"


def test_the_real_engine_counts_while_it_answers(tmp_path: Path, hybrid: Path) -> None:
    owner = Owner(tmp_path / "ladder.json")
    try:
        owner.loaded(owner.load(hybrid, OPTIONS))
        endless = owner.ask(grammar="root ::= [a-z]+")
        owner.until(lambda event: isinstance(event, Delta))
        asked = Generate(0, (ChatMessage("user", "", documents=(("The mill.\n",),)),), sampling=GREEDY)
        owner.session.counts.ask(CountPrompt(50, "a", asked, "Why?"))
        owner.session.counts.ask(CountPrompt(51, "a", None, "Why not?"))
        counts = [answered(owner, number) for number in (50, 51)]
        assert not any(isinstance(event, Finished) for event in owner.events)
        owner.session.cancel(endless)
        owner.ended(endless)
        for question, count in zip(("Why?", "Why not?"), counts, strict=True):
            (message,) = asked.messages
            request = replace(asked, messages=(replace(message, content=question),), max_tokens=2)
            finished = owner.ended(owner.session.generate(request))
            assert isinstance(finished, Finished)
            assert isinstance(count, PromptCount)
            assert count.tokens == finished.usage.prompt_tokens
    finally:
        owner.session.close()
