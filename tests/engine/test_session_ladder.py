"""What the session makes of deaths, played by a scripted engine: retries, rungs, giving up."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.engine.libraries import Libraries, LibrariesRefused, file_names, refusal_text
from app.engine.protocol import (
    Failed,
    Finished,
    Generate,
    Loaded,
    LoadProgress,
    ReadProgress,
    Ready,
)
from app.engine.session_events import EngineStopped, Retrying, SaferSettings
from app.engine.values import Budgets, LoadOptions
from tests.engine import scripted_engine
from tests.engine.owner import Owner

# ---- the scripted engine ------------------------------------------------------------------


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[Callable[..., Owner]]:
    owners: list[Owner] = []

    def start(*plans: dict[str, Any], libraries: Libraries | None = None) -> Owner:
        (tmp_path / "plan.json").write_text(json.dumps(plans), encoding="utf-8")
        command = [sys.executable, str(Path(scripted_engine.__file__)), str(tmp_path)]
        owners.append(Owner(tmp_path / "ladder.json", command, libraries))
        return owners[-1]

    yield start
    for owner in owners:
        owner.session.close()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


def commands(folder: Path, name: str) -> list[dict[str, Any]]:
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [fields for _, what, fields in map(json.loads, lines) if what == name]


def loads(folder: Path) -> list[tuple[bool, bool, int, bool]]:
    """(extra buffers, flash attention, GPU layers, CPU only) of every Load that arrived."""
    names = ("extra_buffers", "flash_attention", "n_gpu_layers", "cpu_only")
    return [tuple(load["options"][name] for name in names) for load in commands(folder, "Load")]


FULL, NO_EXTRA, NO_FLASH = (True, True, -1, False), (False, True, -1, False), (False, False, -1, False)
FEWER, CPU = (False, False, 16, False), (False, False, 16, True)
Scripted = Callable[..., Owner]


def test_the_first_death_is_tried_again_unchanged(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"load": "die"}, {})
    assert isinstance(owner.loaded(owner.load(model)), Loaded)
    assert isinstance(owner.ended(owner.ask()), Finished)
    assert loads(tmp_path) == [FULL, FULL]
    assert owner.of(Retrying) == [Retrying("")]
    assert not (tmp_path / "ladder.json").exists()


def test_the_second_death_leads_one_rung_down(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"load": "die"}, {"load": "die"}, {})
    assert isinstance(owner.loaded(owner.load(model)), Loaded)
    assert loads(tmp_path) == [FULL, FULL, NO_EXTRA]
    assert owner.of(Retrying) == [Retrying(""), Retrying("without repacked weights")]
    assert owner.of(SaferSettings) == [SaferSettings("without repacked weights")]
    # It is remembered only once it has worked.
    assert not (tmp_path / "ladder.json").exists()
    assert isinstance(owner.ended(owner.ask()), Finished)
    stored = json.loads((tmp_path / "ladder.json").read_text(encoding="utf-8"))
    assert [record["rung"] for record in stored["records"].values()] == ["no_extra_buffers"]


def test_all_the_way_down_without_a_gpu(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"load": "die"})
    load = owner.load(model)
    question = owner.ask()
    failed = owner.loaded(load)
    assert isinstance(failed, Failed)
    assert failed.kind == "engine_stopped"
    assert failed.message == "The engine stops each time it loads this model (signal SIGKILL)."
    assert "last words" in failed.hint
    assert loads(tmp_path) == [FULL, FULL, NO_EXTRA, NO_EXTRA, NO_FLASH, NO_FLASH]
    ended = owner.ended(question)
    assert isinstance(ended, Failed)
    assert "stops each time" in ended.message
    assert not (tmp_path / "ladder.json").exists()
    # Nothing is loaded any more, and a new question is told so.
    refused = owner.ended(owner.ask())
    assert isinstance(refused, Failed)
    assert refused.message == "No model is loaded."


def test_all_the_way_down_with_a_gpu(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted(*[{"load": "die", "gpu": True}] * 9, {"gpu": True})
    assert isinstance(owner.loaded(owner.load(model)), Loaded)
    assert loads(tmp_path) == [FULL, FULL, NO_EXTRA, NO_EXTRA, NO_FLASH, NO_FLASH, FEWER, FEWER, CPU, CPU]
    words = owner.of(SaferSettings)[-1].words
    assert words.split(", ") == [
        "without repacked weights",
        "without flash attention",
        "with fewer layers on the GPU",
        "on the processor only",
    ]


@pytest.mark.parametrize("inside", ["ok", "die"])
def test_a_build_that_loads_nothing_makes_room_for_the_one_inside(
    scripted: Scripted, model: Path, tmp_path: Path, inside: str
) -> None:
    build = tmp_path / "llama" / "cuda"
    build.mkdir(parents=True)
    (build / file_names()[0]).write_bytes(b"a library")
    plans = [*[{"load": "die", "gpu": True}] * 10, {"load": inside}]
    owner = scripted(*plans, libraries=Libraries(tmp_path / "llama"))
    load = owner.load(model)
    question = owner.ask()
    ended = owner.loaded(load)
    (refused,) = owner.of(LibrariesRefused)
    assert (refused.folder, refused.kind) == (str(build), "model")
    assert "each time it loaded a model with it (signal SIGKILL)" in refusal_text(refused)
    if inside == "ok":
        assert isinstance(ended, Loaded)
        assert isinstance(owner.ended(question), Finished)
        assert loads(tmp_path)[9:] == [CPU, FULL]
    else:
        assert isinstance(ended, Failed)
        assert loads(tmp_path)[10:] == [FULL, FULL, NO_EXTRA, NO_EXTRA, NO_FLASH, NO_FLASH]


def test_a_remembered_rung_is_used_at_once(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"load": "die"}, {"load": "die"}, {})
    owner.load(model)
    owner.ended(owner.ask())
    owner.session.close()
    again = scripted({"gpu": False})
    again.loaded(again.load(model))
    assert loads(tmp_path)[-1] == NO_EXTRA
    assert again.of(SaferSettings) == [SaferSettings("without repacked weights")]
    # "Try full speed again" forgets it, and is remembered.
    owner_events = len(again.events)
    again.session.forget_rung(str(model))
    again.load(model)
    again.until(lambda event: isinstance(event, Loaded), owner_events)
    assert loads(tmp_path)[-1] == FULL
    assert again.of(SaferSettings)[-1] == SaferSettings("")
    assert json.loads((tmp_path / "ladder.json").read_text(encoding="utf-8"))["records"] == {}


def test_a_rung_is_forgotten_when_the_machine_changed(
    scripted: Scripted, model: Path, tmp_path: Path
) -> None:
    owner = scripted({"load": "die"}, {"load": "die"}, {})
    owner.load(model)
    owner.ended(owner.ask())
    owner.session.close()
    stored = (tmp_path / "ladder.json").read_text(encoding="utf-8")
    record = next(iter(json.loads(stored)["records"].values()))
    other = stored.replace(record["machine"], "0" * 16)
    (tmp_path / "ladder.json").write_text(other, encoding="utf-8")
    again = scripted({})
    again.loaded(again.load(model))
    assert loads(tmp_path)[-1] == FULL


def test_death_on_the_first_decode_counts_and_the_question_is_asked_again(
    scripted: Scripted, model: Path, tmp_path: Path
) -> None:
    owner = scripted({"generate": "die"}, {"generate": "die"}, {})
    owner.load(model)
    question = owner.ask()
    assert isinstance(owner.ended(question), Finished)
    assert owner.text(question) == "some text"
    assert loads(tmp_path) == [FULL, FULL, NO_EXTRA]
    assert [command["request_id"] for command in commands(tmp_path, "Generate")] == [question] * 3
    assert not owner.of(EngineStopped)


def test_death_after_some_text_keeps_it_and_does_not_ask_again(
    scripted: Scripted, model: Path, tmp_path: Path
) -> None:
    owner = scripted({"generate": "die_late"}, {})
    owner.load(model)
    first, second = owner.ask(), owner.ask()
    stopped = owner.ended(first)
    assert isinstance(stopped, EngineStopped)
    assert stopped.message == "The engine stopped unexpectedly (signal SIGKILL)."
    assert stopped.lines == ("scripted: last words",)
    assert owner.text(first) == "some text"
    # The one that waited survived the restart.
    assert isinstance(owner.ended(second), Finished)
    assert [command["request_id"] for command in commands(tmp_path, "Generate")] == [first, second]


def test_deaths_of_proven_settings_lead_nowhere_down(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"generate": "die_late"})
    owner.load(model)
    for _ in range(5):
        assert isinstance(owner.ended(owner.ask()), EngineStopped)
    assert set(loads(tmp_path)) == {FULL}


def test_chance_deaths_far_apart_do_not_add_up(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    """Loading fails once, works, and much later fails once more: still no rung down."""
    chance = [{"load": "die"}, {"generate": "die_late"}]
    owner = scripted(*chance, *chance, *chance, {})
    owner.load(model)
    for _ in range(3):
        assert isinstance(owner.ended(owner.ask()), EngineStopped)
    assert isinstance(owner.ended(owner.ask()), Finished)
    assert loads(tmp_path) == [FULL] * 7


def test_a_stopped_reading_proves_nothing(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"load": "die"}, {"load": "die"}, {"generate": "wait"})
    owner.load(model)
    question = owner.ask()
    owner.until(lambda event: isinstance(event, ReadProgress))
    owner.session.cancel(question)
    owner.ended(question)
    assert not (tmp_path / "ladder.json").exists()


def test_a_stopped_load_does_not_count(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    """It dies of the cancel, then once more: two deaths, of which one counts."""
    owner = scripted({"load": "die_on_cancel"}, {"load": "die"}, {})
    load = owner.load(model)
    owner.until(lambda event: isinstance(event, LoadProgress))
    owner.session.cancel(load)
    failed = owner.loaded(load)
    assert isinstance(failed, Failed)
    assert failed.kind == "cancelled"
    again = owner.load(model)
    assert isinstance(owner.loaded(again), Loaded)
    assert loads(tmp_path) == [FULL, FULL, FULL]


def test_a_load_is_stopped_before_the_engine_is_up(scripted: Scripted, model: Path) -> None:
    owner = scripted({"ready": "die"}, {})
    load = owner.load(model)
    question = owner.ask()
    owner.session.cancel(load)
    failed = owner.loaded(load)
    assert isinstance(failed, Failed)
    assert failed.kind == "cancelled"
    assert isinstance(owner.ended(question), Failed)
    assert isinstance(owner.loaded(owner.load(model)), Loaded)


def test_a_load_that_fails_is_no_death(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"load": "fail"})
    load = owner.load(model)
    question = owner.ask()
    assert isinstance(owner.loaded(load), Failed)
    assert isinstance(owner.ended(question), Failed)
    assert loads(tmp_path) == [FULL]


def test_an_engine_that_never_gets_ready_is_given_up(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"ready": "die"})
    load = owner.load(model)
    question = owner.ask()
    failed = owner.loaded(load)
    assert isinstance(failed, Failed)
    assert failed.message == "The engine cannot be started (signal SIGKILL)."
    assert isinstance(owner.ended(question), Failed)
    assert (tmp_path / "starts").read_text(encoding="ascii") == "2"
    # A person who opens a model once more gets an answer, not silence.
    before = len(owner.events)
    assert isinstance(owner.loaded(owner.load(model), before), Failed)


def test_an_engine_whose_program_is_gone_is_given_up(model: Path, tmp_path: Path) -> None:
    owner = Owner(tmp_path / "ladder.json", [str(tmp_path / "gone")])
    failed = owner.loaded(owner.load(model))
    assert isinstance(failed, Failed)
    assert failed.message == "The engine cannot be started (No such file or directory)."
    before = len(owner.events)
    assert isinstance(owner.loaded(owner.load(model), before), Failed)
    owner.session.close()


def test_after_a_bad_start_the_next_load_works(scripted: Scripted, model: Path) -> None:
    owner = scripted({"ready": "die"}, {"ready": "die"}, {})
    assert isinstance(owner.loaded(owner.load(model)), Failed)
    assert isinstance(owner.loaded(owner.load(model)), Loaded)
    assert isinstance(owner.ended(owner.ask()), Finished)


def test_idle_deaths_are_bounded(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"load": "ok", "after": "die"})
    load = owner.load(model)
    last = owner.until(lambda event: isinstance(event, EngineStopped) and not event.recovering)
    assert isinstance(last, EngineStopped)
    assert last.message == "The engine keeps stopping (signal SIGKILL)."
    assert isinstance(owner.until(lambda e: isinstance(e, Failed) and e.request_id == load), Failed)
    assert (tmp_path / "starts").read_text(encoding="ascii") == "4"
    # It comes back when it is wanted.
    before = len(owner.events)
    owner.load(model)
    assert isinstance(owner.until(lambda event: isinstance(event, Loaded), before), Loaded)


def test_idle_deaths_without_a_model_are_bounded(scripted: Scripted, tmp_path: Path) -> None:
    owner = scripted({"after": "die"})
    last = owner.until(lambda event: isinstance(event, EngineStopped) and "keeps" in event.message)
    assert isinstance(last, EngineStopped)
    assert not any(event.recovering for event in owner.of(EngineStopped))  # there is no model to bring back
    assert (tmp_path / "starts").read_text(encoding="ascii") == "4"


def test_a_waiting_question_is_withdrawn(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"generate": "wait"})
    owner.load(model)
    first, second = owner.ask(), owner.ask()
    owner.until(lambda event: isinstance(event, ReadProgress))
    owner.session.cancel(second)
    ended = owner.ended(second)
    assert isinstance(ended, Failed)
    assert (ended.kind, ended.message) == ("cancelled", "Stopped before it began.")
    owner.session.cancel(first)
    owner.ended(first)
    assert len(commands(tmp_path, "Generate")) == 1


def test_nothing_is_loaded(scripted: Scripted) -> None:
    owner = scripted({})
    failed = owner.ended(owner.ask())
    assert isinstance(failed, Failed)
    assert (failed.kind, failed.hint) == ("request", "Open a model first.")


def test_budgets_that_were_changed_hold_for_the_load_after_a_crash(
    scripted: Scripted, model: Path, tmp_path: Path
) -> None:
    owner = scripted({"generate": "die_late"}, {})
    first = owner.load(model, LoadOptions(budgets=Budgets(1, 1, 1)))
    owner.loaded(first)
    owner.session.set_budgets(Budgets(1, 2, 3))
    since = len(owner.events)
    assert isinstance(owner.ended(owner.ask()), EngineStopped)
    owner.loaded(first, since)
    budgets = [tuple(load["options"]["budgets"].values()) for load in commands(tmp_path, "Load")]
    assert budgets == [(1, 1, 1), (1, 2, 3)]
    assert len(commands(tmp_path, "SetBudgets")) == 1


def test_while_it_answers_nothing_is_predicted(scripted: Scripted, model: Path, tmp_path: Path) -> None:
    owner = scripted({"generate": "wait"})
    owner.loaded(owner.load(model))
    question = owner.ask()
    owner.until(lambda event: isinstance(event, ReadProgress))
    owner.session.predict(77, Generate(0))
    (refused,) = owner.of(Failed)
    assert refused.request_id == 77
    owner.session.cancel(question)
    owner.ended(question)
    assert not commands(tmp_path, "Predict")


def test_an_engine_that_was_given_up_is_started_again_without_a_load(
    scripted: Scripted, tmp_path: Path
) -> None:
    owner = scripted({"ready": "die"}, {"ready": "die"}, {})
    owner.until(lambda event: isinstance(event, EngineStopped))
    owner.session.start()
    owner.until(lambda event: isinstance(event, Ready))
    owner.session.start()  # it is up
    load = owner.load(tmp_path / "model.gguf")
    assert isinstance(owner.loaded(load), Loaded)
    assert (tmp_path / "starts").read_text(encoding="ascii") == "3"
