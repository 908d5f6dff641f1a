"""Where a text may be cut into pieces that are laid out on their own, found from any place in it.

No index is kept: a text of 64 MB has a million lines. A piece is a line; a very long line is several pieces.
All offsets count characters of the text.
"""

from __future__ import annotations

from typing import Final
from unicodedata import combining

#: A line of up to so many characters is never cut. No piece is longer than about twice that.
LONG: Final = 4096
_BACK: Final = 200  # a cut goes back so far for a blank
_JOINERS: Final = "\u200d\ufe0e\ufe0f"
_MODIFIERS: Final = range(0x1F3FB, 0x1F400)


def piece_at(text: str, offset: int) -> tuple[int, int]:
    """Start and end of the piece that holds the character at `offset`; its line end belongs to it."""
    offset = max(0, min(offset, len(text) - 1))
    return _start(text, offset), _end(text, offset)


def _start(text: str, offset: int) -> int:
    start = text.rfind("\n", max(0, offset - 2 * LONG - _BACK), offset) + 1
    number = offset // LONG
    for n in (number + 1, number, number - 1):
        cut = _cut(text, n)
        if 0 <= cut <= offset:
            return max(start, cut)
    return start


def _end(text: str, offset: int) -> int:
    line = text.find("\n", offset, offset + 2 * LONG + _BACK)
    end = line + 1 if line >= 0 else len(text)
    number = offset // LONG
    for n in (number, number + 1, number + 2):
        cut = _cut(text, n)
        if cut > offset:
            return min(end, cut)
    return end


def _cut(text: str, number: int) -> int:
    """Where the line is cut near `number` × LONG; -1 where it is not, as it has an end shortly before."""
    at = number * LONG
    if number < 1 or at >= len(text) or text.find("\n", at - LONG, at + 1) >= 0:
        return -1
    blank = text.rfind(" ", at - _BACK, at)
    if blank >= 0:
        return blank + 1
    for cut in range(at, at - _BACK, -1):
        if not _joined(text[cut - 1], text[cut]):
            return cut
    return at


def _joined(before: str, after: str) -> bool:
    """Whether two characters are likely drawn as one."""
    if before in _JOINERS[:1] or after in _JOINERS:
        return True
    return bool(combining(after)) or ord(after) in _MODIFIERS or before + after == "\r\n"
