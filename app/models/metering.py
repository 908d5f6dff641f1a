"""What memory is taken by, device by device, as a meter shows it. Values only; no Qt, no engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.models.machine import DeviceLike, Machine
from app.models.memory import DeviceMemory, Estimate

Kind = Literal["weights", "kv", "recurrent", "compute", "other", "free"]
KINDS: tuple[Kind, ...] = ("weights", "kv", "recurrent", "compute", "other", "free")


class LoadedDevice(DeviceLike, Protocol):
    """A device with what the loaded model holds on it."""

    @property
    def weights_bytes(self) -> int: ...
    @property
    def kv_bytes(self) -> int: ...
    @property
    def recurrent_bytes(self) -> int: ...
    @property
    def compute_bytes(self) -> int: ...


@dataclass(frozen=True)
class Meter:
    """One device: bytes by kind. With a prediction that doesn't fit their sum is more than `total`.

    Attributes:
        title: as a person knows the device.
        is_ram: whether it is the system's memory.
    """

    title: str
    is_ram: bool
    total: int
    shares: tuple[int, int, int, int, int, int]

    def share(self, kind: Kind) -> int:
        return self.shares[KINDS.index(kind)]

    @property
    def used(self) -> int:
        """Bytes that are not free."""
        return sum(self.shares[:-1])

    @property
    def own(self) -> int:
        """Bytes of the model."""
        return sum(self.shares[:4])


def held_by_model(devices: Iterable[LoadedDevice]) -> dict[str, int]:
    """Bytes of each device that come back when the loaded model goes.

    Weights in RAM are mapped from the file: the system counts them as available all along.
    """
    held = {}
    for device in devices:
        mapped = device.kind == "cpu"
        weights = 0 if mapped else device.weights_bytes
        held[device.name] = weights + device.kv_bytes + device.recurrent_bytes + device.compute_bytes
    return held


def meters(devices: Sequence[LoadedDevice]) -> tuple[Meter, ...]:
    """GPUs first, then the RAM; devices without memory of their own are left out."""
    gpus = [device for device in devices if device.kind in ("gpu", "igpu") and device.total_bytes]
    rams = [device for device in devices if device.kind == "cpu" and device.total_bytes]
    return tuple(_meter(device) for device in (*gpus, *rams))


def _meter(device: LoadedDevice) -> Meter:
    is_ram = device.kind == "cpu"
    kept = device.kv_bytes + device.recurrent_bytes + device.compute_bytes
    own = kept if is_ram else kept + device.weights_bytes
    other = max(0, device.total_bytes - device.free_bytes - own)
    free = max(0, device.total_bytes - other - kept - device.weights_bytes)
    shares = (device.weights_bytes, device.kv_bytes, device.recurrent_bytes, device.compute_bytes)
    title = "RAM" if is_ram else device.description or device.name
    return Meter(title, is_ram, device.total_bytes, (*shares, other, free))


def predicted(estimate: Estimate, machine: Machine) -> tuple[Meter, ...]:
    """The meters as they would be with a model loaded as `estimate` says."""
    found = [
        _predicted(gpu.title, False, gpu.total, gpu.free, device)
        for gpu, device in zip(machine.gpus, estimate.devices[1:], strict=False)
    ]
    return (*found, _predicted("RAM", True, machine.ram_total, machine.ram_free, estimate.cpu))


def _predicted(title: str, is_ram: bool, total: int, free: int, device: DeviceMemory) -> Meter:
    shares = (device.weights, device.kv, device.recurrent, device.compute + device.output)
    return Meter(title, is_ram, total, (*shares, total - free, max(0, free - device.total)))
