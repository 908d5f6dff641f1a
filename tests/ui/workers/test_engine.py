"""The engine's worker in its thread: what it sends, and what it does without an engine."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from app.engine.protocol import (
    Delta,
    Devices,
    Failed,
    Generate,
    Loaded,
    Predict,
    Predicted,
    Ready,
    Reclassified,
    Unloaded,
)
from app.engine.session_events import EngineStopped, Resting, SessionEvent
from app.engine.values import Budgets, ChatMessage, LoadOptions
from app.engine.vault import Vault
from tests.engine import scripted_engine
from tests.engine.test_vault import BUDGET, put
from ui.workers import engine as engine_worker
from ui.workers.engine import EngineWorker, joined


class Desk(QObject):
    """The GUI's side of a worker, over a scripted engine."""

    start_wanted = Signal()
    close_wanted = Signal()
    load_wanted = Signal(int, str, object)
    predict_wanted = Signal(object)
    idle_wanted = Signal(int)
    devices_wanted = Signal(int)
    budgets_wanted = Signal(object)
    forget_wanted = Signal(str)
    delete_wanted = Signal(list)
    delete_all_wanted = Signal()
    measure_wanted = Signal()

    def __init__(self, folder: Path, qtbot: QtBot, *plans: dict[str, Any]) -> None:
        super().__init__()
        self.folder, self.qtbot = folder, qtbot
        (folder / "plan.json").write_text(json.dumps(plans), encoding="utf-8")
        command = [sys.executable, str(Path(scripted_engine.__file__)), str(folder)]
        self.now = 0.0
        self.worker = EngineWorker(
            folder / "ladder.json", folder / "states", itertools.count(100), command, lambda: self.now
        )
        self.runs = QThread()
        self.worker.moveToThread(self.runs)
        self.events: list[SessionEvent] = []
        self.measured: list[int] = []
        self.closed = False
        self.start_wanted.connect(self.worker.start)
        self.close_wanted.connect(self.worker.close)
        self.load_wanted.connect(self.worker.load)
        self.predict_wanted.connect(self.worker.predict)
        self.idle_wanted.connect(self.worker.set_idle_minutes)
        self.devices_wanted.connect(self.worker.ask_devices)
        self.budgets_wanted.connect(self.worker.set_budgets)
        self.forget_wanted.connect(self.worker.forget)
        self.delete_wanted.connect(self.worker.delete_states)
        self.delete_all_wanted.connect(self.worker.delete_all_states)
        self.measure_wanted.connect(self.worker.measure_states)
        self.worker.event.connect(self._on_event)
        self.worker.states_measured.connect(self._on_measured)
        self.worker.closed.connect(self._on_closed)
        self.runs.start()

    @Slot(object)
    def _on_event(self, event: SessionEvent) -> None:
        self.events.append(event)

    @Slot(object)
    def _on_measured(self, used: int) -> None:
        assert QThread.currentThread() is self.thread()
        self.measured.append(used)

    @Slot()
    def _on_closed(self) -> None:
        self.closed = True

    def until(self, kind: type) -> Any:
        """Wait for the first event of a kind."""
        self.qtbot.waitUntil(lambda: any(isinstance(event, kind) for event in self.events), timeout=20_000)
        return next(event for event in self.events if isinstance(event, kind))

    def measure(self) -> int:
        """Everything that was wanted before is done when this returns."""
        count = len(self.measured)
        self.measure_wanted.emit()
        self.qtbot.waitUntil(lambda: len(self.measured) > count)
        return self.measured[-1]

    def commands(self, *names: str) -> list[tuple[str, dict[str, Any]]]:
        """What arrived at the engine."""
        log = self.folder / "log.jsonl"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [(what, fields) for _, what, fields in map(json.loads, lines) if what in names]

    def arrived(self, *names: str, count: int) -> list[dict[str, Any]]:
        self.qtbot.waitUntil(lambda: len(self.commands(*names)) >= count, timeout=20_000)
        return [fields for _, fields in self.commands(*names)]

    def load(self) -> None:
        path = self.folder / "model.gguf"
        path.write_bytes(b"GGUF" + bytes(64))
        self.load_wanted.emit(1, str(path), LoadOptions())

    def end(self) -> None:
        self.close_wanted.emit()
        self.qtbot.waitUntil(lambda: self.closed, timeout=20_000)
        self.runs.quit()
        assert self.runs.wait(5000)


Start = Callable[..., Desk]


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path) -> Iterator[Start]:
    desks: list[Desk] = []

    def begin(*plans: dict[str, Any]) -> Desk:
        desks.append(Desk(tmp_path, qtbot, *(plans or ({},))))
        return desks[-1]

    yield begin
    for desk in desks:
        desk.end()


