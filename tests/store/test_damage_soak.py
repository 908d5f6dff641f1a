"""More random damage than `make test` has time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.damage import damage_many, make

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("part", range(10))
def test_damage(tmp_path: Path, part: int) -> None:
    sample = make(tmp_path / "sample")
    (tmp_path / "cases").mkdir()
    first = 1000 + part * 500
    assert damage_many(sample, range(first, first + 500), tmp_path / "cases") > 100
