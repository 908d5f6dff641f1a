"""Lines of text for a PDF, with formulas that the eye sees set and a search finds as LaTeX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)
from PySide6.QtSvg import QSvgRenderer

from app.export.formulas import EM, SetFormulas
from app.render.highlight import Run
from app.render.inline import Span
from app.render.math_values import MathDrawn, coloured
from ui.chat.formulas import X_HEIGHT
from ui.export.pdf_pages import Strip
from ui.theme import LIGHT

#: Stands for a formula: it is as wide as the formula, and has no ink.
_BLANK: Final = "\u00a0"
_LINE_END: Final = "\u2028"
_SLENDER: Final = 2.5
_CLEAR: Final = QColor(0, 0, 0, 0)


@dataclass(frozen=True)
class Looks:
    """Of a text: its font, the font of code in it, line height in px, colour as #RRGGBB."""

    font: QFont
    code: QFont
    line: float
    colour: str = LIGHT.text


@dataclass(frozen=True)
class _Placed:
    """A formula at a place in the text, in px."""

    at: int
    drawn: MathDrawn
    source: str
    scale: float

    @property
    def width(self) -> float:
        return self.drawn.width * self.scale

    @property
    def above(self) -> float:
        return self.drawn.baseline * self.scale

    @property
    def below(self) -> float:
        return (self.drawn.height - self.drawn.baseline) * self.scale


