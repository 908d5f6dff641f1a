"""Ends a process that takes more memory than it may, where the system cannot be asked to refuse it.

Linux refuses what is over RLIMIT_AS, so that reading goes on with an error; macOS keeps no such limit and
Windows has none that a process sets for itself.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from pathlib import Path

#: The exit status of a process that took too much.
TOO_MUCH = 70
_EVERY_S = 0.05


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of psapi.h."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("page_fault_count", ctypes.c_uint32),
        *(
            (name, ctypes.c_size_t)
            for name in (
                *("peak_working_set", "working_set", "quota_peak_paged", "quota_paged"),
                *("quota_peak_non_paged", "quota_non_paged", "pagefile", "peak_pagefile"),
            )
        ),
    )


def used_bytes() -> int:
    """What this process takes now (on macOS: took at most), in bytes; 0 where the system doesn't tell."""
    if sys.platform == "win32":
        counters = _Counters(cb=ctypes.sizeof(_Counters))
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.K32GetProcessMemoryInfo.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
        told = kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
        return int(counters.pagefile) if told else 0
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class MemoryWatch:
    """Ends the process with TOO_MUCH within a moment of going over `limit` bytes, which may be changed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        threading.Thread(target=self._run, name="memory-watch", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while used_bytes() <= self.limit:
            pause.wait(_EVERY_S)
        os._exit(TOO_MUCH)
