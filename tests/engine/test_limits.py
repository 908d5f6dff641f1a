from __future__ import annotations

import subprocess
import sys

import pytest

from app.engine.limits import available_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")


def test_what_is_available_is_less_than_what_there_is() -> None:
    available = available_bytes()
    assert available is not None
    assert 2**28 < available < 2**46


def test_a_process_can_grow_by_what_is_there_but_no_further() -> None:
    probe = (
        "from app.engine.limits import available_bytes, limit_memory\n"
        "limit_memory()\n"
        "bytearray(64 * 2**20)\n"
        "try:\n"
        "    bytearray(2 * available_bytes())\n"
        "except MemoryError:\n"
        "    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("refused\n", 0)
