"""Finds words in a very long text, a few ms at a time. Upper and lower case are the same."""

from __future__ import annotations

from time import perf_counter
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

SLICE: Final = 65_536  # characters that are looked through in one go
_SECONDS: Final = 0.006
_LONGEST: Final = 1000


def fold(text: str) -> str:
    """`text` without upper case, of the same length."""
    low = text.lower()
    if len(low) != len(text):  # some letters have a small form of two
        low = "".join(small if len(small := one.lower()) == 1 else one for one in text)
    return low if low.isascii() else low.replace("ς", "σ")


def places(folded: str, wanted: str) -> list[int]:
    """Where `wanted` begins, from the left and without overlap."""
    found, at = list[int](), folded.find(wanted)
    while at >= 0:
        found.append(at)
        at = folded.find(wanted, at + len(wanted))
    return found


class Finder(QObject):
    """Counts the matches and steps between them. A match belongs to the slice that it begins in.

    Signals:
        found: start of a match that was asked for.
        counted: how many there are so far, and whether that is all of them.
    """

    found = Signal(int)
    counted = Signal(int, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("finder")
        self._text = self.wanted = ""
        self._counts: list[int | None] = []
        self._next = 0
        self._seek: tuple[int, int | None, bool, int] | None = None
        self._timer = QTimer(self)
        self._timer.setObjectName("finder_timer")
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timer)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    @property
    def total(self) -> int:
        """Matches that are known."""
        return sum(one or 0 for one in self._counts)

    def set_text(self, text: str) -> None:
        """Search here from now on, for nothing yet."""
        self._text = text
        self.search("", 0)

    def search(self, query: str, near: int) -> None:
        """Count the matches of another query and find the first one from `near` on. "" for none."""
        self.wanted = fold(query[:_LONGEST])
        slices = -(-len(self._text) // SLICE) if self.wanted else 0
        self._counts, self._next, self._seek = [None] * slices, 0, None
        self._timer.stop()
        if slices:
            self.step(near, forward=True)
            self._timer.start()
        else:
            self.counted.emit(0, True)

    def step(self, near: int, *, forward: bool) -> None:
        """Find the next match that begins at `near` or later, or the last one before it; goes round."""
        if self._counts:
            at = max(0, min(near, len(self._text) - 1)) // SLICE
            self._seek = at, near, forward, len(self._counts) + 1
            self._timer.start()

    def number(self, start: int) -> int:
        """Which match begins at `start`, from 1; 0 while that is not known."""
        at = start // SLICE
        before = self._counts[:at]
        if not self.wanted or None in before:
            return 0
        return sum(one or 0 for one in before) + sum(place <= start for place in self._places(at))

    def near(self, start: int, end: int) -> list[tuple[int, int]]:
        """The matches that touch some characters: a screenful, not more."""
        if not self.wanted or self.total == 0:
            return []
        size = len(self.wanted)
        first = max(0, start - size + 1)
        found = places(fold(self._text[first : end + size - 1]), self.wanted)
        return [(first + at, first + at + size) for at in found]

    def _window(self, number: int) -> str:
        start = number * SLICE
        return fold(self._text[start : start + SLICE + len(self.wanted) - 1])

    def _places(self, number: int) -> list[int]:
        if self._counts[number] == 0:
            return []
        start = number * SLICE
        found = [start + at for at in places(self._window(number), self.wanted)]
        self._counts[number] = len(found)
        return found

    @Slot()
    def _on_timer(self) -> None:
        end = perf_counter() + _SECONDS
        counting = self._next < len(self._counts)
        while perf_counter() < end:
            if self._seek is not None:
                self._seek_on()
            elif self._next < len(self._counts):
                if self._counts[self._next] is None:
                    self._counts[self._next] = self._window(self._next).count(self.wanted)
                self._next += 1
            else:
                self._timer.stop()
                break
        if counting:
            self.counted.emit(self.total, self._next >= len(self._counts))

    def _seek_on(self) -> None:
        """Look for the match that was asked for in one more slice."""
        if self._seek is None:
            return
        at, bound, forward, left = self._seek
        found = self._places(at)
        if bound is not None:
            found = [one for one in found if (one >= bound if forward else one < bound)]
        if found:
            self._seek = None
            self.found.emit(found[0] if forward else found[-1])
        elif left <= 1:
            self._seek = None
        else:
            self._seek = (at + (1 if forward else -1)) % len(self._counts), None, forward, left - 1
