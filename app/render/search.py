"""Looks for words in displayed text: without case and accents unless that is asked for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

LONGEST: Final = 500  # characters of a query
_MARKS: Final = "[\u0300-\u036f]*"
_MARKED: Final = re.compile("[\u0300-\u036f]")
#: Where displayed text is not the source without its marks: entities, links, notes, hidden directions.
_ODD: Final = ("&", "](", "[^", "://", "mailto:", "www.")
_HIDDEN: Final = re.compile(
    "[\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\uffff\U000e0000-\U000e007f]"
)


class _Fold(dict[int, str]):
    """For str.translate: each character without case and accents; any blank is a space."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = " " if char.isspace() else unicodedata.normalize("NFD", char)[0].lower()[:1]
        return self[code]


class _Blanks(dict[int, str]):
    """For str.translate: any blank is a space."""

    def __missing__(self, code: int) -> str:
        self[code] = " " if chr(code).isspace() else chr(code)
        return self[code]


class _Letters(dict[int, str | None]):
    """For str.translate: letters and digits as `_Fold` has them, nothing else."""

    def __missing__(self, code: int) -> str | None:
        self[code] = _FOLD[code] if chr(code).isalnum() else None
        return self[code]


_FOLD: Final = _Fold()
_BLANKS: Final = _Blanks()
_LETTERS: Final = _Letters()


def fold(text: str) -> str:
    """Without case and accents, one character for each, so that offsets stay."""
    return text.translate(_FOLD)


def letters(text: str) -> str:
    """The folded letters and digits alone."""
    return text.translate(_LETTERS)


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty and falsy if there is nothing to look for in `query`."""

    query: str
    case: bool = False
    words: bool = False
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _marked: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _letters: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        query = unicodedata.normalize("NFC", self.query[:LONGEST])
        text = query.translate(_BLANKS) if self.case else _MARKED.sub("", fold(query))
        chars = [re.escape(char) for char in text]
        edges = (r"(?<!\w)", r"(?!\w)") if self.words else ("", "")
        object.__setattr__(self, "_pattern", re.compile("".join(chars).join(edges)))
        object.__setattr__(self, "_marked", re.compile((_MARKS.join(chars) + _MARKS).join(edges)))
        object.__setattr__(self, "_letters", letters(text))

    def __bool__(self) -> bool:
        return bool(self.query)

    def narrows(self, before: Wanted) -> bool:
        """True if whatever has no match for `before` has none for this either."""
        if before.words or not before or self.case != before.case:
            return False
        if self.case:
            return before.query in self.query
        return fold(before.query) in fold(self.query)

    def find(self, plain: str) -> list[tuple[int, int]]:
        """Start and end of the matches in displayed text, from the left, without overlap."""
        if not self.query:
            return []
        text = plain.translate(_BLANKS) if self.case else fold(plain)
        pattern = self._pattern
        if not self.case and not plain.isascii() and _MARKED.search(plain):
            pattern = self._marked
        return [match.span() for match in pattern.finditer(text) if match.end() > match.start()]

    def maybe(self, source: str) -> bool:
        """False only if no text displayed of this Markdown can have a match."""
        if not self._letters or self._letters in letters(source):
            return True
        low = fold(source)
        return any(odd in low for odd in _ODD) or (not source.isascii() and bool(_HIDDEN.search(source)))
