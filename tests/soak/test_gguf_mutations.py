"""More damaged headers than `make test` has time for."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from tests.models.mutations import run_mutations

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

#: In bytes: no header, whatever it claims, makes the whole process larger than this by reading it.
_MOST_GROWTH = 256 * 1024 * 1024


def _resident_peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_ten_thousand_mutated_headers(starter: Path) -> None:
    run_mutations(10, 1, starter)
    before = _resident_peak()
    outcomes = run_mutations(10_000, 2, starter)
    print(outcomes, _resident_peak() - before)
    assert outcomes.read + outcomes.refused == 10_000
    assert outcomes.slowest_s < 1.0
    assert outcomes.peak_bytes < _MOST_GROWTH
    assert _resident_peak() - before < _MOST_GROWTH
