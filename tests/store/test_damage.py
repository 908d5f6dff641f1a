"""Random damage: the store opens, and what was not hit is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.damage import Sample, damage_many, make


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make(tmp_path_factory.mktemp("sample") / "data")


@pytest.mark.parametrize("tenth", range(10))
def test_damage_is_survived(sample: Sample, tmp_path: Path, tenth: int) -> None:
    assert damage_many(sample, range(tenth * 15, tenth * 15 + 15), tmp_path) > 3
