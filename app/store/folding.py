"""Words as a search knows them: without case, accents and width, CJK by the character.

Index, query and highlighting all use this, so that they never disagree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

#: Marks that a search ignores: Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowels.
_IGNORED: tuple[tuple[int, int], ...] = (
    (0x0300, 0x036F),
    (0x0591, 0x05BD),
    (0x05BF, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
)
_IGNORED += ((0x0670, 0x0670), (0x06D6, 0x06ED), (0xFE00, 0xFE0F))

#: A character that is a word of its own, in scripts without spaces: the first part of a Hangul
#: syllable, CJK radicals, kana and ideographs; what stands behind it belongs to it.
_ALONE = "\u1100-\u115f\u2e80-\u2fdf\u3005-\u3007\u3021-\u3098\u309b-\u312f\u31a0-\u9fff\uf900-\ufaff"
_ALONE += "\U00020000-\U0003ffff"
_BEHIND = "\u1160-\u11ff\u3099\u309a"
_WORD = re.compile(
    f"[{_ALONE}][{_BEHIND}]*|[a-z0-9\u0080-\u10ff\u1160-\u2e7f\ua000-\uf8ff\ufb00-\U0001ffff]+"
)
_ASCII_WORD = re.compile("[a-z0-9]+")


class _Table(dict[int, str]):
    """What each character becomes; worked out once for each."""

    def __missing__(self, code: int) -> str:
        folded = "".join(map(_kept, _plain(chr(code))))
        # A character may not vanish into nothing between two words unless it is a mark.
        self[code] = folded
        return folded


def _plain(character: str) -> str:
    """Compatible form, lower case, decomposed."""
    plain = unicodedata.normalize("NFKD", character).casefold()
    return unicodedata.normalize("NFKD", plain)


def _kept(character: str) -> str:
    """The character, nothing for a mark that is ignored, a space for what is in no word."""
    code = ord(character)
    if code < 128:
        return character
    if any(low <= code <= high for low, high in _IGNORED):
        return ""
    return character if unicodedata.category(character)[0] in "LNM" else " "


_TABLE = _Table()


@dataclass(frozen=True)
class Word:
    """A folded word and where it stands in the folded text."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """The text in lower case and without accents; line breaks stay where they are."""
    return text.lower() if text.isascii() else text.translate(_TABLE)


def words(folded: str) -> Iterator[Word]:
    """The words of a text that was folded."""
    pattern = _ASCII_WORD if folded.isascii() else _WORD
    for found in pattern.finditer(folded):
        yield Word(found.group(), found.start(), found.end())


def indexed(text: str) -> str:
    """What the index gets: folded words with spaces between."""
    if text.isascii():
        return text.lower()
    return " ".join(_WORD.findall(text.translate(_TABLE)))


def origins(text: str) -> list[int] | None:
    """For each place in the folded text, the place in the text; None where they are the same."""
    if text.isascii():
        return None
    places: list[int] = []
    for place, character in enumerate(text):
        places.extend([place] * len(_TABLE[ord(character)]))
    places.append(len(text))
    return places
