"""Which commands a few letters mean, the best first. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from ui.palette.values import Command, Match

MOST: Final = 100  # rows
_LONGEST: Final = 200  # characters of a query that count
#: What each way to be found counts, of all words together.
_WHOLE, _START, _WORD, _INITIALS, _WITHIN, _OTHER, _LOOSE = 1000, 800, 600, 500, 400, 250, 100
_RECENT: Final = 60  # for the one that was used last, less for those before
_WORDS: Final = re.compile(r"\w+")


def rank(query: str, commands: Iterable[Command], recent: Sequence[str] = ()) -> list[Match]:
    """What fits the query, the best first, at most MOST; with an empty one the recent ones before the others.

    `recent` are ids, the last one first. What is equally good stays in its order.
    """
    asked = _folded(query[:_LONGEST]).split()
    places = {one: place for place, one in enumerate(recent)}
    found: list[tuple[float, int, Match]] = []
    for number, command in enumerate(commands):
        fit = _fit(asked, command) if command.enabled else None
        if fit is None:
            continue
        score, marks = fit
        if command.id in places:
            score += _RECENT / (1 + places[command.id]) if asked else len(places) - places[command.id]
        found.append((-score, number, Match(command, marks)))
    found.sort(key=lambda one: one[:2])
    matches = [match for _score, _number, match in found]
    behind = [match for match in matches if match.command.last]
    return [match for match in matches if not match.command.last][: MOST - len(behind)] + behind


def _fit(asked: list[str], command: Command) -> tuple[float, tuple[int, ...]] | None:
    """How well it fits, and where; None if it does not."""
    if not asked or command.last:
        return -1.0 if command.last else 0.0, ()
    words = _folded(command.words)
    whole = " ".join(asked)
    place = words.find(whole)
    if place >= 0:
        score = _WHOLE if words == whole else _START if not place else _WITHIN
        if place and _begins_word(words, place):
            score = _WORD
        return score + _share(whole, words), tuple(range(place, place + len(whole)))
    initials = _initials("".join(asked), words)
    if initials is not None:
        return _INITIALS + _share(whole, words), initials
    return _each(asked, words, command)


def _folded(text: str) -> str:
    """Without case, one character for each, so that places stay."""
    return "".join(low if len(low := one.casefold()) == 1 else one for one in text)


def _each(asked: list[str], words: str, command: Command) -> tuple[float, tuple[int, ...]] | None:
    """Each word for itself; the worst one decides."""
    marks: set[int] = set()
    worst: float = _WORD
    for word in asked:
        place = _place(word, words)
        if place >= 0:
            worst = min(worst, _WORD if _begins_word(words, place) else _WITHIN)
            marks.update(range(place, place + len(word)))
        elif word in command.sought.casefold() or word in command.group.casefold():
            worst = min(worst, _OTHER)
        elif command.loose and (run := _following(word, words)):
            worst = min(worst, _LOOSE - (run[-1] - run[0] - len(run)))
            marks.update(run)
        else:
            return None
    return worst - 1 + _share("".join(asked), words), tuple(sorted(marks))


def _share(asked: str, words: str) -> float:
    """Of two that fit alike the shorter one is meant."""
    return 40 * min(1.0, len(asked) / max(1, len(words)))


def _begins_word(words: str, place: int) -> bool:
    return not place or not words[place - 1].isalnum()


def _place(word: str, words: str) -> int:
    """Where it stands, at the beginning of a word if anywhere; -1 for nowhere."""
    first = at = words.find(word)
    while at >= 0:
        if _begins_word(words, at):
            return at
        at = words.find(word, at + 1)
    return first


def _initials(asked: str, words: str) -> tuple[int, ...] | None:
    """The places of words that begin with these letters in turn."""
    if len(asked) < 2:
        return None
    places, left = [], asked
    for match in _WORDS.finditer(words):
        if left and match.group()[0] == left[0]:
            places.append(match.start())
            left = left[1:]
    return None if left else tuple(places)


def _following(word: str, words: str) -> tuple[int, ...]:
    """Places of its letters one behind the other, close together; empty for none."""
    if len(word) < 3:
        return ()
    places: list[int] = []
    at = -1
    for letter in word:
        at = words.find(letter, at + 1)
        if at < 0:
            return ()
        places.append(at)
    return tuple(places) if places[-1] - places[0] <= 3 * len(word) else ()
