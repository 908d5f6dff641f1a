"""A model that rests and comes back, a context that can't be had, and questions for the devices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.engine.protocol import (
    Devices,
    Failed,
    Finished,
    Generate,
    Loaded,
    LoadProgress,
    Predicted,
    Ready,
    Unloaded,
)
from app.engine.session_events import EngineStopped, Resting, Retrying, Waking
from app.engine.values import ChatMessage, LoadOptions
from tests.engine.owner import Owner
from tests.engine.support import GREEDY
from tests.engine.test_session_ladder import commands, model, scripted

__all__ = ["model", "scripted"]

Scripted = Callable[..., Owner]
OPTIONS = LoadOptions(n_ctx=4096, n_threads=1)
LARGER = replace(OPTIONS, n_ctx=8192)
MINUTE = 60.0


@pytest.fixture
def idle(scripted: Scripted, model: Path) -> Owner:
    """A session with a model that may rest after five minutes."""
    return begun(scripted({"again": "kept"}), model)


def begun(owner: Owner, model: Path) -> Owner:
    owner.session.set_idle(5 * MINUTE)
    owner.loaded(owner.load(model))
    return owner


def rested(owner: Owner) -> Owner:
    owner.now += 6 * MINUTE
    owner.session.rest()
    assert len(owner.of(Resting)) == 1
    return owner


def test_it_rests_and_the_next_question_brings_it_back(idle: Owner, tmp_path: Path) -> None:
    info = idle.session.info
    rested(idle)
    assert idle.of(Resting) == [Resting(info)]
    assert idle.session.info is None
    idle.until(lambda event: isinstance(event, Unloaded))
    question = idle.ask()
    assert isinstance(idle.ended(question), Finished)
    assert len(idle.of(Waking)) == 1
    assert idle.session.info == info
    first, second = commands(tmp_path, "Load")
    assert first == second
    assert len(idle.of(Ready)) == 1


def test_a_question_right_behind_the_unloading(idle: Owner) -> None:
    question = rested(idle).ask()
    assert isinstance(idle.ended(question), Finished)
    assert idle.session.info is not None


def test_a_prediction_brings_it_back(idle: Owner) -> None:
    rested(idle).session.predict(70, Generate(70))
    assert idle.until(lambda event: isinstance(event, Predicted)) == Predicted(70, 3, 3, None)
    idle.session.predict(71, Generate(71))
    idle.until(lambda event: isinstance(event, Predicted) and event.request_id == 71)


def test_it_does_not_rest_before_its_time(idle: Owner) -> None:
    for step in (4, 4):
        idle.now += step * MINUTE
        idle.session.rest()
        idle.ended(idle.ask())
    idle.now += 4 * MINUTE
    idle.session.rest()
    idle.session.set_idle(0)
    idle.now += 1e6
    idle.session.rest()
    assert not idle.of(Resting)


@pytest.mark.parametrize("what", ["reading", "waiting", "loading", "predicting"])
def test_it_never_rests_while_something_is_under_way(
    what: str, scripted: Scripted, model: Path, tmp_path: Path
) -> None:
    owner = begun(scripted({"generate": "wait", "load": "ok", "again": "wait"}), model)
    if what == "loading":
        owner.session.load(str(model), LARGER)
    elif what == "predicting":
        owner.session.predict(70, Generate(70))
    else:
        owner.ask()
        if what == "waiting":
            owner.ask()
    owner.now += 100 * MINUTE
    owner.session.rest()
    assert not owner.of(Resting)
    assert not commands(tmp_path, "Unload")


def test_another_context_brings_it_back(idle: Owner) -> None:
    load = rested(idle).session.load(str(idle.of(Loaded)[0].info.path), LARGER)
    loaded = idle.loaded(load)
    assert isinstance(loaded, Loaded)
    assert loaded.info.n_ctx == 8192


def test_another_context_that_fails_lets_it_rest_on(scripted: Scripted, model: Path) -> None:
    owner = rested(begun(scripted({"load": "ok"}, {"load": "die"}, {"load": "ok"}), model))
    assert owner.client.pid is not None
    psutil.Process(owner.client.pid).kill()
    owner.until(lambda e: isinstance(e, Ready), since=len(owner.events))
    failed = owner.loaded(owner.session.load(str(model), LARGER))
    assert isinstance(failed, Failed)
    assert failed.kept is not None
    assert failed.kept.n_ctx == 4096
    assert len(owner.of(Resting)) == 2
    assert isinstance(owner.ended(owner.ask()), Finished)
    assert owner.of(Loaded)[-1].info.n_ctx == 4096


def test_a_death_while_it_rests_is_not_noticed(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = rested(begun(scripted({}), model))
    assert owner.client.pid is not None
    psutil.Process(owner.client.pid).kill()
    owner.until(lambda e: isinstance(e, Ready), since=len(owner.events))
    assert not owner.of(EngineStopped)
    assert len(commands(tmp_path, "Load")) == 1
    assert isinstance(owner.ended(owner.ask()), Finished)


def test_a_model_that_does_not_come_back(scripted: Scripted, model: Path) -> None:
    owner = begun(scripted({"load": "ok"}, {"load": "fail"}), model)
    rested(owner)
    assert owner.client.pid is not None
    psutil.Process(owner.client.pid).kill()
    owner.until(lambda e: isinstance(e, Ready), since=len(owner.events))
    question = owner.ask()
    owner.session.predict(70, Generate(70))
    assert isinstance(owner.ended(question), Failed)
    assert [e.request_id for e in owner.of(Failed)].count(70) == 1
    assert owner.session.info is None


def test_a_context_that_cannot_be_had(idle: Owner, model: Path, tmp_path: Path) -> None:
    question = idle.ask()
    load = idle.session.load(str(model), LARGER)
    failed = idle.loaded(load)
    assert isinstance(failed, Failed)
    assert failed.kept is not None
    assert idle.session.info == failed.kept
    assert idle.session.info.n_ctx == 4096
    assert isinstance(idle.ended(question), Finished)
    assert isinstance(idle.ended(idle.ask()), Finished)
    # After a crash it is loaded as it was.
    assert idle.client.pid is not None
    since = len(idle.events)
    psutil.Process(idle.client.pid).kill()
    loaded = idle.until(lambda e: isinstance(e, Loaded), since=since)
    assert isinstance(loaded, Loaded)
    assert loaded.info.n_ctx == 4096
    assert commands(tmp_path, "Load")[-1]["options"]["n_ctx"] == 4096


def test_a_death_while_the_context_is_changed(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = begun(scripted({"again": "die"}), model)
    load = owner.session.load(str(model), LARGER)
    failed = owner.loaded(load)
    assert isinstance(failed, Failed)
    assert failed.kind == "engine_stopped"
    assert failed.kept is not None
    assert failed.kept.n_ctx == 4096
    stopped = owner.until(lambda event: isinstance(event, EngineStopped))
    assert isinstance(stopped, EngineStopped)
    assert stopped.recovering
    assert isinstance(owner.ended(owner.ask()), Finished)
    assert not owner.of(Retrying)
    assert [load["options"]["n_ctx"] for load in commands(tmp_path, "Load")] == [4096, 8192, 4096]


def test_a_stopped_change_of_the_context(scripted: Scripted, model: Path) -> None:
    owner = begun(scripted({"again": "wait"}), model)
    load = owner.session.load(str(model), LARGER)
    owner.until(lambda e: isinstance(e, LoadProgress) and e.request_id == load)
    owner.session.cancel(load)
    failed = owner.loaded(load)
    assert isinstance(failed, Failed)
    assert failed.kind == "cancelled"


def test_full_speed_again_is_a_load_of_its_own(scripted: Scripted, model: Path) -> None:
    """A death on the way there leads down the ladder, not back to a context."""
    owner = begun(scripted({"again": "die"}, {"load": "ok"}), model)
    owner.session.forget_rung(str(model))
    assert isinstance(owner.loaded(owner.session.load(str(model), OPTIONS)), Loaded)
    assert owner.of(Retrying) == [Retrying("")]


def test_devices_are_told_with_and_without_a_model(scripted: Scripted, model: Path) -> None:
    owner = scripted({})
    owner.session.ask_devices(50)  # it is not up yet
    assert [event.request_id for event in owner.of(Failed)] == [50]
    owner.until(lambda event: isinstance(event, Ready))
    owner.session.ask_devices(51)
    assert isinstance(owner.until(lambda e: isinstance(e, Devices) and e.request_id == 51), Devices)
    begun(owner, model)
    owner.session.ask_devices(52)
    owner.until(lambda e: isinstance(e, Devices) and e.request_id == 52)


def test_devices_of_an_engine_that_hangs_or_dies(scripted: Scripted, model: Path) -> None:
    owner = begun(scripted({"devices": "wait"}), model)
    for request_id in range(50, 56):
        owner.session.ask_devices(request_id)
    refused = [event.request_id for event in owner.of(Failed)]
    assert refused == [54, 55]
    assert owner.client.pid is not None
    psutil.Process(owner.client.pid).kill()
    owner.until(lambda event: isinstance(event, EngineStopped))
    assert sorted(event.request_id for event in owner.of(Failed)) == list(range(50, 56))


def test_the_real_engine_goes_on_where_it_was(tmp_path: Path, hybrid: Path) -> None:
    owner = Owner(tmp_path / "ladder.json")
    try:
        options = replace(OPTIONS, state_folder=str(tmp_path / "states"))
        owner.session.set_idle(MINUTE)
        owner.loaded(owner.load(hybrid, options))
        words = " ".join(f"Wheel {number} turns the mill of the river." for number in range(40))
        first: dict[str, Any] = {"max_tokens": 8, "conversation": "one"}
        asked = owner.ask(words, **first)
        owner.ended(asked)
        rested(owner)
        said = ChatMessage("assistant", owner.text(asked))
        messages = (ChatMessage("user", words), said, ChatMessage("user", "So?"))
        again = owner.session.generate(Generate(0, messages=messages, sampling=GREEDY, **first))
        finished = owner.ended(again)
        assert isinstance(finished, Finished)
        assert finished.usage.read_tokens < 60
        assert finished.usage.reused_tokens > 300
        owner.session.ask_devices(900)
        told = owner.until(lambda event: isinstance(event, Devices))
        assert isinstance(told, Devices)
        cpu = next(device for device in told.devices if device.kind == "cpu")
        assert min(cpu.weights_bytes, cpu.kv_bytes, cpu.recurrent_bytes, cpu.compute_bytes) > 0
        assert 0 < cpu.free_bytes < cpu.total_bytes == psutil.virtual_memory().total
    finally:
        owner.session.close()
