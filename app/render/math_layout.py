"""Sets a formula: rows, scripts, fractions, roots, brackets.

The rules are those of The TeXbook, appendix G, with the constants of the font's OpenType MATH table in place
of TeX's font dimensions. Lengths in em, y down.
"""

from __future__ import annotations

from typing import Final

from app.language import tr
from app.render import math_nodes as n
from app.render.math_boxes import MATH, UNIT, Box, draw, glyph_box, glyph_of, grown, row_box
from app.render.math_marks import MarkSetter
from app.render.math_nodes import FormulaError, Node, Row
from app.render.math_symbols import INTEGRALS, styled

_SCRIPT: Final = MATH.scriptPercentScaleDown / 100
_SCRIPT2: Final = MATH.scriptScriptPercentScaleDown / 100
#: Space between neighbours in 1/18 em, "." none, in capitals not in scripts (The TeXbook, page 170).
_KINDS: Final = ("ord", "op", "bin", "rel", "open", "close", "punct", "inner")
_BETWEEN: Final = dict(
    zip(
        _KINDS,
        (".3MT...S", "33.T...S", "MM..M..M", "TT..T..T", "........", ".3MT...S", "SS.SSSSS", "S3MTS.SS"),
        strict=True,
    )
)
_MU: Final = {"3": 3, "S": 3, "M": 4, "T": 5, ".": 0}
_MOST_EM: Final = 400.0
#: Signs with a shape of their own in scripts.
_SCRIPT_FORMS: Final = "′‵"
_DELIMITER_SHARE, _DELIMITER_SHORT = 0.901, 0.5
#: em; the font's own for fractions in a line of text are those of its displays, and would push lines apart.
_TEXT_UP, _TEXT_DOWN = 0.45, 0.4
#: Where a root's degree ends: share of the sign's height above its foot, em inside of the sign.
_DEGREE_RAISE, _DEGREE_OVER = 0.64, 0.26


