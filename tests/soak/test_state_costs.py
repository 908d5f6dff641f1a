"""Saving, and loading, a state cost at most three plain copies of the same bytes each, none in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
_MIB = 1024 * 1024


@pytest.mark.parametrize("megabytes", [64, 512])
def test_costs(megabytes: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.state_costs", str(tmp_path), str(megabytes), "9"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    print(megabytes, found)
    for name in ("prepare", "capture", "save", "load"):
        print(f"{name}: {found[name] / found['copy']:.2f} of a plain copy")
    print(f"together: {(found['save'] + found['load']) / found['copy']:.2f}")
    assert found["save"] / found["copy"] <= 3
    assert found["load"] / found["copy"] <= 3
    assert found["anonymous_bytes"] < 32 * _MIB
    assert found["resident_bytes"] < found["bytes"] + 32 * _MIB
