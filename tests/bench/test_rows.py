from __future__ import annotations

import pytest

from tests.bench.rows import Row, table


@pytest.mark.parametrize(
    ("value", "limit", "better", "holds"),
    [
        (0.95, 0.95, "higher", True),
        (0.94, 0.95, "higher", False),
        (50.0, 50.0, "lower", True),
        (50.1, 50.0, "lower", False),
        (1e9, None, "lower", True),
    ],
)
def test_a_limit_is_held_or_missed(value: float, limit: float | None, better: str, holds: bool) -> None:
    row = Row("engine.x", value, "ms", limit, better)  # type: ignore[arg-type]
    assert row.holds is holds
    assert ("MISS" in table([row])) is not holds


def test_a_row_is_written_with_the_stated_fields() -> None:
    row = Row("reading.x", 1.0, "ratio", 1.5, "lower", "10 KB")
    assert row.plain().keys() == {"name", "value", "unit", "limit", "better", "peer"}