class Setter(MarkSetter):
    """Turns nodes into boxes. `style`: 0 display, 1 text, 2 script, 3 script of a script."""

    def size(self, style: int) -> float:
        return (1.0, 1.0, _SCRIPT, _SCRIPT2)[style]

    def row(self, row: Row, style: int) -> Box:
        """Items side by side, with the space that their classes ask for."""
        items: list[tuple[Box, str]] = []
        for node in row:
            if isinstance(node, n.Style):
                style = node.level if node.level >= 0 else max(style, 1)
                continue
            items.append((self.node(node, style), self._kind(node)))
            if isinstance(node, n.Space):
                items[-1] = (items[-1][0], "space")
        whole = Box()
        single = len(items) == 1
        before = ""
        kinds = _settled([kind for _, kind in items])
        for (box, _), kind in zip(items, kinds, strict=True):
            if kind != "space":
                if before:
                    mark = _BETWEEN[before][_KINDS.index(kind)]
                    if style < 2 or mark == "3":
                        whole.width += _MU[mark] / 18 * self.size(style)
                before = kind
            whole.put(box, whole.width)
            whole.width += box.width
        if single and items[0][0].glyph:
            box = items[0][0]
            whole.italic, whole.attach, whole.glyph = box.italic, box.attach, True
        if max(whole.width, whole.height, whole.depth) > _MOST_EM:
            raise FormulaError(tr("It is too large."))
        return whole

    def node(self, node: Node, style: int) -> Box:
        """One item."""
        if isinstance(node, n.Glyphs):
            return self._glyphs(node, style)
        if isinstance(node, n.Words):
            return self._words(node, style)
        if isinstance(node, n.Group):
            return self.row(node.row, style)
        if isinstance(node, n.Scripts):
            return self._scripts(node, style)
        if isinstance(node, n.Fraction):
            return self._fraction(node, style)
        if isinstance(node, n.Radical):
            return self._radical(node, style)
        if isinstance(node, n.Fence):
            return self._fence(node, style)
        if isinstance(node, n.Big):
            return self.delimiter(node.mark, node.height * self.size(style), style, exact=True)
        if isinstance(node, n.Space):
            return Box(node.width * self.size(style))
        return self.marked(node, style)

    def _kind(self, node: Node) -> str:
        if isinstance(node, n.Scripts):
            return self._kind(node.nucleus)
        if isinstance(node, n.Glyphs | n.Group | n.Words | n.Big | n.Stack):
            return "op" if node.kind == "func" else node.kind
        if isinstance(node, n.Fence):
            return "inner"
        if isinstance(node, n.Arrow):
            return "rel"
        return "inner" if isinstance(node, n.Fraction) and node.rule else "ord"

    # -- characters ----------------------------------------------------------------------------------------

    def _glyphs(self, node: n.Glyphs, style: int) -> Box:
        size = self.size(style)
        if node.kind == "op":
            glyph = glyph_of(node.text)
            if style == 0:
                glyph = grown(node.text, MATH.displayOperatorMinHeight * UNIT)
            return self.centred(glyph_box(glyph, size), style)
        boxes = [
            glyph_box(glyph_of(styled(char, node.font), style > 1 and char in _SCRIPT_FORMS), size)
            for char in node.text
        ]
        return boxes[0] if len(boxes) == 1 else row_box(boxes)

    def _words(self, node: n.Words, style: int) -> Box:
        size = self.size(style)
        boxes = []
        for char in node.text:
            if char in " \u00a0":
                boxes.append(Box(0.25 * size))
            else:
                boxes.append(glyph_box(glyph_of(styled(char, node.font)), size, single=False))
        return row_box(boxes)

    def centred(self, box: Box, style: int) -> Box:
        """The box moved so that its middle is on the axis."""
        down = (box.height - box.depth) / 2 - self.axis(style)
        moved = Box(box.width, parts=[], italic=box.italic)
        moved.put(box, 0.0, down)
        moved.height, moved.depth = box.height - down, box.depth + down
        return moved

    def delimiter(self, mark: str, height: float, style: int, exact: bool = False) -> Box:
        """A bracket of at least `height` em (of the formula) around the axis."""
        if not mark:
            return Box(0.0 if exact else 0.12)
        size = self.size(style)
        plain = glyph_of(mark)
        if not exact and (plain.height + plain.depth) * size >= height:
            return self.centred(glyph_box(plain, size, single=False), style)
        return self.centred(glyph_box(grown(mark, height / size), size, single=False), style)

    # -- scripts -------------------------------------------------------------------------------------------

    def _limits(self, node: n.Scripts, style: int) -> bool:
        inner = node.nucleus
        if isinstance(inner, n.Stretch):
            return True
        if node.limits is not None:
            return node.limits
        if isinstance(inner, n.Glyphs):
            return style == 0 and inner.kind == "op" and inner.text not in INTEGRALS
        return style == 0 and isinstance(inner, n.Words | n.Group) and inner.kind == "op"

    def _scripts(self, node: n.Scripts, style: int) -> Box:
        base = self.node(node.nucleus, style)
        small = 2 if style < 2 else 3
        sub = self.row(node.sub, small) if node.sub is not None else None
        sup = self.row(node.sup, small) if node.sup is not None else None
        if self._limits(node, style):
            return self.above_and_below(base, sup, sub, style, loose=True)
        return self._beside(base, sub, sup, style)

    def _beside(self, base: Box, sub: Box | None, sup: Box | None, style: int) -> Box:
        em = self.size(style) * UNIT
        up = down = 0.0
        if sup is not None:
            up = max(MATH.superscriptShiftUp * em, sup.depth + MATH.superscriptBottomMin * em)
            if not base.glyph:
                up = max(up, base.height - MATH.superscriptBaselineDropMax * em)
        if sub is not None:
            down = max(MATH.subscriptShiftDown * em, sub.height - MATH.subscriptTopMax * em)
            if not base.glyph:
                down = max(down, base.depth + MATH.subscriptBaselineDropMin * em)
        if sub is not None and sup is not None:
            missing = MATH.subSuperscriptGapMin * em - (up - sup.depth) - (down - sub.height)
            if missing > 0:
                raised = min(
                    missing, max(0.0, MATH.superscriptBottomMaxWithSubscript * em - (up - sup.depth))
                )
                up += raised
                down += missing - raised
        whole = Box()
        whole.put(base, 0.0)
        x = base.width
        large = bool(base.italic) and not base.glyph
        end = x
        if sub is not None:
            # a slanted integral has its lower limit further left
            at = x - (base.italic if large else 0.0)
            whole.put(sub, at, down)
            end = max(end, at + sub.width)
        if sup is not None:
            at = x + (0.0 if large else base.italic)
            whole.put(sup, at, -up)
            end = max(end, at + sup.width)
        whole.width = end + MATH.spaceAfterScript * em
        return whole

    # -- fractions, roots, brackets ------------------------------------------------------------------------

    def _fraction(self, node: n.Fraction, style: int) -> Box:
        style = style if node.style < 0 else node.style
        small = 0 if node.continued else min(style + 1, 3)
        top, bottom = self.row(node.top, small), self.row(node.bottom, small)
        if node.continued:
            top.height, bottom.height = max(top.height, 0.84), max(bottom.height, 0.84)
        em, axis = self.size(style) * UNIT, self.axis(style)
        large = style == 0
        width = max(top.width, bottom.width)
        whole = Box(width)
        if node.rule:
            rule = MATH.fractionRuleThickness * em
            up = MATH.fractionNumeratorDisplayStyleShiftUp * em if large else _TEXT_UP * self.size(style)
            down = (
                MATH.fractionDenominatorDisplayStyleShiftDown * em if large else _TEXT_DOWN * self.size(style)
            )
            gap = (MATH.fractionNumDisplayStyleGapMin if large else MATH.fractionNumeratorGapMin) * em
            up = max(up, axis + rule / 2 + gap + top.depth)
            down = max(down, bottom.height + gap + rule / 2 - axis)
            whole.rule(0.0, -axis - rule / 2, width, rule)
        else:
            up = (MATH.stackTopDisplayStyleShiftUp if large else MATH.stackTopShiftUp) * em
            down = (MATH.stackBottomDisplayStyleShiftDown if large else MATH.stackBottomShiftDown) * em
            gap = (MATH.stackDisplayStyleGapMin if large else MATH.stackGapMin) * em
            missing = max(0.0, gap - (up - top.depth) - (down - bottom.height))
            up, down = up + missing / 2, down + missing / 2
        whole.put(top, (width - top.width) / 2, -up)
        whole.put(bottom, (width - bottom.width) / 2, down)
        if not node.left and not node.right:
            edge = Box(0.12 * self.size(style))
            return row_box([edge, whole, edge])
        return self._fenced([node.left, node.right], [whole], style)

    def _radical(self, node: n.Radical, style: int) -> Box:
        body = self.row(node.body, style)
        size = self.size(style)
        em = size * UNIT
        gap = (MATH.radicalDisplayStyleVerticalGap if style == 0 else MATH.radicalVerticalGap) * em
        rule = MATH.radicalRuleThickness * em
        height = max(body.height, 0.45 * size)
        need = height + body.depth + gap + rule
        sign = glyph_box(grown("√", need / size), size, single=False)
        spare = max(0.0, sign.height + sign.depth - need)
        top = height + gap + rule + spare / 2
        whole = Box()
        x = 0.0
        if node.degree:
            degree = self.row(node.degree, 3)
            tall = sign.height + sign.depth
            lift = top - tall * (1 - _DEGREE_RAISE)
            x = max(0.0, degree.width - _DEGREE_OVER * size)
            whole.put(degree, x + _DEGREE_OVER * size - degree.width, -lift - degree.depth)
        whole.put(sign, x, sign.height - top)
        x += sign.width
        whole.rule(x, -top, body.width + 0.05 * size, rule)
        whole.put(body, x)
        whole.width = x + body.width + 0.05 * size
        whole.height = max(whole.height, top + MATH.radicalExtraAscender * em / 2)
        return whole

    def _fence(self, node: n.Fence, style: int) -> Box:
        return self._fenced(list(node.marks), [self.row(row, style) for row in node.rows], style)

    def _fenced(self, marks: list[str], bodies: list[Box], style: int) -> Box:
        axis = self.axis(style)
        reach = max(0.0, *(max(b.height - axis, b.depth + axis) for b in bodies))
        height = max(2 * reach * _DELIMITER_SHARE, 2 * reach - _DELIMITER_SHORT * self.size(style))
        boxes = []
        for i, mark in enumerate(marks):
            boxes.append(self.delimiter(mark, height, style))
            if i < len(bodies):
                boxes.append(bodies[i])
        return row_box(boxes)


