"""More chops of more streams than `make test` has time for."""

from __future__ import annotations

import pytest

from tests.engine.streams import check_chops

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("seed", range(2, 12))
def test_chops(seed: int) -> None:
    check_chops(100_000, seed)
