"""Boxes with ink in them, and the glyphs of the font. Lengths are in em of the formula, y goes down.

The font is STIX Two Math, which ziamath carries; its reader of the font's MATH table is used as it is.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any, Final

from app.language import tr
from app.render.math_nodes import FormulaError


def _font() -> Any:
    with warnings.catch_warnings():
        # ziamath finds its font in a way that Python wants to give up
        warnings.simplefilter("ignore", DeprecationWarning)
        from ziamath.zmath import loadedfonts
    return loadedfonts["default"]


FONT: Final = _font()
UNIT: Final = 1 / float(FONT.info.layout.unitsperem)
MATH: Final = FONT.math.consts


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph in em at size 1. `attach`: where an accent's middle goes; `path` is SVG, y down."""

    path: str
    width: float
    height: float
    depth: float
    left: float
    right: float
    italic: float = 0.0
    attach: float | None = None


@dataclass(slots=True)
class Box:
    """Height and depth from the baseline. `parts`: (x, y, Box | ink); ink is a glyph and its size, or a rule.

    glyph: it is a single character, to which scripts and accents attach.
    """

    width: float = 0.0
    height: float = 0.0
    depth: float = 0.0
    parts: list[tuple[float, float, Any]] = field(default_factory=list)
    italic: float = 0.0
    attach: float | None = None
    glyph: bool = False

    def put(self, box: Box, x: float, y: float = 0.0) -> None:
        """Place a box `y` below the baseline; height and depth grow, the width doesn't."""
        self.parts.append((x, y, box))
        self.height = max(self.height, box.height - y)
        self.depth = max(self.depth, box.depth + y)

    def rule(self, x: float, y: float, width: float, height: float) -> None:
        """A black rectangle whose upper left corner is at x, y."""
        self.parts.append((x, y, (width, height)))


def _path(glyph: Any, move: tuple[float, float] = (0.0, 0.0), scale: tuple[float, float] = (1.0, 1.0)) -> str:
    """Lines and curves of one glyph in font units, y down."""
    path = ""
    moved = (move, scale) != ((0.0, 0.0), (1.0, 1.0))
    for plain in glyph.operators:
        operator = plain.xform(scale[0], 0, 0, scale[1], *move, 1, 1) if moved else plain
        segment = operator.path(0, 0, scale=1)
        path += ("Z" if path and segment[0] == "M" else "") + segment
    return path + "Z" if path else ""


def _assembled(raw: Any) -> Glyph:
    """A glyph put together of parts. One part repeated is stretched: edges that overlap would be seen."""
    path = ""
    low = high = left = right = 0.0
    parts = list(zip(raw.glyphs, raw.offsets, strict=True))
    for glyph, run in groupby(parts, key=lambda part: part[0].index):
        offsets = [offset for _, offset in run]
        part = next(g for g, _ in parts if g.index == glyph)
        box = part.bbox
        begin, end = (box.ymin, box.ymax) if raw.vert else (box.xmin, box.xmax)
        factor = (end - begin + offsets[-1] - offsets[0]) / max(end - begin, 1)
        move = begin + offsets[0] - factor * begin
        if raw.vert:
            path += _path(part, (0.0, move), (1.0, factor))
            low, high = min(low, begin + offsets[0]), max(high, end + offsets[-1])
            left, right = min(left, box.xmin), max(right, box.xmax)
        else:
            path += _path(part, (move, 0.0), (factor, 1.0))
            left, right = min(left, begin + offsets[0]), max(right, end + offsets[-1])
            low, high = (min(low, box.ymin), max(high, box.ymax)) if low or high else (box.ymin, box.ymax)
    width = max(FONT.advance(g.index, None) for g in raw.glyphs) if raw.vert else right
    return Glyph(path, width * UNIT, high * UNIT, -low * UNIT, left * UNIT, right * UNIT)


def _glyph(raw: Any) -> Glyph:
    if hasattr(raw, "offsets"):
        return _assembled(raw)
    box = raw.bbox
    italic = FONT.math.italicsCorrection.getvalue(raw.index) or 0
    attach = FONT.math.topattachment(raw.index)
    return Glyph(
        _path(raw), FONT.advance(raw.index, None) * UNIT, box.ymax * UNIT, -box.ymin * UNIT, box.xmin * UNIT,
        box.xmax * UNIT, italic * UNIT, None if attach is None else attach * UNIT,
    )  # fmt: skip


def _index(char: str) -> int:
    index = int(FONT.glyphindex(char))
    if not index:
        raise FormulaError(tr("The font has no sign for {char!r}.", char=char))
    return index


@lru_cache(maxsize=2048)
def glyph_of(char: str, script: bool = False) -> Glyph:
    """The glyph of a character; in scripts some have a shape of their own. FormulaError without one."""
    index = _index(char)
    if script and FONT.gsub:
        index = FONT.gsub.sub([index], FONT.features)[0]
    return _glyph(FONT.glyph_fromid(index))


@lru_cache(maxsize=512)
def grown(char: str, size: float, vertical: bool = True) -> Glyph:
    """The smallest form of a delimiter or an arrow that is at least `size` em, or the largest there is."""
    return _glyph(FONT.math.variant(_index(char), math.ceil(size / UNIT), vert=vertical))


def glyph_box(glyph: Glyph, size: float, single: bool = True) -> Box:
    """A box of one glyph at `size` em."""
    attach = None if glyph.attach is None else glyph.attach * size
    box = Box(
        glyph.width * size, max(glyph.height, 0) * size, max(glyph.depth, 0) * size, [], glyph.italic * size
    )
    box.attach, box.glyph = attach, single
    if glyph.path:
        box.parts.append((0.0, 0.0, (glyph, size)))
    return box


def row_box(boxes: list[Box]) -> Box:
    """Boxes side by side on one baseline."""
    whole = Box()
    for box in boxes:
        whole.put(box, whole.width)
        whole.width += box.width
    return whole


def draw(box: Box, size: float) -> tuple[str, float, float, float, float]:
    """(SVG elements, left, top, right, bottom of the ink and the box, px) at `size` px an em.

    Raises FormulaError where there is no ink.
    """
    out: list[str] = []
    edges = [0.0, -box.height, box.width, box.depth]
    todo: list[tuple[float, float, Any]] = [(0.0, 0.0, box)]
    while todo:
        x, y, ink = todo.pop()
        if isinstance(ink, Box):
            todo += [(x + dx, y + dy, part) for dx, dy, part in reversed(ink.parts)]
            continue
        if isinstance(ink[0], Glyph):
            glyph, em = ink
            scale = em * size * UNIT
            place = f"matrix({scale:.5g} 0 0 {scale:.5g} {x * size:.3f} {y * size:.3f})"
            out.append(f'<path transform="{place}" d="{glyph.path.strip()}"/>')
            reach = (x + glyph.left * em, y - glyph.height * em, x + glyph.right * em, y + glyph.depth * em)
        else:
            width, height = ink
            reach = (x, y, x + width, y + height)
            corner = f"M{x * size:.3f} {y * size:.3f}"
            out.append(f'<path d="{corner}h{width * size:.3f}v{height * size:.3f}h{-width * size:.3f}z"/>')
        edges = [*map(min, edges[:2], reach[:2]), *map(max, edges[2:], reach[2:])]
    if not out:
        raise FormulaError(tr("It is empty."))
    left, top, right, bottom = (edge * size for edge in edges)
    return "".join(out), left, top, right, bottom