def _settled(kinds: list[str]) -> list[str]:
    """A sign that has nothing to join is no binary one: the minus of -1."""
    settled = list(kinds)
    before = ""
    at = -1
    for i, kind in enumerate(kinds):
        if kind == "space":
            continue
        if kind == "bin" and before in {"", "bin", "op", "rel", "open", "punct"}:
            settled[i] = "ord"
        elif kind in {"rel", "close", "punct"} and before == "bin":
            settled[at] = "ord"
        before, at = settled[i], i
    if before == "bin":
        settled[at] = "ord"
    return settled


def set_formula(row: Row, display: bool, size: float) -> tuple[str, float, float, float]:
    """(SVG, width, height, distance of the baseline from the top; px) at `size` px an em.

    The ink has the colour `currentColor`, in one place. Raises FormulaError.
    """
    box = Setter().row(row, 0 if display else 1)
    body, left, top, right, bottom = draw(box, size)
    margin = 0.06 * size
    left, top, right, bottom = left - margin, top - margin, right + margin, bottom + margin
    width, height = right - left, bottom - top
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.3f}" height="{height:.3f}" '
        f'viewBox="{left:.3f} {top:.3f} {width:.3f} {height:.3f}"><g fill="currentColor">{body}</g></svg>'
    )
    return svg, width, height, -top
