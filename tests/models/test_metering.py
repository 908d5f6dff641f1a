from __future__ import annotations

from dataclasses import dataclass

from app.models import cascade
from app.models.fit import Candidate, fit_for_me
from app.models.machine import GpuMemory, Machine
from app.models.metering import KINDS, held_by_model, meters, predicted

GIB = 1024**3


@dataclass
class Device:
    name: str
    description: str
    kind: str
    free_bytes: int
    total_bytes: int
    weights_bytes: int = 0
    kv_bytes: int = 0
    recurrent_bytes: int = 0
    compute_bytes: int = 0


GPU = Device("CUDA0", "A card", "gpu", 10 * GIB, 24 * GIB, 8 * GIB, 2 * GIB, GIB, GIB)
CPU = Device("CPU", "A processor", "cpu", 20 * GIB, 32 * GIB, 4 * GIB, GIB, 0, GIB)


def test_a_gpu_is_shared_by_the_model_and_others() -> None:
    (meter,) = meters([GPU])
    assert dict(zip(KINDS, meter.shares, strict=True)) == {
        "weights": 8 * GIB, "kv": 2 * GIB, "recurrent": GIB, "compute": GIB, "other": 2 * GIB,
        "free": 10 * GIB,
    }  # fmt: skip
    assert (meter.title, meter.is_ram, meter.total) == ("A card", False, 24 * GIB)
    assert meter.used == 14 * GIB


def test_mapped_weights_count_as_the_model_s_though_the_system_calls_them_available() -> None:
    (meter,) = meters([CPU])
    assert meter.share("weights") == 4 * GIB
    assert meter.share("other") == 10 * GIB  # 32 - 20 - what is kept for the context
    assert meter.share("free") == 16 * GIB
    assert sum(meter.shares) == meter.total


def test_gpus_come_first_and_devices_without_memory_are_left_out() -> None:
    accelerator = Device("BLAS", "A library", "accel", 0, 0)
    assert [meter.title for meter in meters([CPU, accelerator, GPU])] == ["A card", "RAM"]


def test_what_comes_back_when_the_model_goes() -> None:
    assert held_by_model([GPU, CPU]) == {"CUDA0": 12 * GIB, "CPU": 2 * GIB}


def test_a_prediction_adds_up() -> None:
    machine = Machine((GpuMemory("CUDA0", "A card", 22 * GIB, 24 * GIB),), 26 * GIB, 32 * GIB)
    size = 18_166_698_432
    fit = fit_for_me([Candidate("IQ4_XS", size, cascade.layout(), cascade.tensors(size))], machine)
    gpu, ram = predicted(fit.estimate, machine)
    assert gpu.share("other") == 2 * GIB
    assert ram.share("other") == 6 * GIB
    for meter, device in ((gpu, fit.estimate.devices[1]), (ram, fit.estimate.cpu)):
        assert meter.own == device.total
        assert sum(meter.shares) == meter.total
