"""Cuts a text into pieces that a stream takes in a few milliseconds each."""

from __future__ import annotations

from typing import Final

LINES: Final = 8  # each may cost as much as the open block


def slice_end(text: str, start: int, most: int) -> int:
    """Where a piece from `start` ends: after `most` characters or LINES line ends, whatever comes first."""
    end = min(start + most, len(text))
    at = start
    for _ in range(LINES):
        at = text.find("\n", at, end) + 1
        if not at:
            return end
    return at
