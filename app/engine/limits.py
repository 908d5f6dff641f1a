"""Bounds the memory of the engine's process by what the machine has left.

A context too large for the machine, or a header that lies about its sizes, must be a refusal
by llama.cpp and not a visit of the system's out-of-memory killer, which may end anything.
"""

from __future__ import annotations

import contextlib
import re
import sys
from pathlib import Path

#: Left to the window and to everybody else.
_RESERVE_BYTES = 256 * 1024 * 1024


def available_bytes() -> int | None:
    """Memory and swap that could still be had, in bytes; None where the system doesn't tell."""
    found = _meminfo()
    return found["MemAvailable"] + found.get("SwapFree", 0) if "MemAvailable" in found else None


def system_memory() -> tuple[int, int] | None:
    """RAM that could still be had, and all of it, in bytes; None where the system doesn't tell."""
    found = _meminfo()
    return (found["MemAvailable"], found["MemTotal"]) if "MemAvailable" in found else None


def _meminfo() -> dict[str, int]:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return {}
    return {name: int(kib) * 1024 for name, kib in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}


def limit_memory() -> None:
    """Let this process grow by what is available now, and no further. Linux only.

    RLIMIT_DATA counts private writable memory: caches and buffers, but neither the mapped
    weights nor what a GPU driver reserves. Call it before each load; the limit is renewed.
    """
    available = available_bytes()
    if sys.platform == "win32" or available is None:
        return
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _data_bytes() + max(available - _RESERVE_BYTES, _RESERVE_BYTES)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _data_bytes() -> int:
    """What RLIMIT_DATA counts of this process already."""
    with contextlib.suppress(OSError):
        found = re.search(r"^VmData:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"), re.MULTILINE)
        if found:
            return int(found.group(1)) * 1024
    return 0
