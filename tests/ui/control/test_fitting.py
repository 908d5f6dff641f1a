"""Loads get their options from the fit, by real headers; the engine's devices are told by the tests."""

from __future__ import annotations

import itertools
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.engine.protocol import Devices, Failed, Finished, Loaded
from app.engine.session_events import EngineStopped
from app.engine.values import Device, LoadOptions, Timings, Usage
from app.models.fit import GPU_RESERVE, Wishes
from app.models.prospect import Prospect
from tests import miniatures
from tests.ui.models import PLAIN
from ui.control.fitting import FitControl
from ui.workers.fit import FitWorker

GIB = 1024**3
GPU = Device("CUDA0", "A card", "gpu", 20 * GIB, 24 * GIB)
CPU = Device("CPU", "A processor", "cpu", 20 * GIB, 32 * GIB)


@dataclass
class Desk:
    """The control with its worker, and what it sends."""

    control: FitControl
    worker: FitWorker
    loads: list[tuple[int, str, LoadOptions]]
    asked: list[int]

    def devices(self, *devices: Device) -> None:
        self.control.on_event(Devices(self.asked[-1], devices))


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    control, worker = FitControl(itertools.count(1)), FitWorker()
    made = Desk(control, worker, [], [])
    control.load_wanted.connect(lambda *load: made.loads.append(load))
    control.devices_wanted.connect(made.asked.append)
    control.fit_wanted.connect(worker.fit)
    control.predict_wanted.connect(worker.predict)
    control.range_wanted.connect(worker.measure_range)
    worker.answered.connect(control.on_answer)
    worker.predicted.connect(control.on_predicted)
    worker.ranged.connect(control.on_ranged)
    return made


def test_a_load_waits_for_the_devices_and_gets_its_fit(desk: Desk, qtbot: QtBot) -> None:
    path = str(miniatures.hybrid())
    desk.control.on_load_wanted(7, path, LoadOptions(state_folder="kept"))
    assert desk.loads == []
    with qtbot.waitSignal(desk.control.fitted) as fitted:
        desk.devices(GPU, CPU)
    assert fitted.args[0].fit.where == "gpu"
    ((load_id, loaded, options),) = desk.loads
    assert (load_id, loaded) == (7, path)
    assert (options.n_ctx, options.n_gpu_layers, options.cpu_experts) == (262_144, -1, 0)
    assert (options.cache_type, options.n_batch, options.state_folder) == ("f16", 512, "kept")


def test_without_a_gpu_the_context_is_shorter(desk: Desk) -> None:
    desk.control.on_load_wanted(1, str(miniatures.hybrid()), LoadOptions())
    desk.devices(CPU)
    assert desk.loads[0][2].n_ctx == 65_536


def test_what_was_set_by_hand_is_kept(desk: Desk) -> None:
    desk.control.wishes = Wishes(n_ctx=5000, cache_type="q8_0", n_gpu_layers=2)
    desk.control.n_threads = 3
    desk.control.on_load_wanted(1, str(miniatures.hybrid()), LoadOptions())
    desk.devices(GPU, CPU)
    options = desk.loads[0][2]
    assert (options.n_ctx, options.cache_type, options.n_gpu_layers, options.n_threads) == (
        5000,
        "q8_0",
        2,
        3,
    )


def test_another_context_keeps_the_place_and_other_wishes_do_not(desk: Desk) -> None:
    """A card too small for the model with a long context, and large enough with a short one."""
    path, control = str(miniatures.hybrid()), desk.control
    small = replace(GPU, free_bytes=GPU_RESERVE + 120 * 2**20)

    def load(number: int, wishes: Wishes) -> LoadOptions:
        control.wishes = wishes
        control.on_load_wanted(number, path, LoadOptions())
        desk.devices(small, CPU)
        control.on_event(Loaded(number, PLAIN, 0.1))
        desk.devices(small, CPU)
        return desk.loads[-1][2]

    assert load(1, Wishes(cpu_experts=2)).cpu_experts == 2
    assert load(2, Wishes(cpu_experts=2, n_ctx=9000)).cpu_experts == 2
    # Left to the app again: nothing of what was set by hand stays, though a context is set.
    assert load(3, Wishes(n_ctx=9000)).cpu_experts == 0
    assert load(4, Wishes(n_ctx=9000, cache_type="f32")).cache_type == "f32"
    assert load(5, Wishes(n_ctx=8000)).cache_type == "f16"
    kept = control._present(path, Wishes(n_ctx=4096))
    assert kept is not None
    assert kept.n_ctx == 8000
    assert control._present(path, Wishes(n_ctx=4096, n_ubatch=64)) is None
    assert control._present("other.gguf", Wishes(n_ctx=4096)) is None


