"""A process that takes too much memory ends, also where the system holds it to nothing."""

from __future__ import annotations

import mmap
import subprocess
import sys

from app.documents.memory import TOO_MUCH, used_bytes

_TAKE = """
import threading
from app.documents.memory import MemoryWatch, used_bytes
watch = MemoryWatch(used_bytes() + {room} * 2**20)
kept = bytearray(b"x") * (100 * 2**20)
threading.Event().wait({wait})
"""


def _run(room: int, wait: float) -> int:
    script = _TAKE.format(room=room, wait=wait)
    return subprocess.run([sys.executable, "-c", script], check=False, timeout=30).returncode


def test_what_is_taken_is_known() -> None:
    before = used_bytes()
    with mmap.mmap(-1, 64 * 2**20) as kept:  # new to the process: a heap may have kept what others gave back
        kept.write(b"x" * len(kept))
        assert used_bytes() - before > 60 * 2**20


def test_too_much_ends_it() -> None:
    assert _run(room=50, wait=20) == TOO_MUCH


def test_enough_does_not() -> None:
    assert _run(room=500, wait=0.3) == 0
