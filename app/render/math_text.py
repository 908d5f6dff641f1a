r"""The part of the reader that knows words: \text and its kin, lengths, tags; and where the reader stands."""

from __future__ import annotations

import re
from typing import Final

from app.language import tr
from app.render import math_nodes as n
from app.render.math_nodes import FormulaError, Node, Row
from app.render.math_symbols import SPACES, SYMBOLS
from app.render.math_tokens import group_at

MOST_DEPTH: Final = 40
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*(em|ex|pt|mu|cm|mm|in|px)\s*")
_EM: Final = {
    "em": 1,
    "ex": 0.45,
    "pt": 0.1,
    "mu": 1 / 18,
    "cm": 2.845,
    "mm": 0.2845,
    "in": 7.227,
    "px": 0.075,
}
_WIDEST: Final = 20.0
_ESCAPED: Final = {"\\$": "$", "\\%": "%", "\\&": "&", "\\#": "#", "\\_": "_", "\\{": "{", "\\}": "}"}
_DASHES = ("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("`", "‘"), ("'", "’")


class Cursor:
    """Where a reader stands. `display`: the formula has a line of its own."""

    def __init__(self, tokens: list[str], display: bool, depth: int = 0) -> None:
        self.tokens, self.display, self.at, self.depth = tokens, display, 0, depth
        self.tag: Row = ()
        self.prepare()

    def prepare(self) -> None:
        """Called once."""

    def row(self, stops: set[str], font: str = "") -> Row:
        raise NotImplementedError

    def argument(self, font: str = "") -> Row:
        raise NotImplementedError

    def peek(self) -> str | None:
        """The next token that is no blank."""
        while self.at < len(self.tokens) and self.tokens[self.at] == " ":
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self) -> str:
        """Take the next token that is no blank."""
        token = self.peek()
        if token is None:
            raise FormulaError(tr("Something is missing at its end."))
        self.at += 1
        return token

    def expect(self, token: str) -> None:
        if self.peek() != token:
            raise FormulaError(tr("A brace is missing."))
        self.at += 1

    def enter(self) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise FormulaError(tr("It is nested too deeply."))

    def leave(self) -> None:
        self.depth -= 1

    def part(self, tokens: list[str], font: str = "") -> Row:
        """A part of the formula that was cut out of it, such as an optional argument."""
        reader = type(self)(tokens, self.display, self.depth)
        row = reader.row(set(), font)
        if reader.tag:
            raise FormulaError(tr("It has a \\tag where none can be."))
        return row


class TextReader(Cursor):
    """Words in a formula."""

    text_fonts: Final = {
        "\\text": "upright", "\\textrm": "upright", "\\textnormal": "upright", "\\mbox": "upright",
        "\\hbox": "upright", "\\textup": "upright", "\\textbf": "bold", "\\textit": "italic",
        "\\emph": "italic",
        "\\textsl": "italic", "\\textsf": "sans", "\\texttt": "mono",
    }  # fmt: skip

    def text_argument(self, font: str, math_spaces: bool = False) -> Row:
        """The words of a group; `$…$` in them is mathematics again."""
        tokens, self.at = group_at(self.tokens, self.at)
        return self._words(tokens, font, math_spaces)

    def _words(self, tokens: list[str], font: str, math_spaces: bool) -> Row:
        self.enter()
        items: list[Node] = []
        text = ""
        i = 0
        while i < len(tokens):
            token = tokens[i]
            i += 1
            plain = _plain_text(token, math_spaces)
            if plain is not None:
                text += plain
                continue
            if text:
                items.append(n.Words(_typographic(text), font))
                text = ""
            inner, i = self._inner(tokens, i - 1, font, math_spaces)
            items += inner
        if text:
            items.append(n.Words(_typographic(text), font))
        self.leave()
        return tuple(items)

    def _inner(self, tokens: list[str], i: int, font: str, math_spaces: bool) -> tuple[Row, int]:
        token = tokens[i]
        if token == "{":
            inner, i = group_at(tokens, i)
            return self._words(inner, font, math_spaces), i
        if token in {"$", "\\("}:
            closer = "$" if token == "$" else "\\)"
            if closer not in tokens[i + 1 :]:
                raise FormulaError(tr("A dollar in its text does not close."))
            end = tokens.index(closer, i + 1)
            return (n.Group((n.Style(-1), *self.part(tokens[i + 1 : end]))),), end + 1
        if token in self.text_fonts:
            inner, i = group_at(tokens, i + 1)
            return self._words(inner, self.text_fonts[token], math_spaces), i
        if token in SPACES:
            return (n.Space(SPACES[token]),), i + 1
        if token.startswith("\\") and token in SYMBOLS and SYMBOLS[token][1] in {"inner", "ord"}:
            return (n.Glyphs(SYMBOLS[token][0], "ord", "upright"),), i + 1
        raise FormulaError(tr("{token} is not known in its text.", token=token[:40]))

    def length(self, braces: bool) -> float:
        """A length in em. Raises FormulaError."""
        if braces:
            if self.peek() == "*":
                self.at += 1
            tokens, self.at = group_at(self.tokens, self.at)
            found = _LENGTH.fullmatch("".join(tokens))
        else:
            ahead = "".join(self.tokens[self.at : self.at + 20])
            found = _LENGTH.match(ahead)
            if found:
                taken = found.end()
                while taken > 0:
                    taken -= len(self.tokens[self.at])
                    self.at += 1
        if found is None or abs(width := float(found[1]) * _EM[found[2]]) > _WIDEST:
            raise FormulaError(tr("It has a length that is not known here."))
        return width

    def read_tag(self, _font: str) -> None:
        r"""\tag{…} waits in `tag` for the line that it belongs to."""
        star = self.peek() == "*"
        self.at += star
        words = self.text_argument("upright")
        if self.tag:
            raise FormulaError(tr("A line of it has two tags."))
        self.tag = words if star else (n.Words("("), *words, n.Words(")"))


def _plain_text(token: str, math_spaces: bool) -> str | None:
    if token == " ":
        return "" if math_spaces else " "
    if token in _ESCAPED:
        return _ESCAPED[token]
    if token == "\\ ":
        return " "
    if token == "~":
        return "\u00a0"
    if token in {"$", "{", "}", "&", "#", "^", "_", "%"} or token.startswith("\\"):
        return None
    return "−" if math_spaces and token == "−" else token


def _typographic(text: str) -> str:
    for plain, char in _DASHES:
        text = text.replace(plain, char)
    return text