def test_a_file_that_cannot_be_read_goes_to_the_engine_as_it_is(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.control.fitted) as fitted:
        desk.control.on_load_wanted(1, "/no/such/file.gguf", LoadOptions())
        desk.devices(CPU)
    assert fitted.args == [None]
    assert desk.loads == [(1, "/no/such/file.gguf", LoadOptions())]


def test_an_engine_that_stops_or_says_nothing_gets_the_load_all_the_same(desk: Desk, qtbot: QtBot) -> None:
    desk.control.on_load_wanted(1, "a.gguf", LoadOptions())
    desk.control.on_event(EngineStopped(0, "It stopped.", (), recovering=False))
    assert [load[0] for load in desk.loads] == [1]
    desk.control._patience.setInterval(1)
    with qtbot.waitSignal(desk.control.load_wanted):
        desk.control.on_load_wanted(2, "b.gguf", LoadOptions())
    desk.devices(CPU)
    assert [load[0] for load in desk.loads] == [1, 2]


def test_an_engine_that_is_not_up_yet_is_asked_again(desk: Desk, qtbot: QtBot) -> None:
    desk.control.on_load_wanted(1, str(miniatures.hybrid()), LoadOptions())
    with qtbot.waitSignal(desk.control.devices_wanted):
        desk.control.on_event(Failed(desk.asked[-1], "request", "Not now."))
    desk.devices(CPU)
    assert [load[0] for load in desk.loads] == [1]


def test_a_stopped_load_goes_there_to_be_stopped(desk: Desk) -> None:
    desk.control.on_load_wanted(1, "a.gguf", LoadOptions())
    desk.control.on_cancel_wanted(9)
    assert desk.loads == []
    desk.control.on_cancel_wanted(1)
    assert [load[0] for load in desk.loads] == [1]


def test_only_the_last_of_two_loads_goes_on(desk: Desk) -> None:
    desk.control.on_load_wanted(1, str(miniatures.hybrid()), LoadOptions())
    desk.control.on_load_wanted(2, str(miniatures.hybrid()), LoadOptions())
    desk.devices(CPU)
    assert [load[0] for load in desk.loads] == [2]


def test_meters_and_no_second_question_before_the_first_is_answered(desk: Desk, qtbot: QtBot) -> None:
    desk.control.ask_devices()
    desk.control.ask_devices()
    assert len(desk.asked) == 1
    with qtbot.waitSignal(desk.control.meters_changed) as changed:
        desk.devices(GPU, replace(CPU, kv_bytes=GIB))
    assert [meter.title for meter in changed.args[0]] == ["A card", "RAM"]
    desk.control.ask_devices()
    assert len(desk.asked) == 2


def test_a_file_that_is_gone_has_no_context_to_choose(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    shutil.copyfile(miniatures.hybrid(), path)
    desk.control.on_load_wanted(1, str(path), LoadOptions())
    desk.devices(CPU)
    path.unlink()
    with qtbot.waitSignal(desk.control.range_changed) as ranged:
        desk.control.predict(8192)
    assert ranged.args == [None]


def test_what_another_context_would_mean(desk: Desk, qtbot: QtBot) -> None:
    control = desk.control
    control.on_load_wanted(1, str(miniatures.hybrid()), LoadOptions())
    desk.devices(CPU)
    with qtbot.waitSignal(control.range_changed) as ranged:
        control.on_event(Loaded(1, PLAIN, 0.1))
    assert ranged.args[0].most == 1_048_576
    control.on_event(Finished(5, "stop", Usage(), Timings(pace=(0.001, 0.0))))
    with qtbot.waitSignal(control.prospect_found) as found:
        control.predict(1_048_576)
    prospect = found.args[0]
    assert isinstance(prospect, Prospect)
    assert prospect.n_ctx == 1_048_576
    assert prospect.meters[0].is_ram
    assert "17 min" in prospect.reading
