"""Sets what stands over, under and around: accents, braces, arrows, frames, arrays. See math_layout."""

from __future__ import annotations

from app.render import math_nodes as n
from app.render.math_boxes import MATH, UNIT, Box, Glyph, glyph_box, glyph_of, grown
from app.render.math_nodes import Node, Row

_ROW_ABOVE, _ROW_BELOW = 0.84, 0.36  # of a line of 12 pt at 10 pt
_BAR = 0.045
_FRAME = 0.3


class MarkSetter:
    """The part of the setter for marks."""

    def size(self, style: int) -> float:
        raise NotImplementedError

    def row(self, row: Row, style: int) -> Box:
        raise NotImplementedError

    def axis(self, style: int) -> float:
        """How far fractions and minus signs stand above the baseline."""
        return float(MATH.axisHeight) * UNIT * self.size(style)

    def marked(self, node: Node, style: int) -> Box:
        """What is no row, script, fraction or bracket."""
        if isinstance(node, n.Accent):
            return self._accent(node, style)
        if isinstance(node, n.Line):
            return self._line(node, style)
        if isinstance(node, n.Stretch):
            return self._stretch(node, style)
        if isinstance(node, n.Arrow):
            return self._arrow(node, style)
        if isinstance(node, n.Stack):
            small = min(max(style + 1, 2), 3)
            above = self.row(node.above, small) if node.above else None
            below = self.row(node.below, small) if node.below else None
            return self.above_and_below(self.row(node.base, style), above, below, style)
        if isinstance(node, n.Framed):
            return self._framed(node, style)
        if isinstance(node, n.Phantom):
            return self._phantom(node, style)
        assert isinstance(node, n.Array)
        return self._array(node, style)

    def above_and_below(
        self, base: Box, above: Box | None, below: Box | None, style: int, loose: bool = False
    ) -> Box:
        """Limits: centred over and under the base."""
        em = self.size(style) * UNIT
        width = max(b.width for b in (base, above, below) if b is not None)
        whole = Box(width)
        whole.put(base, (width - base.width) / 2)
        slant = base.italic / 2
        if above is not None:
            gap = max(
                MATH.upperLimitGapMin * em,
                (MATH.upperLimitBaselineRiseMin * em if loose else 0) - above.depth,
            )
            gap = gap if loose else MATH.stretchStackGapAboveMin * em * 2.5
            whole.put(above, (width - above.width) / 2 + slant, -(base.height + gap + above.depth))
        if below is not None:
            gap = max(
                MATH.lowerLimitGapMin * em,
                (MATH.lowerLimitBaselineDropMin * em if loose else 0) - below.height,
            )
            gap = gap if loose else MATH.stretchStackGapBelowMin * em * 1.5
            whole.put(below, (width - below.width) / 2 - slant, base.depth + gap + below.height)
        return whole

    def _accent(self, node: n.Accent, style: int) -> Box:
        body = self.row(node.body, style)
        size = self.size(style)
        glyph = glyph_of(node.mark)
        if node.wide:
            glyph = _widest(node.mark, body.width / size)
        mark = glyph_box(glyph, size)
        middle = body.attach if body.attach is not None else body.width / 2
        if node.wide and not body.glyph:
            middle = body.width / 2
        own = glyph.attach if glyph.attach is not None else (glyph.left + glyph.right) / 2
        if node.wide:
            own = (glyph.left + glyph.right) / 2
        drop = min(body.height, MATH.accentBaseHeight * UNIT * size)
        whole = Box(body.width)
        whole.put(body, 0.0)
        mark.depth = 0.0
        whole.put(mark, middle - own * size, drop - body.height)
        whole.italic, whole.glyph = body.italic, body.glyph
        return whole

    def _line(self, node: n.Line, style: int) -> Box:
        body = self.row(node.body, style)
        em = self.size(style) * UNIT
        whole = Box(body.width)
        whole.put(body, 0.0)
        thick = MATH.overbarRuleThickness * em
        gap = MATH.overbarVerticalGap * em * 0.7
        inset = min(0.04 * self.size(style), body.width / 8)
        if node.below:
            whole.rule(0.0, body.depth + gap, body.width, thick)
            whole.depth = body.depth + gap + 2 * thick
        else:
            whole.rule(inset, -body.height - gap - thick, body.width - inset + min(body.italic, inset), thick)
            whole.height = body.height + gap + 2 * thick
        return whole

    def _stretch(self, node: n.Stretch, style: int) -> Box:
        body = self.row(node.body, style)
        size = self.size(style)
        arrow = node.mark in "→←↔"
        scale = 0.75 * size if arrow else size
        glyph = grown(node.mark, body.width / scale, vertical=False)
        width = (glyph.right - glyph.left) * scale
        mark = glyph_box(glyph, scale, single=False)
        whole = Box(max(body.width, width))
        at = (whole.width - body.width) / 2
        whole.put(body, at)
        x = (whole.width - width) / 2 - glyph.left * scale
        gap = 0.1 * size
        if node.below:
            down = body.depth + gap + glyph.height * scale
            whole.parts.append((x, down, mark))
            whole.depth = down + max(glyph.depth * scale, 0.0)
        else:
            up = body.height + gap + glyph.depth * scale
            whole.parts.append((x, -up, mark))
            whole.height = up + glyph.height * scale
        return whole

    def _arrow(self, node: n.Arrow, style: int) -> Box:
        small = min(max(style + 1, 2), 3)
        above, below = self.row(node.above, small), self.row(node.below, small)
        size = self.size(style)
        length = max(above.width, below.width, 0.6 * size) + 0.8 * size
        glyph = grown(node.mark, length / size, vertical=False)
        mark = glyph_box(glyph, size, single=False)
        width = max(length, (glyph.right - glyph.left) * size)
        whole = Box(width)
        whole.put(mark, (width - (glyph.right - glyph.left) * size) / 2 - glyph.left * size)
        gap = 0.12 * size
        whole_height, whole_depth = whole.height, max(whole.depth, 0.0)
        if node.above:
            up = max(glyph.height * size, 0.0) + gap + above.depth
            whole.put(above, (width - above.width) / 2, -up)
        if node.below:
            down = max(glyph.depth * size, 0.0) + gap + below.height
            whole.put(below, (width - below.width) / 2, down)
        whole.height, whole.depth = max(whole.height, whole_height), max(whole.depth, whole_depth)
        return whole

    def _framed(self, node: n.Framed, style: int) -> Box:
        body = self.row(node.body, style)
        bar = _BAR * self.size(style)
        whole = Box()
        if node.notation == "box":
            pad = _FRAME * self.size(style)
            width, height = body.width + 2 * pad, body.height + body.depth + 2 * pad
            whole.put(body, pad)
            whole.width, whole.height, whole.depth = width, body.height + pad, body.depth + pad
            top = -whole.height
            whole.rule(0.0, top, width, bar)
            whole.rule(0.0, top + height - bar, width, bar)
            whole.rule(0.0, top, bar, height)
            whole.rule(width - bar, top, bar, height)
            return whole
        whole.put(body, 0.0)
        whole.width = body.width
        for rising in (True, False):
            if node.notation == "xcancel" or rising == (node.notation == "cancel"):
                whole.parts.append((0.0, 0.0, (_stroke(body, bar, rising), 1.0)))
        return whole

    def _phantom(self, node: n.Phantom, style: int) -> Box:
        body = self.row(node.body, style)
        whole = Box()
        if node.ink:
            whole.put(body, -node.shift * body.width)
        whole.width = body.width if node.width else 0.0
        whole.height, whole.depth = (body.height, body.depth) if node.height else (0.0, 0.0)
        return whole

    # -- arrays --------------------------------------------------------------------------------------------

    def _array(self, node: n.Array, style: int) -> Box:
        inner = style if node.style < 0 else max(node.style, style if style > 1 else 0)
        size = self.size(style)
        cells = [[self.row(cell, inner) for cell in line.cells] for line in node.rows]
        tags = [self.row(line.tag, 1) if line.tag else None for line in node.rows]
        columns = max(len(node.aligns), *(len(line) for line in cells))
        widths = [
            max((line[c].width for line in cells if c < len(line)), default=0.0) for c in range(columns)
        ]
        gaps = [gap * size for gap in (*node.gaps, *(0.0,) * columns)[: columns + 1]]
        starts, x = [], 0.0
        for width, gap in zip(widths, gaps, strict=False):
            x += gap
            starts.append(x)
            x += width
        total = x + (gaps[columns] if columns < len(gaps) else 0.0)
        whole = Box(total)
        baselines, edges, bottom = _row_places(node, cells, tags, size)
        middle = bottom / 2 + self.axis(style)
        for r, line in enumerate(cells):
            for c, box in enumerate(line):
                align = _align(node.aligns, c, r, len(cells))
                room = widths[c] - box.width
                at = starts[c] + {"l": 0.0, "c": room / 2, "r": room}[align]
                whole.put(box, at, baselines[r] - middle)
        self._array_rules(node, whole, [gaps, starts, widths], (edges, middle, bottom), size)
        if any(tags):
            right = total + 2.0 + max(tag.width for tag in tags if tag)
            for r, tag in enumerate(tags):
                if tag:
                    whole.put(tag, right - tag.width, baselines[r] - middle)
            whole.width = right
        whole.height, whole.depth = max(whole.height, middle), max(whole.depth, bottom - middle)
        return whole

    def _array_rules(
        self,
        node: n.Array,
        whole: Box,
        columns: list[list[float]],
        places: tuple[list[float], float, float],
        size: float,
    ) -> None:
        gaps, starts, widths = columns
        edges, middle, bottom = places
        bar = _BAR * size
        counts = [line.rules for line in node.rows] + [node.rules_below]
        for y, count in zip([*edges, bottom], counts, strict=True):
            for i in range(count):
                whole.rule(0.0, y - middle - bar / 2 + i * 0.15 * size, whole.width, bar)
        for c, count in enumerate(node.bars):
            if c < len(starts):
                x = starts[c] - gaps[c] / (1 if c == 0 else 2)
            else:
                x = starts[-1] + widths[-1] + gaps[min(c, len(gaps) - 1)]
            for i in range(count):
                whole.rule(x - bar / 2 + i * 0.15 * size, -middle, bar, bottom)


