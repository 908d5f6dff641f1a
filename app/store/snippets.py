"""A piece of one line around what a search found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.store.folding import Word, fold, origins, words

_LENGTH = 120
_BEFORE = 40
_CUT = "…"

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Term:
    """Folded words that stand one behind the other; the last may be a beginning only."""

    words: tuple[str, ...]
    open_ended: bool = False


def cut(text: str, terms: Sequence[Term]) -> tuple[str, Spans]:
    """About 120 characters of the first line with a match, and where the matches are in them."""
    lines, folded = text.split("\n"), fold(text).split("\n")
    for wanted in (terms, [Term((word,)) for term in terms for word in term.words]):
        for line, plain in zip(lines, folded, strict=True):
            if any(term.words[0] in plain for term in wanted) and (spans := _spans(line, plain, wanted)):
                return _window(line, spans)
    first = next((line for line in lines if line.strip()), "")
    return _window(first, ())


def _spans(line: str, folded: str, terms: Sequence[Term]) -> Spans:
    """Start and end of each match in the line, in order and apart."""
    found = list(words(folded))
    places = origins(line)
    spans = sorted(
        (start, end) if places is None else (places[start], places[end - 1] + 1)
        for term in terms
        for start, end in _matches(found, term)
    )
    apart: list[tuple[int, int]] = []
    for start, end in spans:
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return tuple(apart)


def _matches(found: Sequence[Word], term: Term) -> list[tuple[int, int]]:
    """Where a term stands among the words of a folded line."""
    *whole, last = term.words
    count = len(term.words)
    spans = []
    for at in range(len(found) - count + 1):
        end = found[at + count - 1]
        if any(found[at + place].text != word for place, word in enumerate(whole)):
            continue
        if term.open_ended and end.text.startswith(last):
            spans.append((found[at].start, end.start + len(last)))
        elif end.text == last:
            spans.append((found[at].start, end.end))
    return spans


def _window(line: str, spans: Spans) -> tuple[str, Spans]:
    """The piece of the line around the first match, with the matches that are wholly inside."""
    start, end = 0, min(len(line), _LENGTH)
    if len(line) > _LENGTH and spans:
        start = max(0, min(spans[0][0] - _BEFORE, len(line) - _LENGTH))
        if start:
            space = line.find(" ", start, spans[0][0])
            start = start if space < 0 else space + 1
        end = min(len(line), max(start + _LENGTH, min(spans[0][1], start + 2 * _LENGTH)))
    before = _CUT if start else ""
    shift = len(before) - start
    if end < len(line):
        end = max(start + len(line[start:end].rstrip()), spans[0][1] if spans and spans[0][1] <= end else 0)
    piece = before + line[start:end] + (_CUT if end < len(line) else "")
    inside = tuple((a + shift, b + shift) for a, b in spans if a >= start and b <= end)
    return "".join(" " if ord(one) < 32 or one in "\u2028\u2029\x85" else one for one in piece), inside
