"""Speed, time left, and waits between attempts."""

from __future__ import annotations

import pytest

from app.errors import NetworkError
from app.models.pacing import Retry, Speed


def test_speed_over_a_moving_window() -> None:
    speed = Speed()
    assert speed.rate(0.0) is None
    for tenth in range(200):
        speed.add(tenth / 10, 1000)
    assert speed.rate(19.9) == pytest.approx(10_000, rel=0.02)
    for tenth in range(200, 400):
        speed.add(tenth / 10, 5000)
    assert speed.rate(39.9) == pytest.approx(50_000, rel=0.02)
    assert speed.eta_s(39.9, 100_000) == pytest.approx(2.0, rel=0.02)


def test_speed_falls_while_nothing_comes_and_starts_anew() -> None:
    speed = Speed()
    speed.add(0.0, 1)
    assert speed.rate(0.1) is None
    assert speed.eta_s(0.1, 5) is None
    speed.add(1.0, 1000)
    assert speed.rate(1.0) == 1000
    assert speed.rate(10.0) == 100
    speed.clear()
    assert speed.rate(11.0) is None


def test_many_small_pieces_take_no_memory() -> None:
    speed = Speed()
    for step in range(100_000):
        speed.add(step / 10_000, 10)
    assert len(speed._samples) < 120
    assert speed.rate(10.0) == pytest.approx(100_000, rel=0.02)


@pytest.mark.parametrize(
    ("failures", "asked", "chance", "expected"),
    [
        (1, None, 0.0, 1.0),
        (1, None, 1.0, 0.5),
        (3, None, 0.0, 4.0),
        (7, None, 0.0, 60.0),
        (8, None, 0.0, None),
        (1, 30.0, 0.5, 30.0),
        (5, 0.0, 0.5, 1.0),
        (1, 3601.0, 0.0, None),
    ],
)
def test_waits(failures: int, asked: float | None, chance: float, expected: float | None) -> None:
    assert Retry().delay_s(failures, NetworkError("x", wait_s=asked), lambda: chance) == expected
