"""More damaged state files than `make test` has time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.state_mutations import run_mutations

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("seed", range(2, 12))
def test_mutations(seed: int, tmp_path: Path) -> None:
    done = run_mutations(10_000, seed, tmp_path)
    print(seed, done)
    assert sum(done.values()) == 10_000