class Text:
    """A paragraph that is laid out in a width; its lines as strips."""

    def __init__(
        self,
        spans: Sequence[Span],
        looks: Looks,
        width: float,
        formulas: SetFormulas,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        self._looks, self._width, self._placed = looks, width, list[_Placed]()
        self._text = ""
        self._formats: list[QTextLayout.FormatRange] = []
        for span in spans:
            self._add(span, formulas)
        self._layout = _laid_out(self._text, looks.font, self._formats, align)
        self._lines = _break(self._layout, width)

    @property
    def natural_width(self) -> float:
        return max((line.naturalTextWidth() for line in self._lines), default=0.0)

    def strips(self, left: float) -> Iterator[Strip]:
        """Its lines, from `left` on."""
        for line in self._lines:
            begin, end = line.textStart(), line.textStart() + line.textLength()
            placed = [one for one in self._placed if begin <= one.at < end]
            ascent = max([line.ascent(), *(one.above for one in placed)])
            descent = max([line.descent(), *(one.below for one in placed)])
            high = max(self._looks.line, ascent + descent + 2)
            down = (high - ascent - descent) / 2 + ascent
            yield Strip(high, _Line(self, line, placed, (left, down)), down)

    def paint(
        self, painter: QPainter, line: QTextLine, placed: Sequence[_Placed], x: float, base: float
    ) -> None:
        """Draw a line whose baseline is at `base`."""
        painter.setPen(QColor(self._looks.colour))
        # A line knows its own place in the layout.
        line.draw(painter, QPointF(x - line.x(), base - line.ascent() - line.y()) + QPointF(line.x(), 0))
        for one in placed:
            at = line.cursorToX(one.at)
            start = at[0] if isinstance(at, tuple) else at
            place = (x + start, base - one.above, one.scale)
            paint_formula(painter, one.drawn, one.source, place, self._looks)

    def _add(self, span: Span, formulas: SetFormulas) -> None:
        start = len(self._text)
        if span.math:
            drawn = formulas.get(span.math, span.display)
            if isinstance(drawn, MathDrawn):
                scale = min(scale_of(self._looks.font), self._width / drawn.width)
                self._text += _BLANK
                self._placed.append(_Placed(start, drawn, span.text, scale))
                self._format(start, _blank_format(self._looks.font, drawn.width * scale))
                return
            span = Span(span.text, code=True, href=span.href)
        self._text += span.text.replace("\n", _LINE_END)
        if span != Span(span.text):
            self._format(start, _span_format(span, self._looks))
        if span.href and span.href not in (span.text, f"mailto:{span.text}"):
            begin = len(self._text)
            self._text += f" ({span.href})"
            char_format = QTextCharFormat()
            char_format.setForeground(QColor(LIGHT.muted))
            self._format(begin, char_format)

    def _format(self, start: int, char_format: QTextCharFormat) -> None:
        made = QTextLayout.FormatRange()
        made.start = _units(self._text[:start])
        made.length = _units(self._text[start:])
        made.format = char_format
        self._formats.append(made)


@dataclass(frozen=True)
class _Line:
    """Paints one line of a text: `place` is its left edge and how far down its baseline is."""

    text: Text
    line: QTextLine
    placed: list[_Placed]
    place: tuple[float, float]

    def __call__(self, painter: QPainter, x: float, y: float) -> None:
        self.text.paint(painter, self.line, self.placed, x + self.place[0], y + self.place[1])


def _units(text: str) -> int:
    """Its length as Qt counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _laid_out(
    text: str, font: QFont, formats: list[QTextLayout.FormatRange], align: Qt.AlignmentFlag
) -> QTextLayout:
    layout = QTextLayout(text, font)
    option = QTextOption(align)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(formats)
    return layout


def _break(layout: QTextLayout, width: float) -> list[QTextLine]:
    lines: list[QTextLine] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, 0))
        lines.append(line)
    layout.endLayout()
    return lines


def _span_format(span: Span, looks: Looks) -> QTextCharFormat:
    char_format = QTextCharFormat()
    if span.code:
        char_format.setFont(looks.code, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesAll)
        char_format.setBackground(QColor(LIGHT.inline_code))
    if span.bold:
        char_format.setFontWeight(QFont.Weight.DemiBold)
    if span.note:
        char_format.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
    if span.italic:
        char_format.setFontItalic(True)
    if span.strike:
        char_format.setFontStrikeOut(True)
    if span.href:
        char_format.setForeground(QColor(LIGHT.accent))
        char_format.setFontUnderline(True)
    if span.note:
        char_format.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
    return char_format


def _blank_format(font: QFont, width: float) -> QTextCharFormat:
    spaced = QFont(font)
    spaced.setLetterSpacing(
        QFont.SpacingType.AbsoluteSpacing, width - QFontMetricsF(font).horizontalAdvance(_BLANK)
    )
    char_format = QTextCharFormat()
    char_format.setFont(spaced, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesAll)
    return char_format


# ---- formulas and code --------------------------------------------------------------------


def scale_of(font: QFont) -> float:
    """What a formula that is drawn at EM is scaled by, so that its x is as high as the font's."""
    ratio = QFontMetricsF(font).xHeight() / font.pixelSize() / X_HEIGHT
    return font.pixelSize() / EM * max(0.95, min(ratio, 1.2))


def paint_formula(
    painter: QPainter, drawn: MathDrawn, source: str, place: tuple[float, float, float], looks: Looks
) -> None:
    """Draw a formula, and its source over it in a text that has no colour: a search or a copy finds that.

    `place`: left, top, and what it is scaled by.
    """
    x, y, scale = place
    wide, high = drawn.width * scale, drawn.height * scale
    picture = QSvgRenderer(QByteArray(coloured(drawn.svg, looks.colour).encode()))
    picture.render(painter, QRectF(x, y, wide, high))
    text = " ".join(source.split())
    natural = QFontMetricsF(looks.font).horizontalAdvance(text)
    if not natural:
        return
    painter.save()
    painter.setPen(_CLEAR)
    painter.setFont(looks.font)
    painter.translate(x, y + drawn.baseline * scale)
    # Lower, too, where it is very narrow: two letters that are alike would be taken for one that is bold.
    painter.scale(wide / natural, min(1.0, _SLENDER * wide / natural))
    painter.drawText(QPointF(0, 0), text)
    painter.restore()


def code_strips(line: str, runs: Sequence[Run], looks: Looks, left: float, width: float) -> Iterator[Strip]:
    """A line of code in its colours; one that is too long is wrapped."""
    formats = []
    for run in runs:
        made = QTextLayout.FormatRange()
        made.start = _units(line[: run.start])
        made.length = _units(line[run.start : run.start + run.length])
        made.format = QTextCharFormat()
        made.format.setForeground(QColor(getattr(LIGHT, f"code_{run.style}")))
        formats.append(made)
    layout = _laid_out(line, looks.font, formats, Qt.AlignmentFlag.AlignLeft)
    option = layout.textOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LeftToRight)
    layout.setTextOption(option)
    lines = _break(layout, width)
    for one in lines:
        yield Strip(looks.line, _CodeLine(layout, one, looks, left))
    if not lines:
        yield Strip(looks.line, lambda _painter, _x, _y: None)


@dataclass(frozen=True)
class _CodeLine:
    layout: QTextLayout  # it owns the line
    line: QTextLine
    looks: Looks
    left: float

    def __call__(self, painter: QPainter, x: float, y: float) -> None:
        painter.setPen(QColor(self.looks.colour))
        down = (self.looks.line - self.line.height()) / 2
        self.line.draw(painter, QPointF(x + self.left, y + down))
