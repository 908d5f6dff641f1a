r"""The part of the reader that knows rows and columns: matrices, cases, arrays, and the aligned displays."""

from __future__ import annotations

import re
from typing import Final

from app.language import tr
from app.render import math_nodes as n
from app.render.math_nodes import Cells, FormulaError, Node, Row
from app.render.math_text import TextReader
from app.render.math_tokens import bracket_at, group_at

MOST_COLUMNS: Final = 40
MOST_ROWS: Final = 120
_COLUMN: Final = 0.5  # em on either side of an array's column
_JOT: Final = 0.3
_DELIMITED: Final = {
    "matrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"), "Vmatrix": ("‖", "‖"), "smallmatrix": ("", ""),
}  # fmt: skip
_CASES: Final = {"cases": 1, "dcases": 0, "rcases": 1}
_PAIRS: Final = frozenset(("align", "aligned", "split", "flalign", "alignat", "alignedat"))
_CENTRED: Final = frozenset(("gather", "gathered"))
_WHOLE: Final = frozenset(("equation", "displaymath", "math", "subequations"))
_SPEC = re.compile(r"[lcr]|\||@\{\}")
_STOPS: Final = frozenset(("&", "\\\\", "\\cr", "\\tabularnewline", "\\end"))


class ArrayReader(TextReader):
    """Environments."""

    def environment(self, font: str) -> Node:
        r"""What stands between \begin and \end."""
        self.enter()
        name, self.at = group_at(self.tokens, self.at)
        full = "".join(name).strip()
        bare = full.removesuffix("*")
        if bare in _DELIMITED:
            node = self._matrix(bare, starred=full != bare, font=font)
        elif bare in _CASES:
            node = self._cases(bare, font)
        elif full == "array":
            node = self._array(font)
        elif bare in _PAIRS:
            node = self._pairs(bare, font)
        elif bare == "eqnarray":
            node = n.Array(self._lines(font), "rcl", (0.0, 0.28, 0.28, 0.0), style=0, jot=_JOT)
        elif bare in _CENTRED:
            _, self.at = bracket_at(self.tokens, self.at)
            node = n.Array(self._lines(font), "c", (0.0, 0.0), style=0, jot=_JOT)
        elif bare == "multline":
            node = n.Array(self._lines(font), "m", (0.0, 0.0), style=0, jot=_JOT)
        elif bare in _WHOLE:
            node = self._whole(font)
        else:
            raise FormulaError(tr("The environment {full} is not known here.", full=full[:40]))
        self._end(full)
        self.leave()
        return node

    def _end(self, full: str) -> None:
        if self.peek() != "\\end":
            raise FormulaError(tr("\\end{{{full}}} is missing.", full=full[:40]))
        name, self.at = group_at(self.tokens, self.at + 1)
        if "".join(name).strip() != full:
            raise FormulaError(tr("\\end{{{full}}} is missing.", full=full[:40]))

    def _matrix(self, name: str, starred: bool, font: str) -> Node:
        align = "c"
        if starred:
            option, self.at = bracket_at(self.tokens, self.at)
            align = "".join(option or ["c"]).strip()
        if align not in {"l", "c", "r"}:
            raise FormulaError(tr("Its columns are aligned in a way that is not known here."))
        rows = self._lines(font)
        columns = max(len(row.cells) for row in rows)
        small = name == "smallmatrix"
        gap = 0.55 if small else 2 * _COLUMN
        gaps = (0.0, *(gap,) * (columns - 1), 0.0)
        array = n.Array(rows, align * columns, gaps, style=2 if small else 1, small=small)
        left, right = _DELIMITED[name]
        return n.Fence((left, right), ((array,),)) if left else array

    def _cases(self, name: str, font: str) -> Node:
        rows = self._lines(font)
        columns = max(len(row.cells) for row in rows)
        if columns > 2:
            raise FormulaError(tr("It has cases with more than two columns."))
        gaps = (0.0, *(1.0,) * (columns - 1), 0.0)
        array = n.Array(rows, "l" * columns, gaps, style=_CASES[name])
        marks = ("", "}") if name == "rcases" else ("{", "")
        return n.Fence(marks, ((array,),))

    def _pairs(self, name: str, font: str) -> Node:
        _, self.at = bracket_at(self.tokens, self.at)
        if name in {"alignat", "alignedat"}:
            _, self.at = group_at(self.tokens, self.at)
        rows = tuple(
            # the even columns begin behind an empty item, so that a relation has its space there
            Cells(
                tuple((n.Group(()), *cell) if i % 2 else cell for i, cell in enumerate(row.cells)),
                row.rules, row.gap, row.tag,
            )
            for row in self._lines(font)
        )  # fmt: skip
        columns = max(len(row.cells) for row in rows)
        between = 0.0 if name.startswith("aligned" if name == "alignedat" else "alignat") else 2.0
        gaps = (0.0, *(0.0 if i % 2 == 0 else between for i in range(columns - 1)), 0.0)
        return n.Array(rows, ("rl" * columns)[:columns], gaps, style=0, jot=_JOT)

    def _array(self, font: str) -> Node:
        _, self.at = bracket_at(self.tokens, self.at)
        tokens, self.at = group_at(self.tokens, self.at)
        spec = re.sub(
            r"\*\{(\d)\}\{([lcr|]+)\}", lambda m: m[2] * int(m[1]), "".join(tokens).replace(" ", "")
        )
        if _SPEC.sub("", spec) or not any(c in "lcr" for c in spec) or len(spec) > 2 * MOST_COLUMNS:
            raise FormulaError(tr("Its columns are described in a way that is not known here."))
        aligns, bars, bare = "", [0], [False]
        for part in _SPEC.findall(spec):
            if part == "|":
                bars[-1] += 1
            elif part == "@{}":
                bare[-1] = True
            else:
                aligns += part
                bars.append(0)
                bare.append(False)
        rows = self._lines(font)
        if max(len(row.cells) for row in rows) > len(aligns):
            raise FormulaError(tr("A row of it has more columns than it says."))
        last = len(aligns)
        gaps = [0.0 if none else _COLUMN * (1 if i in {0, last} else 2) for i, none in enumerate(bare)]
        below = self._rules_below
        return n.Array(rows, aligns, tuple(gaps), tuple(bars), style=1, rules_below=below)

    def _whole(self, font: str) -> Node:
        outer, self.tag = self.tag, ()
        rows = self._lines(font)
        if any(len(row.cells) > 1 for row in rows):
            raise FormulaError(tr("There is an & where none can be."))
        if len(rows) == 1 and not rows[0].tag:
            self.tag = outer
            return n.Group(rows[0].cells[0])
        return n.Array(rows, "c", (0.0, 0.0), style=0, jot=_JOT)

    def substack(self, font: str) -> Node:
        r"""\substack{a \\ b}"""
        tokens, self.at = group_at(self.tokens, self.at)
        reader = type(self)([*tokens, "\\end"], self.display, self.depth)
        rows = reader._lines(font)
        return n.Array(rows, "c", (0.0, 0.0), style=-1, small=True)

    def _lines(self, font: str) -> tuple[Cells, ...]:
        r"""Rows up to \end, which stays; `_rules_below` are the lines under the last of them."""
        rows: list[Cells] = []
        outer, self.tag = self.tag, ()
        while True:
            rules = self._rules()
            cells: list[Row] = [self.row(set(_STOPS), font)]
            while self.peek() == "&":
                self.at += 1
                cells.append(self.row(set(_STOPS), font))
            if self.peek() is None:
                raise FormulaError(tr("An \\end is missing."))
            tag, self.tag = self.tag, ()
            ended = self.peek() == "\\end"
            blank = ended and len(cells) == 1 and not cells[0] and not tag
            if not blank or not rows:
                gap = 0.0
                if not ended:
                    self.at += 1
                    gap = self.gap_behind()
                rows.append(Cells(tuple(cells), rules, gap, tag))
            self._rules_below = rules if blank else 0
            if len(rows) > MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise FormulaError(tr("It has too many rows or columns."))
            if ended:
                self.tag = outer
                return tuple(rows)

    def _rules(self) -> int:
        count = 0
        while self.peek() == "\\hline":
            self.at += 1
            count += 1
        return count

    def gap_behind(self) -> float:
        r"""The extra room of `\\[2pt]`; a bracket that holds no length is an item of the next row."""
        at = self.at
        if self.peek() == "*":
            self.at += 1
        option, behind = bracket_at(self.tokens, self.at)
        if option is None:
            self.at = at
            return 0.0
        try:
            reader = type(self)(["{", *option, "}"], self.display, self.depth)
            gap = reader.length(braces=True)
        except FormulaError:
            self.at = at
            return 0.0
        self.at = behind
        return gap
