"""A laid-out text: wraps, draws, finds offsets. Thin over QTextLayout, far cheaper than a QTextDocument."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
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

from app.render.inline import Span
from app.render.plain import LINE_BREAK
from ui.chat.formulas import Key
from ui.chat.inline_math import Hint, Placed, compose
from ui.chat.marks import Found, mark_found, only_within
from ui.chat.style import Style
from ui.direction import has_backward, runs_backward

NOTE = "#^"  # begins the address of a footnote: nothing opens that


def format_range(start: int, length: int, char_format: QTextCharFormat) -> QTextLayout.FormatRange:
    """One styled stretch of a QTextLayout."""
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, char_format
    return made


@dataclass(frozen=True, slots=True)
class Link:
    """A safe link's place in the text."""

    start: int
    end: int
    href: str


class TextBox:
    """Spans in one font, wrapped at `width` px (None: not at all). Positions count from its top left."""

    def __init__(
        self,
        spans: tuple[Span, ...],
        font: QFont,
        style: Style,
        width: float | None,
        align: Qt.AlignmentFlag | None = None,
    ) -> None:
        """Without `align` on the side where the text's first letter begins."""
        self._math = compose(spans, font, style, width)
        self.text = self._math.plain.replace(LINE_BREAK, "\n")
        self._shown = self._math.shown.replace(LINE_BREAK, "\n")
        # Qt counts UTF-16 units, Python characters: they differ behind an emoji
        self._wide = bool(self._shown) and max(self._shown) > "\uffff"
        self.links = _links(spans)
        self._style = style
        self._line_height = style.line(font)
        self._layout = QTextLayout(self._shown.replace("\n", LINE_BREAK), font)
        self.backward = runs_backward(self._shown)
        self._mixed = self.backward or has_backward(self._shown)
        option = _option(self.backward, Qt.AlignmentFlag.AlignLeft if width is None else align)
        wrap = QTextOption.WrapMode
        option.setWrapMode(wrap.NoWrap if width is None else wrap.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.setFormats(
            [
                format_range(self._units(start), self._units(end) - self._units(start), char_format)
                for start, end, char_format in self._math.formats
            ]
        )
        self.natural = 0.0
        self._tops: list[int] = []
        self._boxes: list[tuple[Placed, QRectF]] | None = None
        self._rects: dict[tuple[int, int], list[QRectF]] = {}
        self.height = self._place_lines(width)

    @property
    def missing(self) -> list[Key]:
        """Formulas whose source is shown until they are drawn."""
        return self._math.missing

    @property
    def hints(self) -> list[Hint]:
        """Its formulas, drawn or not."""
        return self._math.hints

    @property
    def widest(self) -> float:
        """px of the widest formula, which no line break makes narrower."""
        return max((one.sized.width for one in self._math.placed), default=0.0)

    def _units(self, index: int) -> int:
        return len(self._shown[:index].encode("utf-16-le")) // 2 if self._wide else index

    def _utf16(self, offset: int) -> int:
        return self._units(self._math.index(offset))

    def _offset(self, utf16: int) -> int:
        if self._wide:
            data = self._shown.encode("utf-16-le")[: utf16 * 2]
            utf16 = len(data.decode("utf-16-le", errors="ignore"))
        return self._math.offset(utf16)

    def _place_lines(self, width: float | None) -> int:
        layout = self._layout
        usual = 1e6 if self._shown.isascii() else QFontMetricsF(layout.font()).height() + 0.5
        layout.beginLayout()
        y = placed = 0
        while True:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(1e6 if width is None else width)
            # letters of other fonts may be so high that lines set close would meet
            tall = max(self._line_height, ceil(line.height())) if line.height() > usual else self._line_height
            up, down, placed = self._room(line, placed, tall)
            line.setPosition(QPointF(0, y + up + (tall - line.height()) / 2))
            self.natural = max(self.natural, line.naturalTextWidth())
            self._tops.append(y)
            y += up + tall + down
        layout.endLayout()
        return max(y, self._line_height)

    def _room(self, line: QTextLine, number: int, tall: int) -> tuple[int, int, int]:
        """px by which formulas reach over and under the line that the text alone would have, which is `tall`;
        `number` is the first formula that may be in it, returned is the first behind it."""
        if number >= len(self._math.placed):
            return 0, 0, number
        last = line.textStart() + line.textLength()
        over = (tall - line.height()) / 2 + line.ascent()
        under = tall - over
        up = down = 0.0
        for one in self._math.placed[number:]:
            if self._units(one.blank) >= last:
                break
            ascent, height = one.sized.ascent, one.sized.height
            up, down = max(up, ascent + 1 - over), max(down, height - ascent + 1 - under)
            number += 1
        return ceil(up), ceil(down), number

    def draw(
        self,
        painter: QPainter,
        x: float,
        y: float,
        color: QColor,
        *,
        selection: tuple[int, int] | None = None,
        found: Sequence[Found] = (),
        code_background: str = "inline_code",
    ) -> None:
        """Paint at (x, y); `selection` is a range of characters."""
        if self._math.codes:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._style.color(code_background))
            for start, end in self._math.codes:
                for rect in self.rects(start, end):
                    painter.drawRoundedRect(rect.translated(x, y).adjusted(-2, 1, 2, -1), 4, 4)
        marked = mark_found(painter, found, self.rects, (x, y), self._style)
        painter.setPen(color)
        selected = []
        if selection and selection[1] > selection[0]:
            selection = self._math.whole(*selection)
            start, end = (self._utf16(i) for i in selection)
            selected = [format_range(start, end - start, self._style.selected)]
        seen = self._seen(painter, x, y)
        for one, rect in seen:
            if selection and selection[0] <= one.start and one.end <= selection[1]:
                painter.fillRect(rect.translated(x, y), self._style.selected.background())
        self._layout.draw(painter, QPointF(x, y), selected)
        if marked:
            self._draw_within(painter, x, y, marked)
        for one, rect in seen:
            linked = any(link.start <= one.start < link.end for link in self.links)
            ink = self._style.color("accent") if linked else color
            self._style.formulas.paint(painter, one.sized, rect.topLeft() + QPointF(x, y), ink)

    def _draw_within(self, painter: QPainter, x: float, y: float, marked: list[QRectF]) -> None:
        painter.save()
        only_within(painter, marked)
        whole = format_range(0, len(self._layout.text()), self._style.on_found)
        self._layout.draw(painter, QPointF(x, y), [whole])
        painter.restore()

    def _seen(self, painter: QPainter, x: float, y: float) -> list[tuple[Placed, QRectF]]:
        """Formulas that are to be painted, and where."""
        if not self._math.placed:
            return []
        clip = painter.clipBoundingRect() if painter.hasClipping() else painter.viewport().toRectF()
        return [(one, rect) for one, rect in self._placed_boxes() if rect.translated(x, y).intersects(clip)]

    def _placed_boxes(self) -> list[tuple[Placed, QRectF]]:
        if self._boxes is None:
            self._boxes = [(one, self._box(one)) for one in self._math.placed]
        return self._boxes

    def _box(self, one: Placed) -> QRectF:
        unit, size = self._units(one.blank), one.sized
        line = self._layout.lineForTextPosition(unit)
        left = min(cursor_x(line, unit), cursor_x(line, unit + 1))
        return QRectF(left, line.y() + line.ascent() - size.ascent, size.width, size.height)

    def rects(self, start: int, end: int) -> list[QRectF]:
        """Boxes around a range of characters, one for each line and direction in it; formulas at
        its ends are in it whole."""
        kept = self._rects.get((start, end))
        if kept is None:
            kept = self._rects[start, end] = list(self._find_rects(*self._math.whole(start, end)))
        return kept

    def _find_rects(self, start: int, end: int) -> Iterator[QRectF]:
        at, last = self._utf16(start), self._utf16(end)
        while at < last:
            line = self._layout.lineForTextPosition(at)
            stop = min(last, line.textStart() + line.textLength()) if line.isValid() else at
            if stop <= at:
                break
            x1, x2 = cursor_x(line, at), cursor_x(line, stop)
            spans = _both_ways(line, at, stop) if self._mixed else [(x1, x2)]
            for left, right in spans:
                yield QRectF(left, line.y(), right - left, line.height())
            at = stop
        for one, rect in self._placed_boxes() if self._math.placed else ():
            if start <= one.start and one.end <= end:
                yield rect

    def hit(self, x: float, y: float) -> int:
        """The character offset nearest to a point."""
        count = self._layout.lineCount()
        if not count or y < 0:
            return 0
        if y >= self.height:
            return len(self.text)
        return self._offset(cursor_at(self._layout, self._line_at(y), x))

    def _line_at(self, y: float) -> int:
        return max(0, bisect_right(self._tops, y) - 1)

    def top_of(self, offset: int) -> int:
        """Where the line with a character begins, px."""
        line = self._layout.lineForTextPosition(self._utf16(offset))
        return self._tops[line.lineNumber()] if line.isValid() else 0

    def hint_at(self, x: float, y: float) -> Hint | None:
        """The formula under a point, drawn or not."""
        for one, rect in self._placed_boxes():
            if rect.adjusted(-1, -1, 1, 1).contains(x, y):
                return next(hint for hint in self._math.hints if hint.start == one.start)
        drawn = {one.start for one in self._math.placed}
        for hint in self._math.hints:
            if hint.start not in drawn and any(r.contains(x, y) for r in self.rects(hint.start, hint.end)):
                return hint
        return None

    def whole(self, start: int, end: int) -> tuple[int, int]:
        """A range of characters that has drawn formulas at its ends whole."""
        return self._math.whole(start, end)

    def link_at(self, x: float, y: float) -> Link | None:
        """The link under a point."""
        for link in self.links:
            if any(rect.contains(x, y) for rect in self.rects(link.start, link.end)):
                return link
        return None


