r"""Reads LaTeX into what a formula is made of (app.render.math_nodes).

Only what is known to be set right is read; the rest is refused with a reason, never guessed: an unknown
command, a missing brace, a column outside of an array. Macros that it defines itself are expanded before.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Final

from app.language import tr
from app.render import math_nodes as n
from app.render import math_symbols as known
from app.render.math_arrays import ArrayReader
from app.render.math_nodes import FormulaError, Node, Row
from app.render.math_text import TextReader
from app.render.math_tokens import bracket_at, group_at, tokens_of

_LEVELS: Final = {"\\displaystyle": 0, "\\textstyle": 1, "\\scriptstyle": 2, "\\scriptscriptstyle": 3}
_INFIX: Final = {
    "\\over": (True, "", ""), "\\choose": (False, "(", ")"), "\\atop": (False, "", ""),
    "\\brace": (False, "{", "}"), "\\brack": (False, "[", "]"),
}  # fmt: skip
_FRACTIONS: Final = {
    "\\frac": (True, "", "", -1), "\\dfrac": (True, "", "", 0), "\\tfrac": (True, "", "", 1),
    "\\cfrac": (True, "", "", 0), "\\binom": (False, "(", ")", -1), "\\dbinom": (False, "(", ")", 0),
    "\\tbinom": (False, "(", ")", 1),
}  # fmt: skip
_CLASSES: Final = {
    "\\mathop": "op", "\\mathbin": "bin", "\\mathrel": "rel", "\\mathopen": "open", "\\mathclose": "close",
    "\\mathpunct": "punct", "\\mathord": "ord", "\\mathinner": "inner",
}  # fmt: skip
_FRAMES: Final = {
    "\\boxed": "box", "\\fbox": "box", "\\cancel": "cancel", "\\bcancel": "bcancel", "\\xcancel": "xcancel",
}  # fmt: skip
_PHANTOMS: Final = {
    "\\phantom": (True, True, False, 0.0), "\\hphantom": (True, False, False, 0.0),
    "\\vphantom": (False, True, False, 0.0), "\\smash": (True, False, True, 0.0),
    "\\mathrlap": (False, True, True, 0.0), "\\mathllap": (False, True, True, 1.0),
    "\\mathclap": (False, True, True, 0.5), "\\rlap": (False, True, True, 0.0),
    "\\llap": (False, True, True, 1.0),
}  # fmt: skip
#: Between ⋯ and … the next item decides, as amsmath does it.
_CENTRED: Final = frozenset("+-=<>*") | {
    "\\" + w
    for w in known.words("times cdot le leq ge geq ne neq equiv cup cap to in subset subseteq pm vee sim")
}
#: What changes nothing here: numbers of equations, and sizes of letters.
_DROPPED: Final = frozenset(
    "\\" + w
    for w in known.words(
        "nonumber notag limits nolimits displaylimits normalsize small large Large LARGE huge Huge "
        "footnotesize"
    )
)


def read_formula(source: str, display: bool) -> Row:
    """The items of a formula. Raises FormulaError with a reason that a person understands."""
    try:
        return Reader(tokens_of(source), display).whole()
    except RecursionError:
        raise FormulaError(tr("It is nested too deeply.")) from None


class Reader(ArrayReader, TextReader):
    """One use. Rows are read up to a token that ends them."""

    def whole(self) -> Row:
        """The whole formula; several lines and a tag become an array."""
        lines: list[n.Cells] = []
        while True:
            row = self.row({"\\\\", "\\newline"})
            tag, self.tag = self.tag, ()
            if row or tag:
                lines.append(n.Cells((row,), gap=self.gap_behind(), tag=tag))
            if self.peek() is None:
                break
            self.at += 1
        if not lines or not any(line.cells[0] for line in lines):
            raise FormulaError(tr("It is empty."))
        if len(lines) == 1 and not lines[0].tag:
            return lines[0].cells[0]
        return (n.Array(tuple(lines), "l", (0.0, 0.0), style=0, jot=0.3),)

    def row(self, stops: set[str], font: str = "") -> Row:
        """Items up to one of `stops`, which stays, or to the end."""
        self.enter()
        items: list[Node] = []
        while (token := self.peek()) is not None and token not in stops:
            if token in _INFIX:
                self.at += 1
                rule, left, right = _INFIX[token]
                items = [n.Fraction(tuple(items), self.row(stops, font), rule, left, right)]
            elif token in known.SWITCHES:
                self.at += 1
                font = known.SWITCHES[token]
            elif token in _LEVELS:
                self.at += 1
                items.append(n.Style(_LEVELS[token]))
            else:
                items += self._item_with_scripts(font)
        self.leave()
        return tuple(items)

    def argument(self, font: str = "") -> Row:
        """A group, or one item without scripts."""
        token = self.peek()
        if token is None or token in {"}", "&", "\\\\", "^", "_", "\\right", "\\end", "\\middle"}:
            raise FormulaError(tr("Something is missing in it."))
        if token != "{":
            self.enter()
            node = self.item(font)
            self.leave()
            return (node,) if node is not None else ()
        self.at += 1
        row = self.row({"}"}, font)
        self.expect("}")
        return row

    def _item_with_scripts(self, font: str) -> list[Node]:
        nucleus = self.item(font) if self.peek() not in {"^", "_", "'", "’"} else n.Group(())
        if nucleus is None:
            return []
        if isinstance(nucleus, n.Space):
            return [nucleus]
        sub: Row | None = None
        sup: Row | None = None
        primes: Row = ()
        limits: bool | None = None
        while (token := self.peek()) in {"^", "_", "'", "’", "\\limits", "\\nolimits", "\\displaylimits"}:
            self.at += 1
            if token in {"'", "’"}:
                primes = (*primes, n.Glyphs("′"))
            elif token == "^":
                if sup is not None:
                    raise FormulaError(tr("It has two exponents at one place."))
                sup = self.argument(font)
            elif token == "_":
                if sub is not None:
                    raise FormulaError(tr("It has two indices at one place."))
                sub = self.argument(font)
            else:
                limits = {"\\limits": True, "\\nolimits": False}.get(token or "")
        if primes:
            sup = (*primes, *(sup or ()))
        if sub is None and sup is None:
            return [nucleus]
        return [n.Scripts(nucleus, sub, sup, limits)]

    def item(self, font: str) -> Node | None:
        """The next item; None for what draws nothing, such as a label."""
        token = self.next()
        if token == "{":
            row = self.row({"}"}, font)
            self.expect("}")
            return n.Group(row)
        if token.startswith("\\"):
            return self._command(token, font)
        if token in known.CHARACTERS:
            char, kind = known.CHARACTERS[token]
            return n.Space(0.25) if token == "~" else n.Glyphs(char, kind, font)
        if token in {"}", "&", "#", "$"}:
            raise FormulaError(tr("There is a {token} where none can be.", token=token))
        return n.Glyphs(token, "ord", font)

    def _command(self, token: str, font: str) -> Node | None:
        if token in known.SPACES:
            return n.Space(known.SPACES[token])
        if token in {"\\implies", "\\impliedby", "\\iff"}:
            gap = n.Space(5 / 18)
            return n.Group((gap, n.Glyphs(known.SYMBOLS[token][0], "rel"), gap), "rel")
        if token == "\\dots":
            return n.Glyphs("⋯" if self.peek() in _CENTRED else "…", "inner")
        if token in known.SYMBOLS:
            char, kind = known.SYMBOLS[token]
            return n.Glyphs(char, kind, font)
        if token in known.OPERATORS:
            name, below = known.OPERATORS[token]
            return n.Words(name, kind="op" if below else "func")
        if token in known.FONTS:
            return self._lettered(known.FONTS[token])
        for table, make in self._tables:
            if token in table:
                return make(token, font)
        if token[:-1] in known.BIG and token[-1] in "lrm":
            return self._big(token[:-1], {"l": "open", "r": "close", "m": "rel"}[token[-1]])
        handler = self._handlers.get(token)
        if handler is None:
            raise FormulaError(tr("{token} is not known here.", token=token[:40]))
        return handler(font)

    def _lettered(self, font: str) -> Node:
        row = self.argument(font)
        return row[0] if len(row) == 1 and isinstance(row[0], n.Glyphs) else n.Group(row)

    def _fraction(self, token: str, font: str) -> Node:
        if token == "\\cfrac":
            _, self.at = bracket_at(self.tokens, self.at)
        rule, left, right, style = _FRACTIONS[token]
        top, bottom = self.argument(font), self.argument(font)
        return n.Fraction(top, bottom, rule, left, right, style, token == "\\cfrac")

    def _classed(self, token: str, font: str) -> Node:
        return n.Group(self.argument(font), _CLASSES[token])

    def _framed(self, token: str, font: str) -> Node:
        if token == "\\fbox":
            return n.Framed(self.text_argument("upright"))
        return n.Framed(self.argument(font), _FRAMES[token])

    def _phantom(self, token: str, font: str) -> Node:
        _, self.at = bracket_at(self.tokens, self.at)
        width, height, ink, shift = _PHANTOMS[token]
        return n.Phantom(self.argument(font), width, height, ink, shift)

    def _accent(self, token: str, font: str) -> Node:
        wide = token in known.WIDE_ACCENTS
        return n.Accent((known.WIDE_ACCENTS if wide else known.ACCENTS)[token], self.argument(font), wide)

    def _stretch(self, token: str, font: str) -> Node:
        mark, below = known.STRETCHED[token]
        return n.Stretch(mark, self.argument(font), below)

    def _arrow(self, token: str, font: str) -> Node:
        below, self.at = bracket_at(self.tokens, self.at)
        above = self.argument(font)
        return n.Arrow(known.ARROWS[token], above, self.part(below or [], font))

    def _big(self, token: str, kind: str = "ord") -> Node:
        return n.Big(self._delimiter(), known.BIG[token], kind)

    def _delimiter(self) -> str:
        token = self.next()
        if token not in known.DELIMITERS:
            raise FormulaError(tr("{token} is no bracket that can grow.", token=token[:40]))
        return known.DELIMITERS[token]

    def _left(self, font: str) -> Node:
        marks, rows = [self._delimiter()], []
        while True:
            rows.append(self.row({"\\right", "\\middle"}, font))
            if self.peek() is None:
                raise FormulaError(tr("A \\right is missing."))
            token = self.next()
            marks.append(self._delimiter())
            if token == "\\right":
                return n.Fence(tuple(marks), tuple(rows))

    def _root(self, font: str) -> Node:
        degree, self.at = bracket_at(self.tokens, self.at)
        return n.Radical(self.argument(font), self.part(degree or [], font))

    def _stack(self, token: str, font: str) -> Node:
        mark, base = self.argument(font), self.argument(font)
        one = base[0] if len(base) == 1 else None
        kind = one.kind if isinstance(one, n.Glyphs | n.Group | n.Words) else "ord"
        kind = "rel" if token == "\\stackrel" else kind
        under = token == "\\underset"
        return n.Stack(base, () if under else mark, mark if under else (), kind)

    def _not(self, font: str) -> Node:
        row = self.argument(font)
        one = row[0] if len(row) == 1 else None
        if not isinstance(one, n.Glyphs) or one.text not in known.NEGATED:
            raise FormulaError(tr("\\not is known before common relations only."))
        return n.Glyphs(known.NEGATED[one.text], "rel")

    def _mod(self, token: str, font: str) -> Node:
        words, gap = n.Words("mod"), n.Space(1.0 if self.display else 8 / 18)
        row = self.argument(font)
        if token == "\\mod":
            return n.Group((gap, words, n.Space(6 / 18), *row))
        inner: Row = row if token == "\\pod" else (words, n.Space(6 / 18), *row)
        return n.Group((gap, n.Glyphs("(", "open"), *inner, n.Glyphs(")", "close")))

    def _operator(self, _font: str) -> Node:
        star = self.peek() == "*"
        self.at += star
        row = self.text_argument("upright", math_spaces=True)
        return n.Group(row, "op" if star else "func")

    def _ignore(self, _font: str) -> None:
        _, self.at = group_at(self.tokens, self.at)

    def _colour(self, font: str) -> Node:
        _, self.at = group_at(self.tokens, self.at)
        return n.Group(self.argument(font))

    def _length(self, token: str, _font: str) -> Node:
        return n.Space(self.length(token in {"\\hspace", "\\mspace"}))

    def _text(self, token: str, _font: str) -> Node:
        return n.Group(self.text_argument(self.text_fonts[token]))

    def prepare(self) -> None:
        self._tables: tuple[tuple[Container[str], Callable[[str, str], Node]], ...] = (
            (_FRACTIONS, self._fraction), (_CLASSES, self._classed), (_FRAMES, self._framed),
            (_PHANTOMS, self._phantom), (known.ACCENTS, self._accent), (known.WIDE_ACCENTS, self._accent),
            (known.STRETCHED, self._stretch), (known.ARROWS, self._arrow), (self.text_fonts, self._text),
            (known.BIG, lambda token, _font: self._big(token)),
            ({"\\overset", "\\underset", "\\stackrel"}, self._stack),
            ({"\\pmod", "\\mod", "\\pod"}, self._mod),
            ({"\\hspace", "\\hskip", "\\kern", "\\mkern", "\\mskip", "\\mspace"}, self._length),
        )  # fmt: skip
        self._handlers: dict[str, Callable[[str], Node | None]] = {
            "\\left": self._left, "\\sqrt": self._root, "\\not": self._not, "\\operatorname": self._operator,
            "\\operatornamewithlimits": self._operator, "\\label": self._ignore, "\\color": self._ignore,
            "\\textcolor": self._colour, "\\begin": self.environment, "\\substack": self.substack,
            "\\tag": self.read_tag, "\\bmod": lambda _font: n.Words("mod", kind="bin"),
            "\\overline": lambda font: n.Line(self.argument(font)),
            "\\underline": lambda font: n.Line(self.argument(font), below=True),
            "\\mathstrut": lambda _font: n.Phantom((n.Glyphs("("),), width=False),
            "\\strut": lambda _font: n.Phantom((n.Glyphs("("),), width=False),
            **dict.fromkeys(_DROPPED, lambda _font: None),
        }  # fmt: skip
