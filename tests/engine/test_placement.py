"""Buffers out of llama.cpp's log lines, and the devices that hold them."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from app.engine import placement
from app.engine.placement import backend, devices, read_buffers
from app.engine.values import Device
from app.models.gguf import read_model
from app.models.memory import Plan, estimate
from tests.engine.here import Engine

MIB = 1024 * 1024
LINES = """
load_tensors: offloading 5 repeating layers to GPU
load_tensors:   CPU_Mapped model buffer size =   100.25 MiB
load_tensors:   CPU_REPACK model buffer size =     7.00 MiB
load_tensors:        CUDA0 model buffer size =  2000.00 MiB
load_tensors:       CUDA10 model buffer size =  1000.50 MiB
llama_context:  CUDA_Host  output buffer size =     0.50 MiB
llama_kv_cache:      CUDA0 KV buffer size =    96.00 MiB
llama_kv_cache: size =   96.00 MiB (  4096 cells,   6 layers,  1/1 seqs), K (f16):   48.00 MiB
llama_kv_cache:      CUDA0 KV buffer size =     4.00 MiB
llama_memory_recurrent:      CUDA0 RS buffer size =    47.62 MiB
sched_reserve:      CUDA0 compute buffer size =   300.00 MiB
sched_reserve:  CUDA_Host compute buffer size =    11.01 MiB
sched_reserve: graph nodes  = 100
""".splitlines()
KINDS = {"CUDA0": "gpu", "CUDA1": "gpu", "CUDA10": "gpu", "CPU": "cpu", "Metal": "gpu"}


def test_the_backend_that_holds_weights() -> None:
    assert backend(read_buffers(LINES)) == "CUDA"
    assert backend({("CPU_Mapped", "model"): 1, ("Vulkan1", "compute"): 1}) == "CPU"
    assert backend({("CPU", "model"): 1, ("CUDA_Host", "model"): 1}) == "CPU"
    assert backend({("Metal_Mapped", "model"): 1}) == "Metal"
    assert backend({}) == "CPU"


def test_lines_of_a_log() -> None:
    found = read_buffers(LINES)
    assert found[("CPU_Mapped", "model")] == round(100.25 * MIB)
    assert found[("CUDA0", "KV")] == 100 * MIB
    assert found[("CUDA_Host", "output")] == MIB // 2
    assert len(found) == 9


def test_who_holds_what(monkeypatch: pytest.MonkeyPatch) -> None:
    names = list(KINDS)

    def fake(handle: int) -> Device:
        return Device(names[handle], "", KINDS[names[handle]], 1, 2)  # type: ignore[arg-type]

    known = {"ggml_backend_dev_count": lambda: len(names), "ggml_backend_dev_get": lambda index: index}
    monkeypatch.setattr(placement, "function", lambda symbol, *_types: known[symbol])
    monkeypatch.setattr(placement, "_device", fake)
    metal = {("Metal_Mapped", "model"): 5}
    told = {device.name: device for device in devices({**read_buffers(LINES), **metal})}
    assert told["CUDA0"].weights_bytes == 2000 * MIB
    assert told["CUDA0"].kv_bytes == 100 * MIB
    assert told["CUDA0"].recurrent_bytes == round(47.62 * MIB)
    assert told["CUDA0"].compute_bytes == 300 * MIB
    assert told["CUDA1"].weights_bytes == 0
    assert told["CUDA10"].weights_bytes == round(1000.5 * MIB)
    assert told["CPU"].weights_bytes == round(107.25 * MIB)
    assert told["CPU"].compute_bytes == round(11.01 * MIB) + MIB // 2
    assert told["Metal"].weights_bytes == 5


def test_the_cpu_is_the_systems_ram() -> None:
    found = [device for device in devices() if device.kind == "cpu"]
    assert len(found) == 1
    assert found[0].total_bytes == psutil.virtual_memory().total
    assert 0 < found[0].free_bytes < found[0].total_bytes
    assert (found[0].weights_bytes, found[0].compute_bytes) == (0, 0)


def test_what_a_loaded_model_holds(hybrid: Path) -> None:
    engine = Engine(hybrid, n_ctx=4096, cpu_only=True, extra_buffers=False)
    try:
        for n_ctx in (4096, 16_384):
            engine.change(n_ctx=n_ctx)
            cpu = next(device for device in devices(engine.host.buffers) if device.kind == "cpu")
            header = read_model(hybrid)
            expected = estimate(header.layout, header.tensors, Plan(n_ctx)).cpu
            half = 0.005 * MIB + 1
            assert cpu.kv_bytes == pytest.approx(expected.kv, abs=half)
            assert cpu.recurrent_bytes == pytest.approx(expected.recurrent, abs=half)
            assert cpu.weights_bytes == pytest.approx(expected.weights, abs=half)
            assert cpu.compute_bytes == pytest.approx(expected.compute + expected.output, rel=0.1)
        engine.host.unload()
        assert not engine.host.buffers
    finally:
        engine.close()
