"""Stop strings in a stream: what could still become one is held back."""

from __future__ import annotations

from collections.abc import Sequence


class StopStrings:
    """Feed it text; it gives back what may be shown and says when a stop string came."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._pending = ""

    def feed(self, text: str) -> tuple[str, bool]:
        """(text to pass on, whether a stop string was met). The stop string itself is dropped."""
        if not self._stops:
            return text, False
        self._pending += text
        hits = [at for at in (self._pending.find(stop) for stop in self._stops) if at >= 0]
        if hits:
            shown, self._pending = self._pending[: min(hits)], ""
            return shown, True
        keep = self._held_back()
        shown = self._pending[: len(self._pending) - keep]
        self._pending = self._pending[len(shown) :]
        return shown, False

    def finish(self) -> str:
        """What was held back, at the end of the stream."""
        rest, self._pending = self._pending, ""
        return rest

    def _held_back(self) -> int:
        longest = max(len(stop) for stop in self._stops) - 1
        for length in range(min(longest, len(self._pending)), 0, -1):
            if any(stop.startswith(self._pending[-length:]) for stop in self._stops):
                return length
        return 0
