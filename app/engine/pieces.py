"""Cuts a long text where its tokens can be made piece by piece, with the ids of the whole.

One call of llama.cpp for megabytes takes seconds, hundreds of megabytes, and can't be stopped.
A text can be cut between two characters if no token holds both, and if the tokenizer's rules for
words part them whatever stands around. Both are found out for one vocabulary: the first by looking
at all tokens, the second by tokenizing samples whole and cut. Where neither kind of cut holds, a
text stays whole. Of the places within reach that one is taken whose next words have the lowest checksum,
so that the same text behind another beginning soon falls into the same pieces. Pure; no llama.cpp
in here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from zlib import crc32

#: Longer texts are cut, into pieces of at least so many characters.
LONG = 65_536
#: Without a place to cut at within so many characters more, a piece runs on.
_REACH = 16_384
#: So many characters behind a place tell it from others.
_TELLING = 24

_LEFT = ("word", "word.", "Zq7", "(a)", "x-", "é", "中", "\u201cq\u201d", "it's", "12")
_RIGHT = ("Word", "word", "A", "z1", "Élan", "then, it", "Q")


@dataclass(frozen=True)
class Cut:
    """One kind of place: where `pattern` matches, the text is cut so many characters behind its start.

    Attributes:
        between: what stands there in the samples, before and behind the cut.
        forbidden: what no token's text may match.
    """

    pattern: re.Pattern[str]
    offset: int
    between: tuple[str, str]
    forbidden: re.Pattern[str]


CUTS = (
    # Behind a lone line break, before a word: most tokenizers join line breaks to what is before them.
    Cut(re.compile(r"(?<=\S)\n(?=[A-Za-z])"), 1, ("\n", ""), re.compile(r"\n[A-Za-z]")),
    # Before the lone space of a word: most tokenizers join it to the word.
    Cut(re.compile(r"(?<=[A-Za-z]) (?=[A-Za-z])"), 0, ("", " "), re.compile(r"[A-Za-z][ \u2581\u0120]")),
)


class TextCutter:
    """Cuts for one vocabulary.

    Args:
        whole: ids of a text at the beginning; `continued`: of one behind other text.
        texts: all of the vocabulary's tokens as texts; asked for once, at the first long text.
    """

    def __init__(
        self,
        whole: Callable[[str], list[int]],
        continued: Callable[[str], list[int]],
        texts: Callable[[], Iterable[str]],
    ) -> None:
        self._whole, self._continued, self._texts = whole, continued, texts
        self._cuts: list[Cut] | None = None

    def pieces(self, text: str) -> Iterator[str]:
        """`text` in pieces; all of it in one where it is short or cannot be cut."""
        start = 0
        while len(text) - start > LONG:
            end = self._next(text, start + LONG)
            if end < 0:
                break
            yield text[start:end]
            start = end
        yield text[start:]

    def _next(self, text: str, start: int) -> int:
        """Where to cut from `start` on, -1 for nowhere."""
        while start < len(text):
            for cut in self.cuts:
                found = cut.pattern.finditer(text, start, start + _REACH)
                places = (match.start() + cut.offset for match in found)
                best = min(((_checksum(text, place), place) for place in places), default=None)
                if best is not None:
                    return best[1]
            start += _REACH
        return -1

    @property
    def cuts(self) -> list[Cut]:
        """The kinds of places at which this vocabulary parts a text."""
        if self._cuts is None:
            tokens = list(self._texts())
            self._cuts = [cut for cut in CUTS if self._parts(cut, tokens)]
        return self._cuts

    def _parts(self, cut: Cut, tokens: Iterable[str]) -> bool:
        before, behind = cut.between
        samples = product(_LEFT, _RIGHT)
        return not any(cut.forbidden.search(token) for token in tokens) and all(
            self._whole(left + before + behind + right)
            == self._whole(left + before) + self._continued(behind + right)
            for left, right in samples
            if cut.pattern.search(left + before + behind + right)
        )


def _checksum(text: str, place: int) -> int:
    return crc32(text[place : place + _TELLING].encode("utf-8", "replace"))