def cursor_at(layout: QTextLayout, line: int, x: float) -> int:
    """The place nearest to `x` px in a line, in UTF-16 units, never within what looks like one character."""
    place = layout.lineAt(line).xToCursor(x)
    return place if layout.isValidCursorPosition(place) else layout.previousCursorPosition(place)


def _option(backward: bool, align: Qt.AlignmentFlag | None) -> QTextOption:
    """Direction and alignment; without "absolute" left would be right in a text that runs backward."""
    sides, flow = Qt.AlignmentFlag, Qt.LayoutDirection
    if align is None:
        align = sides.AlignRight if backward else sides.AlignLeft
    option = QTextOption(align | sides.AlignAbsolute)
    option.setTextDirection(flow.RightToLeft if backward else flow.LeftToRight)
    return option


def cursor_x(line: QTextLine, position: int) -> float:
    """Where a place in a line stands, px."""
    answer = line.cursorToX(position)
    return float(answer[0] if isinstance(answer, tuple) else answer)


def _both_ways(line: QTextLine, start: int, end: int) -> list[tuple[float, float]]:
    """Left and right ends of what a range covers: where directions meet, a place has two positions, so that
    only the glyphs tell."""
    spans: list[tuple[float, float]] = []
    for run in line.glyphRuns(start, end - start):
        advances = run.rawFont().advancesForGlyphIndexes(run.glyphIndexes())
        for place, advance in zip(run.positions(), advances, strict=True):
            spans.append((place.x(), place.x() + advance.x()))
    joined: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if joined and left <= joined[-1][1] + 0.5:
            joined[-1] = (joined[-1][0], max(right, joined[-1][1]))
        else:
            joined.append((left, right))
    return joined


def _links(spans: tuple[Span, ...]) -> list[Link]:
    links: list[Link] = []
    at = 0
    for span in spans:
        end = at + len(span.text)
        href = NOTE + span.note if span.note else span.href
        if href:
            if links and links[-1].end == at and links[-1].href == href:
                links[-1] = Link(links[-1].start, end, href)
            else:
                links.append(Link(at, end, href))
        at = end
    return links
