"""Long contents go to the template process once, and come back as numbers.

A turn renders the whole conversation twice, and all but its last message is what it was the turn
before. So both sides keep the long contents of the last request by number: the client sends those
that are new, the process names those that stand in a rendered text as they are. What is rendered
is the same as if all were sent each time. Pure; one thread on each side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

#: Shorter ones are sent each time.
LEAST_CHARS = 1024
#: By so many characters a content is looked for; and so many places that begin like it are compared.
_BEGINNING, _MOST_PLACES = 64, 4


@dataclass(frozen=True)
class Content:
    """Content `number` belongs to a message of a set of variables; with its text where that is new."""

    variables: int
    message: int
    number: int
    text: str | None = None


@dataclass(frozen=True)
class Part:
    """A piece of a rendered text: `text`, and behind it the kept content `number` unless that is 0."""

    text: str
    number: int = 0


@dataclass(frozen=True)
class Text:
    """One rendered text."""

    parts: tuple[Part, ...]


class SentTexts:
    """The client's side."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: dict[int, str] = {}
        self._next = count(1)

    def take(
        self, variables: Sequence[Mapping[str, Any]]
    ) -> tuple[tuple[dict[str, Any], ...], tuple[Content, ...]]:
        """The variables without their long contents, and these; those of earlier requests are forgotten."""
        contents: list[Content] = []
        numbers: dict[str, int] = {}
        reduced = []
        for index, item in enumerate(variables):
            messages = list(item.get("messages", ()))
            for place, message in enumerate(messages):
                text = message.get("content")
                if isinstance(text, str) and len(text) >= LEAST_CHARS:
                    contents.append(self._content(index, place, text, numbers))
                    messages[place] = {**message, "content": ""}
            reduced.append({**item, "messages": messages} if messages else dict(item))
        self._numbers, self._texts = numbers, {number: text for text, number in numbers.items()}
        return tuple(reduced), tuple(contents)

    def _content(self, variables: int, message: int, text: str, numbers: dict[str, int]) -> Content:
        number = numbers.get(text) or self._numbers.get(text)
        known = number is not None
        number = number or next(self._next)
        numbers[text] = number
        return Content(variables, message, number, None if known else text)

    def size(self) -> int:
        """Characters of the contents of this request."""
        return sum(map(len, self._numbers))

    def whole(self, text: Text) -> str:
        """A rendered text. KeyError where it names what was not sent."""
        return "".join(
            piece
            for part in text.parts
            for piece in (part.text, stripped(self._texts[part.number]) if part.number else "")
        )


class KeptTexts:
    """The process's side."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def fill(self, variables: Sequence[dict[str, Any]], contents: Iterable[Content]) -> list[list[int]]:
        """Put the contents where they belong; the numbers of each set of variables, in order.

        Raises KeyError, IndexError, TypeError for contents that were never sent or belong nowhere.
        """
        texts: dict[int, str] = {}
        numbers: list[list[int]] = [[] for _ in variables]
        for content in contents:
            text = self._texts[content.number] if content.text is None else content.text
            texts[content.number] = self._texts[content.number] = text
            variables[content.variables]["messages"][content.message]["content"] = text
            numbers[content.variables].append(content.number)
        self._texts = texts
        return numbers

    def parts(self, rendered: str, numbers: Iterable[int]) -> Text:
        """The rendered text with the contents `numbers` that stand in it, in this order, as numbers."""
        parts: list[Part] = []
        at = 0
        for number in numbers:
            content = stripped(self._texts[number])
            place = _find(content, rendered, at) if content else -1
            if place >= 0:
                parts.append(Part(rendered[at:place], number))
                at = place + len(content)
        return Text((*parts, Part(rendered[at:])))


def stripped(content: str) -> str:
    """A content as it stands in most prompts: templates trim it."""
    return content.strip()


def _find(content: str, text: str, start: int) -> int:
    """Where `content` stands in `text`, -1 where it does not or others begin too much like it."""
    beginning = content[:_BEGINNING]
    for _place in range(_MOST_PLACES):
        start = text.find(beginning, start)
        if start < 0 or text.startswith(content, start):
            return start
        start += 1
    return -1
