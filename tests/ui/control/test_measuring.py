"""What is looked at for long enough is measured by llama.cpp itself, in a child."""

from __future__ import annotations

import itertools
from dataclasses import replace

from pytestqt.qtbot import QtBot

from app.engine.values import LoadOptions
from app.models.fit import Candidate, fit_for_me, with_compute
from app.models.gguf import read_model
from app.models.machine import GpuMemory, Machine
from app.models.memory import Gpu
from tests import miniatures
from ui.control.fit_options import options_of
from ui.control.measuring import MeasureControl
from ui.workers.fit import FitAnswer
from ui.workers.measure import MeasureQuestion, MeasureWorker

GIB = 1024**3
RAM = Machine((), 20 * GIB, 32 * GIB)


def answer(request_id: int, machine: Machine = RAM) -> FitAnswer:
    header = read_model(miniatures.hybrid())
    candidate = Candidate(header.quantization, header.n_bytes, header.layout, header.tensors)
    return FitAnswer(request_id, fit_for_me([candidate], machine), machine, "It fits.")


def test_an_estimate_is_made_exact(qtbot: QtBot) -> None:
    worker = MeasureWorker()
    control = MeasureControl(itertools.count(1), worker.supersede)
    control._rest.setInterval(1)
    control.measure_wanted.connect(worker.measure)
    worker.measured.connect(control.on_measured)
    asked = answer(5)
    with qtbot.waitSignal(control.refined, timeout=60_000) as refined:
        control.on_predicted(str(miniatures.hybrid()), asked)
    exact = refined.args[0]
    assert exact.request_id == 5
    assert asked.fit is not None
    before, after = asked.fit.estimate.cpu, exact.fit.estimate.cpu
    assert after.compute > 0
    assert abs(after.compute - before.compute) <= 0.1 * after.compute
    assert (after.weights, after.kv, after.recurrent) == (before.weights, before.kv, before.recurrent)


def test_what_is_not_looked_at_any_more_is_not_measured(qtbot: QtBot) -> None:
    worker = MeasureWorker()
    measured: list[int] = []
    worker.measured.connect(lambda request_id, _buffers: measured.append(request_id))
    worker.supersede(2)
    worker.measure(MeasureQuestion(1, str(miniatures.hybrid()), LoadOptions()))
    worker.supersede(3)
    worker.measure(MeasureQuestion(3, "/no/such/file.gguf", LoadOptions()))
    assert measured == []
    told: list[int] = []
    control = MeasureControl(itertools.count(7), told.append)
    control.on_predicted("x.gguf", answer(1))
    with qtbot.waitSignal(control.measure_wanted):
        pass
    assert told == [0, 7]
    control.on_predicted("x.gguf", answer(2))
    with qtbot.assertNotEmitted(control.refined):
        control.on_measured(7, {"CPU": 1})
    control.stop()
    assert told[-1] == 0
    assert not control._rest.isActive()


def test_measured_buffers_count_where_they_are() -> None:
    card = GpuMemory("CUDA0", "A card", 20 * GIB, 24 * GIB)
    machine = Machine((card,), 20 * GIB, 32 * GIB)
    fit = answer(1, machine).fit
    assert fit is not None
    exact = with_compute(fit, {"CUDA0": GIB, "CUDA_Host": 7, "CPU": 5}, machine)
    assert [device.compute for device in exact.estimate.devices] == [12, GIB]
    assert exact.fits
    too_much = with_compute(fit, {"CUDA0": 21 * GIB}, machine)
    assert (too_much.where, too_much.fits) == ("nowhere", False)


def test_the_options_of_a_load_are_the_fit_s() -> None:
    found = answer(1).fit
    assert found is not None
    options = options_of(LoadOptions(n_gpu_layers=3), found)
    assert (options.n_ctx, options.n_batch, options.n_gpu_layers) == (65_536, 512, 0)
    assert options.cpu_only
    on_gpu = replace(found.plan, gpus=(Gpu("CUDA0", GIB),), n_gpu_layers=-1)
    options = options_of(LoadOptions(), replace(found, plan=on_gpu))
    assert (options.n_gpu_layers, options.cpu_only) == (-1, False)
