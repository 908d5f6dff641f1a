"""A watch on the event loop."""

from __future__ import annotations

from time import perf_counter


class Watch:
    """The gaps between the ticks of a 5 ms timer: how long the event loop was held up."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.longest = 0.0
        self._gaps: list[float] = []
        self._last = perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        self.longest, self._last = 0.0, perf_counter()
        self._gaps.clear()
        self._timer.start(5)

    def _on_tick(self) -> None:
        now = perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._gaps.append(now - self._last)
        self._last = now

    def stop(self) -> float:
        """End it; the longest gap in milliseconds."""
        self._timer.stop()
        return 1000 * self.longest

    def quantile(self, share: float) -> float:
        """The gap in milliseconds that `share` of all gaps do not exceed."""
        found = sorted(self._gaps)
        return 1000 * found[min(len(found) - 1, int(share * len(found)))] if found else 0.0
