from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.chat.library import KEPT_S
from app.language import VARIABLE
from tests.ui.sidebar.conftest import NOW
from ui.sidebar.dates import MONTHS, Calendar


def of(*parts: int) -> float:
    return datetime(*parts).timestamp()


@pytest.mark.parametrize(
    ("when", "name"),
    [
        (of(2026, 11, 23, 1), "Today"),  # a clock that was wrong
        (of(2026, 11, 22, 15), "Today"),
        (of(2026, 11, 22), "Today"),
        (of(2026, 11, 21, 23, 59, 59), "Yesterday"),
        (of(2026, 11, 21), "Yesterday"),
        (of(2026, 11, 20, 23, 59, 59), "Previous 7 days"),
        (of(2026, 11, 15), "Previous 7 days"),
        (of(2026, 11, 14, 23, 59, 59), "Previous 30 days"),
        (of(2026, 10, 23), "Previous 30 days"),
        (of(2026, 10, 22, 23, 59, 59), "October 2026"),
        (of(2026, 10, 1), "October 2026"),
        (of(2026, 9, 30, 23, 59, 59), "September 2026"),
        (of(2026, 1, 1), "January 2026"),
        (of(2025, 12, 31, 23, 59, 59), "December 2025"),
        (of(2024, 2, 29), "February 2024"),
        (of(1970, 6, 1), "June 1970"),
    ],
)
def test_sections(when: float, name: str) -> None:
    assert Calendar(NOW.timestamp()).section(when)[1] == name


def test_months_are_told_apart_when_asked_in_any_order() -> None:
    calendar = Calendar(NOW.timestamp())
    for year, month in ((2026, 3), (2025, 3), (2025, 12), (2026, 1), (2026, 3)):
        assert calendar.section(of(year, month, 15)) == (
            f"{year}-{month:02}",
            f"{MONTHS[month - 1]} {year}",
        )


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (0.0, ""),
        (of(2026, 11, 22, 9, 5), "09:05"),
        (of(2026, 11, 21, 9, 5), "Yesterday"),
        (of(2026, 11, 3), "3 Nov"),
        (of(2025, 11, 3), "3 Nov 2025"),
    ],
)
def test_short_dates(when: float, text: str) -> None:
    assert Calendar(NOW.timestamp()).short(when) == text


def test_months_are_called_as_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    calendar = Calendar(NOW.timestamp())
    assert "Dez" in calendar.short(of(2025, 12, 3))
    assert calendar.section(of(2026, 3, 3))[1] == "März 2026"
    monkeypatch.setenv(VARIABLE, "en_GB")
    assert Calendar(NOW.timestamp()).short(of(2026, 9, 3)) == "3 Sep"


@pytest.mark.parametrize(
    ("days", "text"), [(0, "30 days left"), (0.5, "30 days left"), (28, "2 days left"), (29.5, "1 day left")]
)
def test_days_left(days: float, text: str) -> None:
    deleted = (NOW - timedelta(days=days)).timestamp()
    assert Calendar(NOW.timestamp()).left(deleted) == text


def test_what_is_overdue_leaves_soon() -> None:
    now = NOW.timestamp()
    assert Calendar(now).left(now - KEPT_S - 5) == "Leaves soon"


@pytest.mark.parametrize("when", [-1e300, -1.0, 1e300, 1e12, float("inf"), float("-inf"), float("nan")])
def test_a_damaged_time_is_still_a_time(when: float) -> None:
    for calendar in (Calendar(NOW.timestamp()), Calendar(when)):
        assert all(calendar.section(when))
        assert isinstance(calendar.short(when), str)
        assert calendar.left(when)
