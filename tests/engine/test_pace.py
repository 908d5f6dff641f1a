"""The time that reading takes: attention's growth is known after a few steps."""

from __future__ import annotations

import random

import pytest

from app.engine.pace import ReadingPace

STEP = 512


def read(pace: ReadingPace, a: float, b: float, steps: int, noise: float = 0.0) -> None:
    draw = random.Random(5)
    for at in range(0, steps * STEP, STEP):
        end = at + STEP
        exact = a * (end - at) + b * (end * end - at * at)
        pace.add(at, end, exact * (1 + draw.uniform(-noise, noise)))


def test_nothing_is_known_before_anything_was_read() -> None:
    assert ReadingPace().seconds(0, 100) is None


@pytest.mark.parametrize(("a", "b"), [(1e-3, 0.0), (1e-3, 1e-8), (2e-4, 5e-8), (0.0, 1e-8)])
def test_what_is_left_follows_from_what_was_read(a: float, b: float) -> None:
    pace = ReadingPace()
    read(pace, a, b, 8)
    left = a * (100_000 - 8 * STEP) + b * (100_000**2 - (8 * STEP) ** 2)
    assert pace.seconds(8 * STEP, 100_000) == pytest.approx(left, rel=1e-3)


def test_growth_is_seen_through_noise() -> None:
    a, b = 1e-3, 2e-8
    pace = ReadingPace()
    read(pace, a, b, 60, noise=0.1)
    read_already, total = 60 * STEP, 100_000
    left = a * (total - read_already) + b * (total**2 - read_already**2)
    assert pace.seconds(read_already, total) == pytest.approx(left, rel=0.25)
    linear = (total - read_already) * (a + b * read_already)
    assert linear < 0.6 * left  # what a rate alone would say


def test_short_questions_do_not_tell_how_attention_grows() -> None:
    """As a first chat reads: a few tokens each time, and whatever else the machine does counts for more."""
    pace = ReadingPace()
    for start, end, seconds in ((0, 25, 0.30), (32, 51, 0.30), (138, 155, 0.35), (236, 253, 0.40)):
        pace.add(start, end, seconds)
    assert pace.seconds(0, 8192) == pytest.approx(8192 * 1.35 / 78, rel=0.1)
    assert pace.coefficients[1] == 0.0


def test_one_step_gives_a_rate() -> None:
    pace = ReadingPace()
    pace.add(0, STEP, 0.5)
    assert pace.seconds(STEP, 3 * STEP) == pytest.approx(1.0)


def test_steps_that_become_faster_give_no_negative_time() -> None:
    pace = ReadingPace()
    for number, seconds in enumerate((4.0, 2.0, 1.0, 0.5)):
        pace.add(number * STEP, (number + 1) * STEP, seconds)
    left = pace.seconds(4 * STEP, 1_000_000)
    assert left is not None
    assert left > 0


def test_old_steps_fade() -> None:
    pace = ReadingPace()
    read(pace, 1e-2, 0.0, 100)
    read(pace, 1e-3, 0.0, 400)
    assert pace.seconds(0, 1000) == pytest.approx(1.0, rel=0.2)


def test_the_coefficients_say_what_any_length_takes() -> None:
    pace = ReadingPace()
    assert pace.coefficients == ()
    read(pace, 1e-3, 1e-8, 8)
    assert pace.coefficients == pytest.approx((1e-3, 1e-8))
