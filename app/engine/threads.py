"""How many threads llama.cpp gets when nobody says, and which others wait for them."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
import threading
from pathlib import Path

#: GGML_MAX_N_THREADS of the pinned llama.cpp: more end the process.
MOST_THREADS = 512
#: The niceness of a thread that waits for the others.
_WAITING = 10


def available_cores() -> int:
    """Logical cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def physical_cores() -> int:
    """Cores without their hyper-threads: two decode threads on one core only get in each other's way."""
    logical = available_cores()
    system = platform.system()
    if system == "Linux":
        siblings = {
            path.read_text(encoding="ascii").strip()
            for path in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/topology/thread_siblings_list")
        }
        return min(len(siblings), logical) or logical
    if system == "Darwin":
        command = ["/usr/sbin/sysctl", "-n", "hw.perflevel0.physicalcpu"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
        return int(answer.stdout) if answer.stdout.strip().isdigit() else logical
    return max(1, logical // 2)


def default_threads() -> int:
    """The physical cores, less one for the window where there are four or fewer.

    llama.cpp's CPU threads spin while they wait (facts: a second busy process on two cores
    takes the starter model from 41 to 3 tokens/s), so a small machine must keep a core free.
    """
    cores = physical_cores()
    return cores if cores > 4 else max(1, cores - 1)


def give_way() -> None:
    """Let others have the processor before the calling thread, where the system can do that for one."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _WAITING)
