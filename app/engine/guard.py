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
from collections.abc import Iterable, Mapping
from itertools import chain, pairwise
from typing import Any

from app.errors import RequestError

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


class Cover:
    """Stand-ins for one request: content goes in with `text`, comes out with `lift`.

    Punctuation of special tokens is replaced everywhere. Their letters are replaced near the
    ends of a content, where the template's own `<` and `>` may stand beside it (`<` ~ name ~ `>`);
    the middle of a long document keeps them, so that it does not treble in size.
    """

    def __init__(self, table: Mapping[int, int], marks: Iterable[str], reach: int) -> None:
        self._table, self._reach = table, reach
        self._marks = {ord(char): table[ord(char)] for char in marks}
        self._back = {stand_in: char for char, stand_in in table.items()}

    def text(self, text: str) -> str:
        """`text` with stand-ins, of the same length."""
        head = len(text) - len(text.lstrip()) + self._reach
        tail = len(text.rstrip()) - self._reach
        if tail <= head:
            return text.translate(self._table)
        ends = text[:head].translate(self._table), text[tail:].translate(self._table)
        return text[head:tail].translate(self._marks).join(ends)

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
        return text.translate(self._back)


class ContentGuard:
    """Finds the places where content would become a special token of one vocabulary."""

    def __init__(self, specials: Iterable[str]) -> None:
        words = sorted(set(specials))
        self._pattern = re.compile(f"(?=({_trie_pattern(words)}))") if words else None
        self._reach = max(map(len, words), default=0)
        self._marks = sorted({char for word in words for char in _marking(word)})
        self._alphabet = sorted({*"".join(words)} - _KEPT | {*self._marks})

    def spells_special(self, texts: Iterable[str]) -> bool:
        """Whether any of `texts` contains a special token's text."""
        pattern = self._pattern
        return pattern is not None and any(pattern.search(text) for text in texts)

    def cover(self, texts: Iterable[str]) -> Cover:
        """Stand-ins that none of `texts` (contents, and the template's own) uses.

        Raises RequestError for contents that leave no private-use character free.
        """
        used = {ord(char) for text in texts for char in set(text) if char >= "\ue000"}
        free = (code for code in chain(*_PRIVATE) if code not in used)
        table = {ord(char): stand_in for char, stand_in in zip(self._alphabet, free, strict=False)}
        if len(table) < len(self._alphabet):
            raise RequestError("The text uses every private character of Unicode.", "Send less of it.")
        return Cover(table, self._marks, self._reach)

    def cuts(self, text: str, covered: str) -> list[int]:
        """Offsets at which `text` is to be cut so that content spells no special token.

        Args:
            text: the rendered prompt.
            covered: the same prompt with stand-ins where a character came from content.
        """
        cuts: set[int] = set()
        pending = [(0, len(text))]
        while pending and self._pattern is not None:
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
        assert self._pattern is not None
        found: list[int] = []
        # Slicing, since a lookahead does not stop at `endpos`.
        piece = text[start:end]
        for match in self._pattern.finditer(piece):
            first = start + match.start()
            last = first + len(match.group(1))
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


def _trie_pattern(words: list[str]) -> str:
    """A regular expression that matches the longest of `words`, shared prefixes factored out."""
    trie: dict[str, Any] = {}
    for word in words:
        node = trie
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}
    return _node_pattern(trie)


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
