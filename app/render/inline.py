"""Inline Markdown to spans: emphasis, code, links. Only http, https and mailto become links."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from markdown_it.token import Token

from app.render.footnotes import REFERENCE
from app.render.math_find import INLINE
from app.render.parser import make_parser
from app.render.unseen import shown

_SAFE: Final = re.compile(r"(?:https?://[^/\\?#\s]|mailto:[^\s])[^\x00-\x20\x7f]*\Z", re.IGNORECASE)
_PARSER: Final = make_parser()
_MOST_BRACKETS: Final = 50
_BRACKET: Final = re.compile(r"[\[\]]")
_NO_STYLE: Final = (False, False, False, "")
_CHUNK: Final = 400  # characters
_BLANK: Final = re.compile(r"(?<=[^\s\\]) (?=\S)")
_UNSETTLED: Final = re.compile(r"[*_~`\[\]<>$\\]")
_STYLES: Final = {"strong": "bold", "em": "italic", "s": "strike"}


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style, or a formula; `href` is empty unless it is a safe link.

    A formula's `math` is its LaTeX without marks, and its `text` is its source with them: what to show where
    it can't be drawn, and to copy. `display`: it was meant to stand on a line of its own.
    `note`: the label of the footnote that is referred to. What a text would hide has a mark in `text`.
    """

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    href: str = ""
    math: str = ""
    display: bool = False
    note: str = ""


def is_safe_link(address: str) -> bool:
    """True for the only addresses this program opens."""
    return _SAFE.match(address) is not None


@lru_cache(maxsize=512)
def parse_inline(text: str) -> tuple[Span, ...]:
    """Spans of an inline Markdown text. About 1 ms for 1,000 characters; soft line breaks are kept."""
    if _is_deep(text):
        return plain_spans(text)
    spans: list[Span] = []
    open_styles: dict[str, int] = {"bold": 0, "italic": 0, "strike": 0}
    href = ""
    for token in _PARSER.parseInline(text)[0].children or []:
        name, _, way = token.type.rpartition("_")
        if name in _STYLES:
            open_styles[_STYLES[name]] += 1 if way == "open" else -1
        elif token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            href = address if is_safe_link(address) else ""
        elif token.type == "link_close":
            href = ""
        else:
            bold, italic, strike = (count > 0 for count in open_styles.values())
            spans += _spans(token, Span("", bold, italic, strike, href=href))
    return tuple(spans)


def _spans(token: Token, like: Span) -> list[Span]:
    """What one token shows, in the style of `like`."""
    if token.type == "image":
        return _image(token, like)
    hidden = token.type == "code_inline" or bool(like.href)
    text = "\n" if token.type in {"softbreak", "hardbreak"} else shown(token.content, hidden)
    if token.type == "code_inline":
        return [replace(like, text=text, code=True)]
    if token.type == INLINE:
        source = shown(token.info, code=True)
        return [replace(like, text=source, math=token.content, display=bool(token.meta["display"]))]
    if token.type == REFERENCE:
        return [replace(like, text=text, note=token.info)]
    if not text or (like.bold, like.italic, like.strike, like.href) != _NO_STYLE:
        return [replace(like, text=text)] if text else []
    return [Span(text)]


def _image(token: Token, like: Span) -> list[Span]:
    """Nothing is ever loaded: an image is its description and where it would be, if it can be as a link."""
    address, words = str(token.attrs.get("src", "")), shown(_words(token), code=True)
    if not is_safe_link(address):
        return [replace(like, text=f"{words} ({address})" if words and address else words or address)]
    place = replace(like, text=address, href=address)
    if not words:
        return [place]
    return [replace(like, text=words), replace(like, text=" ("), place, replace(like, text=")")]


def _words(token: Token) -> str:
    """An image's description without its marks."""
    if token.children:
        return "".join(map(_words, token.children))
    return "" if token.type == "image" else "\n" if token.type == "softbreak" else token.content


def _is_deep(text: str) -> bool:
    """Whether brackets stand in brackets beyond all sense: the parser would look at each again and again."""
    if text.count("[") <= _MOST_BRACKETS:
        return False
    depth = 0
    for found in _BRACKET.finditer(text):
        depth = depth + 1 if found[0] == "[" else max(0, depth - 1)
        if depth > _MOST_BRACKETS:
            return True
    return False


def plain_spans(text: str) -> tuple[Span, ...]:
    """A text without Markdown."""
    return (Span(shown(text)),)


def parse_growing(text: str) -> tuple[Span, ...]:
    """Spans of a text that is not at its end yet, with `settle` applied.

    What came before is not parsed again: it is taken in chunks in which all that was opened is closed: the
    next time finds them in parse_inline's cache.
    """
    spans: list[Span] = []
    start = end = 0
    while (end := _cut(text, end + _CHUNK)) > 0:
        found = parse_inline(text[start:end])
        if not any(_UNSETTLED.search(span.text) for span in found if not span.code and not span.math):
            spans += found
            start = end
    return (*spans, *parse_inline(settle(text[start:])))


def _cut(text: str, at: int) -> int:
    """The offset behind the first blank from `at` on that has text on both sides, or 0."""
    found = _BLANK.search(text, at)
    return found.end() if found is not None else 0


def settle(text: str) -> str:
    """Close emphasis and code that a growing text has opened, so that its marks don't flicker."""
    start = text.rfind("\n") + 1
    if text.count("`", start) % 2:
        return text + "`"
    if text.count("**", start) % 2 or text.endswith("*"):
        body = text.rstrip("*")
        if body.count("**", start) % 2:
            return body.rstrip(" ") + "**"
        # marks with nothing behind them yet are better not shown
        return body if text.count("**", start) % 2 else text
    return text


def plain_text(text: str) -> str:
    """What a reader sees of an inline Markdown text."""
    return "".join(span.text for span in parse_inline(text))
