"""What llama.cpp holds on which device, from the lines that its loader logs, and how much is free there.

Engine's child process; `read_buffers` is pure.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.engine.ggml import function
from app.engine.limits import system_memory
from app.engine.values import Device

#: Bytes by the name of a buffer ("CPU_Mapped", "CUDA0", "Vulkan_Host") and what it is for.
Buffers = Mapping[tuple[str, str], int]

#: As llama.cpp prints them, to a hundredth of a MiB: load_tensors in src/llama-model.cpp, the caches'
#: constructors, llama_context::sched_reserve.
_LINE = re.compile(r"^\w+:\s+(\S+)\s+(model|KV|RS|compute|output) buffer size =\s*([\d.]+) MiB")
_MIB = 1024 * 1024
_FIELDS = {
    "model": "weights_bytes",
    "KV": "kv_bytes",
    "RS": "recurrent_bytes",
    "compute": "compute_bytes",
    "output": "compute_bytes",
}
_KINDS = ("cpu", "gpu", "igpu", "accel", "meta")


def read_buffers(lines: Iterable[str]) -> dict[tuple[str, str], int]:
    """The buffers that a log tells of, those of the same name and use added up."""
    found: dict[tuple[str, str], int] = {}
    for line in lines:
        match = _LINE.match(line)
        if match:
            key = (match.group(1), match.group(2))
            found[key] = found.get(key, 0) + round(float(match.group(3)) * _MIB)
    return found


def backend(buffers: Buffers) -> str:
    """Which backend holds weights: that of a GPU if any does ("Vulkan", "CUDA"), else "CPU"."""
    holders = [name for name, kind in buffers if kind == "model" and not name.endswith("_Host")]
    names = [re.sub(r"(_Mapped|_REPACK|\d+)+$", "", name) for name in holders]
    return next((name for name in names if not name.startswith("CPU")), "CPU")


def devices(buffers: Buffers | None = None) -> tuple[Device, ...]:
    """All backend devices of ggml, of any vendor, with what `buffers` take there. Any thread.

    Source of the signatures: ggml/include/ggml-backend.h of the pinned llama.cpp.
    """
    count = function("ggml_backend_dev_count", ctypes.c_size_t)
    get = function("ggml_backend_dev_get", ctypes.c_void_p, ctypes.c_size_t)
    found = [_device(get(index)) for index in range(count())]
    for (buffer, kind), size in (buffers or {}).items():
        index = _holder(buffer, found)
        if index is not None:
            field = _FIELDS[kind]
            found[index] = replace(found[index], **{field: getattr(found[index], field) + size})
    return tuple(found)


def _holder(buffer: str, found: list[Device]) -> int | None:
    """The device of a buffer: its own name, maybe with "_Mapped" or such behind; else it is RAM."""
    for index, device in enumerate(found):
        if buffer == device.name or buffer.startswith(f"{device.name}_"):
            return index
    return next((index for index, device in enumerate(found) if device.kind == "cpu"), None)


def _device(handle: int) -> Device:
    kind = _KINDS[function("ggml_backend_dev_type", ctypes.c_int, ctypes.c_void_p)(handle)]
    free, total = _memory(handle)
    if kind == "cpu":
        free, total = system_memory() or (free, total)
    return Device(
        name=_text("ggml_backend_dev_name", handle),
        description=_text("ggml_backend_dev_description", handle),
        kind=kind,  # type: ignore[arg-type]
        free_bytes=free,
        total_bytes=total,
    )


def _memory(handle: int) -> tuple[int, int]:
    size = ctypes.POINTER(ctypes.c_size_t)
    ask = function("ggml_backend_dev_memory", None, ctypes.c_void_p, size, size)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    ask(handle, ctypes.byref(free), ctypes.byref(total))
    return free.value, total.value


def _text(symbol: str, handle: int) -> str:
    found = function(symbol, ctypes.c_char_p, ctypes.c_void_p)(handle)
    return (found or b"").decode("utf-8", "replace")
