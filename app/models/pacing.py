"""How fast a transfer is, and when it is tried again. Pure computation: whoever calls brings the clock."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from app.errors import NetworkError

_WINDOW_S = 10.0
#: A rate over less time says nothing.
_SHORTEST_S = 0.5
_STEP_S = 0.1


class Speed:
    """Bytes per second over the last ten seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._total = 0

    def clear(self) -> None:
        """Forget what was: the transfer was interrupted."""
        self._samples.clear()

    def add(self, now: float, count: int) -> None:
        """So many bytes came until `now`, seconds of a monotonic clock."""
        self._total += count
        if self._samples and now - self._samples[-1][0] < _STEP_S and len(self._samples) > 1:
            self._samples.pop()
        self._samples.append((now, self._total))
        while len(self._samples) > 2 and now - self._samples[1][0] > _WINDOW_S:
            self._samples.popleft()

    def rate(self, now: float) -> float | None:
        """Bytes per second; None where it cannot be told yet. It falls while nothing comes."""
        if not self._samples:
            return None
        start, before = self._samples[0]
        return (self._total - before) / (now - start) if now - start >= _SHORTEST_S else None

    def eta_s(self, now: float, missing: int) -> float | None:
        """Seconds until so many bytes have come; None where it cannot be told."""
        rate = self.rate(now)
        return missing / rate if rate else None


@dataclass(frozen=True)
class Retry:
    """How often and how soon an attempt is repeated.

    Attributes:
        attempts: that bring nothing, in a row, before it is given up.
        first_s, longest_s: the wait before the second attempt doubles up to the longest.
        longest_asked_s: how long a server may ask to wait before it is given up.
    """

    attempts: int = 8
    first_s: float = 1.0
    longest_s: float = 60.0
    longest_asked_s: float = 3600.0

    def delay_s(
        self, failures: int, error: NetworkError, chance: Callable[[], float] = random.random
    ) -> float | None:
        """Seconds before the next attempt after so many failures in a row; None to give up.

        What the server asks for is kept to; else the wait is shortened by chance, by up to a half,
        so that not all who were cut off come back at once.
        """
        if failures >= self.attempts:
            return None
        if error.wait_s is not None:
            return max(error.wait_s, self.first_s) if error.wait_s <= self.longest_asked_s else None
        return min(self.longest_s, self.first_s * 2.0 ** (failures - 1)) * (1.0 - chance() / 2)
