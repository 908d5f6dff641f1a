"""Keeps content from forging control tokens.

llama.cpp turns every text that spells a control token into that token, wherever it comes from,
and USER_DEFINED tokens even with `parse_special=False`. So a document that contains
`<|im_end|>` could close the user's turn. Here provenance is carried through the template: the
characters that special tokens are made of are replaced in the content by private-use stand-ins,
one for one, before the template is rendered. In the rendered text a stand-in then tells content
from template, character by character, and special tokens that content takes part in are cut in
two before tokenizing. Pure; no llama.cpp in here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import chain, pairwise
from typing import Any

from app.errors import RequestError
from app.language import tr

#: Private-use characters; those of the first plane are half as long on the wire.
_PRIVATE = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))

#: Keys by which templates look into tools and calls, and the values of `type`: JSON Schema's
#: own words are structure, not content. Names of properties and arguments are content.
# fmt: off
_STRUCTURE = frozenset((
    "$defs", "$ref", "additionalProperties", "allOf", "anyOf", "arguments", "const", "default",
    "definitions", "description", "enum", "examples", "format", "function", "id", "items", "maximum",
    "minimum", "name", "nullable", "oneOf", "parameters", "properties", "required", "return", "strict",
    "title", "tool_call_id", "type",
))
# fmt: on
_TYPES = frozenset(("array", "boolean", "function", "integer", "null", "number", "object", "string"))
_HOLDS_NAMES = ("properties", "arguments", "$defs", "definitions")


#: The end of a document is looked for in so many of its last characters: a line with a file's name.
_DOCUMENT_REACH = 400


class Cover:
    """Stand-ins for one request: content goes in with `text`, comes out with `lift`.

    Punctuation of special tokens is replaced everywhere. Their letters are replaced near the
    ends of a content, where the template's own `<` and `>` may stand beside it (`<` ~ name ~ `>`);
    the middle of a long document keeps them, so that it does not treble in size.
    """

    def __init__(
        self, table: Mapping[int, int], marks: Iterable[str], reach: int, spare: Iterator[int]
    ) -> None:
        self._table, self._reach, self._spare = table, reach, spare
        self._marks = {char: chr(table[ord(char)]) for char in marks}
        self._letters = {chr(stand_in): chr(char) for char, stand_in in table.items()}
        for stand_in in self._marks.values():
            del self._letters[stand_in]
        self._spots: dict[str, tuple[str, str]] = {}

    def text(self, text: str, reach: int = 0) -> str:
        """`text` with stand-ins, of the same length; `reach`: how near the ends letters are replaced."""
        reach = max(reach, self._reach)
        head = len(text) - len(text.lstrip()) + reach
        tail = len(text.rstrip()) - reach
        if tail <= head:
            return text.translate(self._table)
        ends = text[:head].translate(self._table), text[tail:].translate(self._table)
        middle = text[head:tail]
        # Ten times as fast as translate() on a long text.
        for char, stand_in in self._marks.items():
            middle = middle.replace(char, stand_in)
        return middle.join(ends)

    def document(self, text: str) -> str:
        """`text` with stand-ins, one of them its own: `ends` finds the end of this document by it."""
        covered = self.text(text, _DOCUMENT_REACH)
        first = max(0, len(text.rstrip()) - _DOCUMENT_REACH)
        at = next((i for i in range(len(text) - 1, first - 1, -1) if covered[i] != text[i]), None)
        spot = next(self._spare, None)
        if at is None or spot is None:
            return covered
        self._spots[chr(spot)] = text[at], text[at + 1 :]
        return covered[:at] + chr(spot) + covered[at + 1 :]

    def ends(self, bare: str, covered: str) -> list[int]:
        """Offsets behind the documents, of those that are in the rendered text once and whole at their end.

        Args:
            bare: the rendered text.
            covered: the same with stand-ins.
        """
        found = set()
        for spot, (_char, rest) in self._spots.items():
            behind = covered.find(spot) + 1
            if behind and covered.find(spot, behind) < 0 and bare.startswith(rest, behind):
                found.add(behind + len(rest))
        return sorted(found)

    def structured(self, value: Any, *, names: bool = False) -> Any:
        """A tool or a call with all its strings covered but JSON Schema's own words.

        Args:
            names: the keys of this mapping are names that somebody chose.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.structured(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        covered = {}
        for key, item in value.items():
            own = key in _STRUCTURE and not names
            plain = own and key == "type" and isinstance(item, str) and item in _TYPES
            inner = item if plain else self.structured(item, names=own and key in _HOLDS_NAMES)
            covered[key if own else self.text(key)] = inner
        return covered

    def lift(self, text: str) -> str:
        """A rendered text without stand-ins."""
        marks = {stand_in: char for char, stand_in in self._marks.items()}
        # One by one: a search for one character is by far the fastest that there is.
        for stand_in, char in (marks | self._letters).items():
            text = text.replace(stand_in, char)
        for spot, (char, _rest) in self._spots.items():
            text = text.replace(spot, char)
        return text


class ContentGuard:
    """Finds the places where content would become a special token of one vocabulary."""

    def __init__(self, specials: Iterable[str]) -> None:
        words = sorted(set(specials))
        self._patterns = _patterns(words)
        self._reach = max(map(len, words), default=0)
        self._marks = sorted({char for word in words for char in _marking(word)})
        self._alphabet = sorted({*"".join(words)} - _KEPT | {*self._marks})

    def spells_special(self, texts: Iterable[str]) -> bool:
        """Whether any of `texts` contains a special token's text."""
        return any(True for text in texts for _ in self.find(text))

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """(start, end) of the special tokens in `text`, the longest at each start, overlapping ones too."""
        found = [_spans(pattern, text) for pattern in self._patterns]
        return merge(*found) if len(found) > 1 else iter(found[0] if found else ())

    def cover(self, texts: Iterable[str]) -> Cover:
        """Stand-ins that none of `texts` (contents, and the template's own) uses.

        Raises RequestError for contents that leave no private-use character free.
        """
        used = {ord(char) for text in texts if not text.isascii() for char in {*text} if char >= "\ue000"}
        free = (code for code in chain(*_PRIVATE) if code not in used)
        table = {ord(char): stand_in for char, stand_in in zip(self._alphabet, free, strict=False)}
        if len(table) < len(self._alphabet):
            raise RequestError(
                tr("The text uses every private character of Unicode."), tr("Send less of it.")
            )
        return Cover(table, self._marks, self._reach, free)

    def cuts(self, text: str, covered: str, at: Sequence[int] = ()) -> list[int]:
        """Offsets at which `text` is to be cut so that content spells no special token.

        Args:
            text: the rendered prompt.
            covered: the same prompt with stand-ins where a character came from content.
            at: offsets, rising, at which it is cut anyway.
        """
        cuts: set[int] = set()
        pending = list(pairwise([0, *at, len(text)]))
        while pending:
            again: list[tuple[int, int]] = []
            for start, end in pending:
                found = self._cuts_within(text, covered, start, end)
                if found:
                    cuts.update(found)
                    edges = [start, *found, end]
                    again += pairwise(edges)
            # A shorter special token can appear inside a piece once the longer one is cut.
            pending = again
        return sorted(cuts)

    def _cuts_within(self, text: str, covered: str, start: int, end: int) -> list[int]:
        found: list[int] = []
        # Slicing, since a lookahead does not stop at `endpos`.
        for begin, stop in self.find(text[start:end]):
            first, last = start + begin, start + stop
            if text[first:last] == covered[first:last] or (found and first < found[-1] < last):
                continue
            content = next(i for i in range(first, last) if text[i] != covered[i])
            cut = content if content > first else first + 1
            if not found or cut > found[-1]:
                found.append(cut)
        return found


def strings_in(value: Any) -> Iterable[str]:
    """Every string inside `value`, keys of mappings too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from strings_in(key)
            yield from strings_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings_in(item)


def clean(value: Any) -> Any:
    """`value` with lone surrogates replaced in all its strings: they have no UTF-8 form."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


#: Not replaced: white space is trimmed by templates, quotes are escaped by JSON.
_KEPT = frozenset(' \t\r\n"\\')


def _marking(word: str) -> set[str]:
    """The characters of `word` that are replaced everywhere: its punctuation, else its first letter."""
    return {char for char in word if not char.isalnum() and char not in _KEPT} or {word[0]}


#: Distinct first characters up to which each is searched for alone: a search for one character
#: runs ten times as fast as one for several.
_ALONE = 8


def _patterns(words: list[str]) -> list[re.Pattern[str]]:
    """Regular expressions that match the first characters of `words`, with a group for the rest.

    The rest is the longest that makes a word, shared prefixes factored out.
    """
    trie: dict[str, Any] = {}
    for word in words:
        node = trie
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}
    if len(trie) > _ALONE:
        return [re.compile(f"(?=({_node_pattern(trie)}))")]
    return [re.compile(f"{re.escape(char)}(?=({_node_pattern(node)}))") for char, node in trie.items()]


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    return ((found.start(), found.end(1)) for found in pattern.finditer(text))


def _node_pattern(node: dict[str, Any]) -> str:
    # Runs without a fork are written out here, so that recursion is as deep as the forks are.
    run = ""
    while len(node) == 1 and "" not in node:
        char, node = next(iter(node.items()))
        run += re.escape(char)
    branches = [re.escape(char) + _node_pattern(child) for char, child in node.items() if char]
    if not branches:
        return run
    return f"{run}(?:{'|'.join(branches)}){'?' if '' in node else ''}"