def _align(aligns: str, column: int, row: int, rows: int) -> str:
    if aligns == "m":  # multline: the first line left, the last right
        return "l" if row == 0 else "r" if row == rows - 1 else "c"
    return aligns[column] if column < len(aligns) else "c"


def _row_places(
    node: n.Array, cells: list[list[Box]], tags: list[Box | None], size: float
) -> tuple[list[float], list[float], float]:
    """(baselines, upper edges, lower edge of the last row), down from the top."""
    baselines, edges, y = [], [], 0.0
    for r, line in enumerate(cells):
        boxes = [*line, *([tags[r]] if tags[r] else [])]
        height = max([b.height for b in boxes if b], default=0.0)
        depth = max([b.depth for b in boxes if b], default=0.0)
        pad = 0.0
        if node.small:
            height, depth = max(height, 0.5 * size), max(depth, 0.1 * size)
            pad = 0.15 * size if r else 0.0
        else:
            # rows that are taller than a line keep a little room between them
            tall = height > _ROW_ABOVE * size or depth > _ROW_BELOW * size
            pad = 0.12 * size if tall else 0.0
            height, depth = max(height, _ROW_ABOVE * size), max(depth, _ROW_BELOW * size)
        if r:
            y += node.jot * size
        edges.append(y)
        y += pad
        baselines.append(y + height)
        y += height + depth + (0.0 if node.small else pad) + node.rows[r].gap * size
    return baselines, edges, y


def _widest(mark: str, width: float) -> Glyph:
    """The widest form of an accent that does not reach over `width` em."""
    best = glyph_of(mark)
    for share in (0.5, 0.7, 0.9, 1.0):
        glyph = grown(mark, width * share, vertical=False)
        if glyph.right - glyph.left <= width * 1.05:
            best = glyph
    return best


def _stroke(body: Box, bar: float, rising: bool) -> Glyph:
    """A diagonal through a box."""
    x, y, over = body.width, body.height, 0.1  # beyond the box, or the stroke through an x would not be seen
    left, right = (body.depth, -y) if rising else (-y, body.depth)
    points = [
        (-over, left - bar / 2),
        (x + over, right - bar / 2),
        (x + over, right + bar / 2),
        (-over, left + bar / 2),
    ]
    path = "M" + " L".join(f"{px / UNIT:.1f} {py / UNIT:.1f}" for px, py in points) + "Z"
    return Glyph(path, x, y + bar, body.depth + bar, -over, x + over)