def saved(folder: Path) -> list[Path]:
    vault = Vault(folder / "states", BUDGET, print)
    return [put(vault, [1, 2, 3], "one"), put(vault, [6, 7, 8], "two")]


def test_a_deleted_conversation_is_forgotten_by_the_engine_and_on_the_disk(
    start: Start, tmp_path: Path
) -> None:
    one, two = saved(tmp_path)
    desk = start()
    desk.start_wanted.emit()
    desk.until(Ready)
    desk.forget_wanted.emit("one")
    assert desk.measure() == two.stat().st_size
    assert not one.exists()
    assert [fields["conversation"] for fields in desk.arrived("Forget", count=1)] == ["one"]


def test_without_an_engine_its_files_go_all_the_same(start: Start, tmp_path: Path) -> None:
    one, two = saved(tmp_path)
    desk = start()
    desk.forget_wanted.emit("one")
    assert desk.measure() == two.stat().st_size
    assert not one.exists()
    desk.delete_wanted.emit(["two", "none"])
    assert desk.measure() == 0
    assert not desk.commands("Forget")


def test_with_a_crashed_engine_its_files_go_all_the_same(start: Start, tmp_path: Path) -> None:
    one, two = saved(tmp_path)
    desk = start({"ready": "die"})
    desk.start_wanted.emit()
    desk.until(EngineStopped)
    desk.forget_wanted.emit("one")
    assert desk.measure() == two.stat().st_size
    assert not one.exists()


def test_all_saved_readings_are_deleted_and_measured(start: Start, tmp_path: Path) -> None:
    saved(tmp_path)
    desk = start()
    assert desk.measure() > 0
    desk.delete_all_wanted.emit()
    desk.qtbot.waitUntil(lambda: desk.measured[-1] == 0)
    assert list((tmp_path / "states").iterdir()) == []


def test_budgets_reach_the_model_that_is_loaded(start: Start) -> None:
    desk = start()
    desk.start_wanted.emit()
    desk.until(Ready)
    desk.budgets_wanted.emit(Budgets(1, 1, 1))  # there is no model yet: its Load says them
    desk.load()
    desk.until(Loaded)
    desk.budgets_wanted.emit(Budgets(1, 2, 3))
    (sent,) = desk.arrived("SetBudgets", count=1)
    assert sent["budgets"] == {"checkpoint_bytes": 1, "aside_bytes": 2, "disk_bytes": 3}


def test_a_prediction_is_asked_of_a_model_only(start: Start) -> None:
    desk = start()
    desk.start_wanted.emit()
    desk.until(Ready)
    request = Generate(0, messages=(ChatMessage("user", "Why?"),), conversation="one")
    desk.predict_wanted.emit(Predict(7, request))
    assert desk.until(Failed).request_id == 7
    desk.load()
    desk.until(Loaded)
    desk.predict_wanted.emit(Predict(8, request))
    (sent,) = desk.arrived("Predict", count=1)
    assert (sent["request_id"], sent["request"]["conversation"]) == (8, "one")


def test_devices_come_out_of_event(start: Start) -> None:
    desk = start()
    desk.devices_wanted.emit(70)
    assert desk.until(Failed).request_id == 70
    desk.start_wanted.emit()
    desk.until(Ready)
    desk.devices_wanted.emit(71)
    assert desk.until(Devices).request_id == 71


def test_an_idle_model_is_unloaded_and_comes_back(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_worker, "_REST_MS", 5)
    desk = start()
    desk.start_wanted.emit()
    desk.until(Ready)
    desk.load()
    desk.until(Loaded)
    desk.idle_wanted.emit(3)
    desk.now = 3 * 60.0
    desk.until(Resting)
    desk.until(Unloaded)
    desk.predict_wanted.emit(Predict(8, Generate(8)))
    desk.until(Predicted)
    assert len(desk.commands("Load")) == 2
    desk.idle_wanted.emit(0)
    desk.now = 1e6
    desk.measure()
    assert len([event for event in desk.events if isinstance(event, Resting)]) == 1


def test_text_of_one_channel_is_joined_and_everything_keeps_its_order() -> None:
    events = [
        Delta(1, "reasoning", "H", 1),
        Delta(1, "reasoning", "m", 2),
        Delta(1, "answer", "S", 1),
        Reclassified(1),
        Delta(1, "answer", "o", 2),
        Delta(1, "answer", ".", 3, choice=1),
        Delta(2, "answer", "!", 1),
    ]
    assert joined(events) == [Delta(1, "reasoning", "Hm", 2), *events[2:]]
    assert joined([]) == []
