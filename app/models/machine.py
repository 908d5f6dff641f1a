"""What a machine has for a model: its GPUs and its RAM, in bytes. Values only; no Qt, no engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

_GIB = 1024**3
#: Integrated graphics take their memory from the RAM; with less than this they gain nothing.
_LEAST_SHARED = 6 * _GIB


class DeviceLike(Protocol):
    """A device as the engine tells of it (app.engine.values.Device)."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def free_bytes(self) -> int: ...
    @property
    def total_bytes(self) -> int: ...


@dataclass(frozen=True)
class GpuMemory:
    """One GPU. `free` is what a model may have, its own present share included.

    Attributes:
        name: as ggml names it, "CUDA0".
        title: as a person knows it.
        shared: whether its memory is the RAM.
    """

    name: str
    title: str
    free: int
    total: int
    shared: bool = False


@dataclass(frozen=True)
class Machine:
    """GPUs in the order in which llama.cpp fills them, and the RAM."""

    gpus: tuple[GpuMemory, ...]
    ram_free: int
    ram_total: int

    @property
    def gpu_free(self) -> int:
        return sum(gpu.free for gpu in self.gpus)


def machine_of(devices: Iterable[DeviceLike], held: dict[str, int] | None = None) -> Machine:
    """The machine that the engine's devices make.

    Discrete GPUs are used alone where there are any, as llama.cpp does it.

    Args:
        held: bytes that the model which is loaded now holds on each device: the next may have them.
    """
    own = held or {}
    found = list(devices)
    cpu = next((device for device in found if device.kind == "cpu"), None)
    kinds = [kind for kind in ("gpu", "igpu") if any(d.kind == kind and d.total_bytes for d in found)]
    gpus = tuple(
        GpuMemory(
            device.name,
            device.description or device.name,
            min(device.total_bytes, device.free_bytes + own.get(device.name, 0)),
            device.total_bytes,
            shared=device.kind == "igpu",
        )
        for device in found
        if kinds and device.kind == kinds[0] and (device.kind == "gpu" or device.total_bytes >= _LEAST_SHARED)
    )
    if cpu is None:
        return Machine(gpus, 0, 0)
    free = min(cpu.total_bytes, cpu.free_bytes + own.get(cpu.name, 0))
    return Machine(gpus, free, cpu.total_bytes)
