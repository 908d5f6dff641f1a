"""Days as the sidebar names them. Local time."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QLocale

from app.chat.library import KEPT_S
from app.language import PSEUDO, SOURCE, language, ntr, tr

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAY_S: Final = 86_400.0
#: The latest time that has a name, in the year 9999; what is beyond, or no number, becomes the nearest.
_LAST: Final = 253_370_000_000.0


def sane(when: float) -> float:
    """A time that has a date; 0 for what is before the epoch and for what is not a number."""
    return min(max(when, 0.0), _LAST) if not math.isnan(when) else 0.0


#: Before it the month before today has no date.
_EARLIEST_NOW: Final = 40 * _DAY_S


class Calendar:
    """The sections of one day, that of `now` in seconds since the epoch."""

    def __init__(self, now: float) -> None:
        self.now = now = max(sane(now), _EARLIEST_NOW)
        local = datetime.fromtimestamp(now)
        today = datetime(local.year, local.month, local.day)
        self.year = local.year
        self.day = (local.year, local.month, local.day)
        # Days are counted on the calendar: two of them a year have not 24 hours.
        starts = [(today - timedelta(days=back)).timestamp() for back in (0, 1, 7, 30)]
        self._today, self._yesterday = starts[:2]
        names = (("today", tr("Today")), ("yesterday", tr("Yesterday")))
        spans = (("week", tr("Previous 7 days")), ("month", tr("Previous 30 days")))
        self._sections = tuple(zip(starts, names + spans, strict=True))
        self._oldest = starts[-1]
        self._month = (0.0, 0.0, ("", ""))  # start and end of the last month that was asked for

    def section(self, when: float) -> tuple[str, str]:
        """Key and name of the section of a time; one in the future counts as today."""
        when = sane(when)
        if when >= self._oldest:
            return next(section for start, section in self._sections if when >= start)
        if not self._month[0] <= when < self._month[1]:
            self._month = _month_of(when)
        return self._month[2]

    def short(self, when: float) -> str:
        """A time in few characters: 14:05, Yesterday, 3 Oct, 3 Oct 2025; empty for 0."""
        when = sane(when)
        if not when:
            return ""
        local = datetime.fromtimestamp(when)
        if when >= self._today:
            return f"{local.hour:02}:{local.minute:02}"
        if when >= self._yesterday:
            return tr("Yesterday")
        day = tr("{day} {month}", day=local.day, month=_month(local.month, QLocale.FormatType.ShortFormat))
        if local.year == self.year:
            return day
        return tr("{day} {year}", day=day, year=str(local.year))

    def left(self, deleted: float) -> str:
        """How long a conversation that was deleted then is still kept."""
        days = math.ceil((sane(deleted) + KEPT_S - self.now) / _DAY_S)
        if days < 1:
            return tr("Leaves soon")
        return ntr("{count} day left", "{count} days left", days)


def _month(month: int, form: QLocale.FormatType) -> str:
    """A month as the language of the window calls it."""
    code = language()
    if code == PSEUDO or code.partition("_")[0] == SOURCE:
        return MONTHS[month - 1][: 3 if form is QLocale.FormatType.ShortFormat else None]
    return QLocale(code).standaloneMonthName(month, form)


def _month_of(when: float) -> tuple[float, float, tuple[str, str]]:
    """Start and end of the month around a time, and its section."""
    local = datetime.fromtimestamp(when)
    name = _month(local.month, QLocale.FormatType.LongFormat)
    section = (f"{local.year}-{local.month:02}", tr("{month} {year}", month=name, year=str(local.year)))
    if local.year <= 1970:
        return when, when, section  # some systems know no earlier times than 1970
    first = datetime(local.year, local.month, 1)
    after = datetime(local.year + local.month // 12, local.month % 12 + 1, 1)
    return first.timestamp(), after.timestamp(), section
