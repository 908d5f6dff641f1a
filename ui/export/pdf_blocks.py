"""Blocks of Markdown on the pages of a PDF."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPainter

from app.export.formulas import SetFormulas
from app.render.blocks import Block
from app.render.highlight import START, State, code_runs
from app.render.inline import Span, parse_inline
from app.render.math_values import MathDrawn
from app.render.unseen import shown
from ui.export.pdf_pages import Frame, Pages, Paint, Strip
from ui.export.pdf_text import Looks, Text, code_strips, paint_formula, scale_of
from ui.theme import CODE_LINE_HEIGHT, HEADINGS, LIGHT, SPACE, TYPE

#: Paper is read from nearer than a screen.
_ZOOM: Final = 0.9
_LINE: Final = 1.45
_INDENT: Final = SPACE[4]
_GAP: Final = SPACE[1]
_TAB: Final = "    "
_ALIGN: Final = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}
_TASKS: Final = {"todo": "☐", "done": "☑"}
_DEEPEST: Final = 8


def font(kind: str, pixels: float = 0.0) -> QFont:
    """The system's font, or its monospace one for "code", as paper needs it: without a screen's hinting."""
    fixed, general = QFontDatabase.SystemFont.FixedFont, QFontDatabase.SystemFont.GeneralFont
    made = QFontDatabase.systemFont(fixed if kind == "code" else general)
    made.setPixelSize(round((pixels or TYPE[kind]) * _ZOOM))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    # What is drawn by another glyph than a letter's own cannot be read back: "ﬁrst", or a raised "+".
    for feature in ("liga", "clig", "dlig", "calt"):
        made.setFeature(QFont.Tag(feature), 0)
    return made


def looks(kind: str, colour: str = LIGHT.text, pixels: float = 0.0) -> Looks:
    made = font(kind, pixels)
    ratio = CODE_LINE_HEIGHT if kind == "code" else _LINE
    code = font("code", made.pixelSize() / _ZOOM * 0.9)
    return Looks(made, code, made.pixelSize() * ratio, colour)


class PdfBlocks:
    """Puts blocks on pages."""

    def __init__(self, pages: Pages, formulas: SetFormulas) -> None:
        self._pages, self._formulas = pages, formulas
        self._state: State = START

    def put(self, blocks: Iterable[Block], text: Looks, bars: tuple[float, ...] = ()) -> None:
        """All blocks, one below the other; `bars` stand left of them, and they right of these."""
        left = bars[-1] + SPACE[2] if bars else 0.0
        for block in blocks:
            if not block.piece:
                self._pages.space(_GAP)
            inner, rules, marker = self._place(block, left, bars)
            frame = Frame(bars=rules)
            if block.kind == "code":
                self._code(block, inner, rules)
            elif block.kind == "table":
                self._pages.flow(self._table(block, text, inner), frame)
            elif block.kind == "math":
                self._pages.flow(self._math(block, text, inner), frame)
            elif block.kind == "rule":
                self._pages.flow([Strip(_GAP, self._rule(inner))], frame)
            else:
                self._paragraph(block, text, (inner, marker), frame)

    def _place(
        self, block: Block, left: float, bars: tuple[float, ...]
    ) -> tuple[float, tuple[float, ...], str]:
        """Where a block begins, the rules beside it, and the markers before it."""
        rules = list(bars)
        for kind in block.nest[:_DEEPEST]:
            if kind == "q":
                rules.append(left)
                left += SPACE[3]
            else:
                left += _INDENT
        marker = next((one for one in reversed(block.markers) if one), "")
        return left, tuple(rules), _TASKS.get(marker, marker)

    def _paragraph(self, block: Block, text: Looks, place: tuple[float, str], frame: Frame) -> None:
        left, marker = place
        used = text
        if block.kind == "heading":
            used = looks("reading", text.colour, HEADINGS[min(6, max(1, block.level)) - 1])
            used.font.setWeight(QFont.Weight.DemiBold)
            self._pages.space(_GAP)
            self._pages.need(used.line + 3 * text.line)
        if block.kind == "plain":
            spans: tuple[Span, ...] = (Span(shown(block.text.expandtabs(4))),)
        else:
            spans = parse_inline(block.text or ("" if block.kind == "paragraph" else block.source))
        made = Text(spans, used, self._pages.width - left, self._formulas)
        # what stands before a text that runs backward is right of it, but beside rules there is no room
        mirrored = made.backward and not frame.bars
        wide = QFontMetricsF(used.font).horizontalAdvance(marker)
        at = self._pages.width - left + SPACE[1] if mirrored else left - wide - SPACE[1]
        strips = made.strips(0 if mirrored else left)
        self._pages.flow(self._marked(strips, marker, at, used), frame)

    def _marked(self, strips: Iterator[Strip], marker: str, at: float, text: Looks) -> Iterator[Strip]:
        """The strips, the first with a list's marker beside it."""
        first = next(strips, None)
        if first is None:
            first = Strip(text.line, lambda _painter, _x, _y: None)
        if not marker:
            yield first
        else:

            def paint(painter: QPainter, x: float, y: float, of: Strip = first) -> None:
                painter.setFont(text.font)
                painter.setPen(QColor(text.colour))
                painter.drawText(QPointF(x + at, y + (of.base or text.line)), marker)
                of.paint(painter, x, y)

            yield Strip(first.height, paint, first.base)
        yield from strips

    def _rule(self, left: float) -> Paint:
        def paint(painter: QPainter, x: float, y: float) -> None:
            width = self._pages.width - left
            painter.fillRect(QRectF(x + left, y + _GAP / 2, width, 1), QColor(LIGHT.border))

        return paint

    def _code(self, block: Block, left: float, rules: tuple[float, ...]) -> None:
        text = looks("code")
        if not block.piece:
            self._state = START
            self._pages.need(3 * text.line)
        self._pages.flow(self._code_lines(block, text, left), Frame(LIGHT.sunken, left, rules), pad=SPACE[1])

    def _code_lines(self, block: Block, text: Looks, left: float) -> Iterator[Strip]:
        code = shown(block.text.removesuffix("\n").replace("\t", _TAB), code=True)
        found = code_runs(code, block.language, self._state)
        width = self._pages.width - left - 2 * SPACE[2]
        for line in code.split("\n"):
            runs, self._state = next(found, ((), self._state))
            yield from code_strips(line, runs, text, left + SPACE[2], width)

    def _math(self, block: Block, text: Looks, left: float) -> Iterator[Strip]:
        drawn = self._formulas.get(block.text, True)
        source = shown(block.source if not block.nest else f"$$\n{block.text}\n$$", code=True)
        room = self._pages.width - left
        if not isinstance(drawn, MathDrawn):
            yield from Text((Span(source, code=True),), text, room, self._formulas).strips(left)
            return
        # Higher than a page it would be on none.
        most = min(room / drawn.width, self._pages.height * 0.9 / drawn.height)
        scale = min(scale_of(text.font), most)
        across = left + (room - drawn.width * scale) / 2

        def paint(painter: QPainter, x: float, y: float) -> None:
            paint_formula(painter, drawn, source, (x + across, y + SPACE[0], scale), text)

        yield Strip(drawn.height * scale + 2 * SPACE[0], paint)

    # ---- tables ---------------------------------------------------------------------------

    def _table(self, block: Block, text: Looks, left: float) -> Iterator[Strip]:
        count = max((len(row) for row in block.rows), default=0)
        if not count:
            return
        widths = self._widths(block, count, text, self._pages.width - left)
        for number, row in enumerate(block.rows):
            if number or not block.piece:
                yield from self._row(block, row, text, (left, widths, number == 0))

    def _widths(self, block: Block, count: int, text: Looks, room: float) -> list[float]:
        """Of each column: what its cells want, or a share of the room where that is too little."""
        wanted = [0.0] * count
        for row in block.rows:
            for number, cell in enumerate(row):
                made = Text(_bold(parse_inline(cell)), text, room, self._formulas)
                wanted[number] = max(wanted[number], made.natural_width + 2 * SPACE[1] + 2)
        if sum(wanted) <= room:
            return wanted
        least = room / count / 2
        rest = room - least * count
        beyond = [max(0.0, one - least) for one in wanted]
        total = sum(beyond) or 1.0
        return [least + rest * one / total for one in beyond]

    def _row(
        self, block: Block, row: tuple[str, ...], text: Looks, place: tuple[float, list[float], bool]
    ) -> Iterator[Strip]:
        left, widths, is_head = place
        cells: list[list[Strip]] = []
        at = left
        for number, width in enumerate(widths):
            spans = parse_inline(row[number]) if number < len(row) else ()
            said = block.aligns[number] if number < len(block.aligns) else ""
            align = _ALIGN.get(said)
            spans = _bold(spans) if is_head else spans
            made = Text(spans, text, max(1.0, width - 2 * SPACE[1]), self._formulas, align)
            cells.append(list(made.strips(at + SPACE[1])))
            at += width
        lines = list(itertools.zip_longest(*cells)) or [(None,)]
        for number, line in enumerate(lines):
            ends = (number == 0, number == len(lines) - 1)
            yield _row_strip(line, text, (left, widths), ends, fill=LIGHT.sunken if is_head else "")


def _bold(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(replace(one, bold=True) for one in spans)


def _row_strip(
    line: tuple[Strip | None, ...],
    text: Looks,
    place: tuple[float, list[float]],
    ends: tuple[bool, bool],
    fill: str,
) -> Strip:
    """One line of a row with its borders; `ends`: whether the row begins, and whether it ends with it."""
    left, widths = place
    above, below = (SPACE[0] if end else 0 for end in ends)
    inner = max([text.line, *(one.height for one in line if one is not None)])
    high = above + inner + below

    def paint(painter: QPainter, x: float, y: float) -> None:
        border, wide = QColor(LIGHT.border), sum(widths)
        if fill:
            painter.fillRect(QRectF(x + left, y, wide, high), QColor(fill))
        if ends[0]:
            painter.fillRect(QRectF(x + left, y, wide + 1, 1), border)
        if ends[1]:
            painter.fillRect(QRectF(x + left, y + high, wide + 1, 1), border)
        at = x + left
        for width in (*widths, 0.0):
            painter.fillRect(QRectF(at, y, 1, high), border)
            at += width
        for one in line:
            if one is not None:
                one.paint(painter, x, y + above)

    return Strip(high, paint)
