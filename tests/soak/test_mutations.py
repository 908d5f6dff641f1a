"""More damaged headers than `make test` has time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.test_load_errors import load_mutations

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("seed", range(2, 12))
def test_mutations(seed: int, tmp_path: Path) -> None:
    outcomes = load_mutations(10_000, seed, tmp_path, 1700.0)
    print(outcomes)
    assert sum(outcomes.values()) == 10_000
