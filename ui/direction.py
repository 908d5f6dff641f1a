"""Which way a text runs, and what of it belongs together."""

from __future__ import annotations

from itertools import islice
from typing import Final
from unicodedata import bidirectional, category

from PySide6.QtCore import QTextBoundaryFinder

#: A text whose first so many characters are all figures and signs runs as English does.
_LOOKED_AT: Final = 2000
_BACKWARD: Final = ("R", "AL", "AN")
_JOINERS: Final = ("\u200c", "\u200d")


def runs_backward(text: str) -> bool:
    """Whether a paragraph goes from right to left: its first letter says so (unicode.org/reports/tr9, P2)."""
    if text.isascii():
        return False
    kinds = (bidirectional(one) for one in islice(text, _LOOKED_AT))
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


def has_backward(text: str) -> bool:
    """Whether any of it goes from right to left."""
    return not text.isascii() and any(bidirectional(one) in _BACKWARD for one in text)


def whole_word(text: str, start: int, end: int) -> tuple[int, int]:
    """A range that begins and ends in words, without cutting off what is written over or under a letter."""
    while end < len(text) and _goes_on(text, end):
        end += 1
    while 0 < start < len(text) and _goes_on(text, start):
        start -= 1
    return start, end


def _goes_on(text: str, at: int) -> bool:
    """Whether the word of the character before goes on at a place."""
    one, before = text[at], text[at - 1]
    if category(one)[0] == "M" or one in _JOINERS:
        return True
    marked = category(before)[0] == "M" or before in _JOINERS
    return before == _JOINERS[1] or (_in_word(one) and (marked or _in_word(before)))


def _in_word(one: str) -> bool:
    return one.isalnum() or one == "_"


def clusters(text: str) -> list[int]:
    """Where what looks like one character begins, the text's end included."""
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Grapheme, text)
    units = [0]
    while (at := finder.toNextBoundary()) >= 0:
        units.append(at)
    if len(text) == units[-1]:
        return units
    places, unit = {0: 0}, 0
    for place, one in enumerate(text, start=1):
        unit += 1 + (one > "\uffff")
        places[unit] = place
    # next to Thai letters Qt finds ends within what takes two units
    return [places[at] for at in units if at in places]
