"""Code blocks: a header with language and buttons, coloured lines that wrap only where that is asked for."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTextCharFormat, QTextLayout, QTextOption

from app.render.highlight import Run
from app.render.unseen import shown
from ui.chat.code_head import HEIGHT, code_spots, paint_head
from ui.chat.colouring import Colouring
from ui.chat.items import Look, Spot
from ui.chat.marks import mark_found, only_within
from ui.chat.message import Row
from ui.chat.scrolled import BAR, ScrolledItem
from ui.chat.style import Style
from ui.chat.text_box import cursor_at, cursor_x, format_range
from ui.theme import RADIUS_CARD, SPACE

PAD: Final = SPACE[2]
_UNBOUND: Final = 1e7  # px


class CodeItem(ScrolledItem):
    """One piece of a fence. Grows line by line while open; colours come a few at a time (work())."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        self._lines: list[str] = []
        self._layouts: list[QTextLayout] = []
        self._begins = [0]  # offset in `plain` at which each line begins
        self._tops = [0]  # how many rows of the screen stand above each line
        self._wrap = self.group.wrap
        self._option = QTextOption()
        self._option.setTabStopDistance(style.code_metrics.horizontalAdvance("    "))
        self._colouring = Colouring(row, self.group)
        self._header = 0 if row.block.piece else style.px(HEIGHT)
        self._top = self.gap + self._header + (0 if row.block.piece else style.px(4))
        self.update()

    # -- content -------------------------------------------------------------------------------------------

    def update(self) -> bool:
        if self._wrap != self.group.wrap:
            self._wrap, self._lines = self.group.wrap, []
        text = shown(self.row.block.text.removesuffix("\n"), code=True)
        lines = text.split("\n")
        keep = 0
        while keep < min(len(lines), len(self._lines)) and lines[keep] == self._lines[keep]:
            keep += 1
        del self._layouts[keep:]
        self._lines = lines
        for line in lines[keep:]:
            self._layouts.append(self._line_layout(line))
        self._colouring.changed(keep)
        self.plain = text
        self._begins = [0, *accumulate(len(line) + 1 for line in lines)]
        self._measure()
        return True

    def _line_layout(self, line: str) -> QTextLayout:
        layout = QTextLayout(line, self.style.code)
        wrap = QTextOption.WrapMode
        self._option.setWrapMode(wrap.WrapAtWordBoundaryOrAnywhere if self._wrap else wrap.NoWrap)
        layout.setTextOption(self._option)
        self._place(layout)
        if not self._wrap:
            natural = int(layout.lineAt(0).naturalTextWidth())
            self.group.width = max(self.group.width, natural + 2 * PAD)
        return layout

    def _place(self, layout: QTextLayout) -> None:
        width = max(60.0, self.width - self.left - 2 - 2 * PAD) if self._wrap else _UNBOUND
        layout.beginLayout()
        y = 0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, y))
            y += self.style.code_line
        layout.endLayout()

    def _measure(self) -> None:
        bottom = (self.style.px(PAD) if self.row.last_piece else 0) + (BAR if self._has_bar() else 0)
        self._tops = [0, *accumulate(max(1, layout.lineCount()) for layout in self._layouts)]
        self.height = self._top + self._tops[-1] * self.style.code_line + bottom
        self.view = QRectF(self.left + 1, self._top, self.width - self.left - 2, self.height - self._top)

    def _has_bar(self) -> bool:
        return self.row.last_piece and self.group.width > self.width - self.left - 2

    # -- colours -------------------------------------------------------------------------------------------

    def work(self, seconds: float) -> bool:
        return self._colouring.work(self._lines, seconds, self._colour)

    def _colour(self, index: int, runs: tuple[Run, ...]) -> None:
        line, layout = self._lines[index], self._layouts[index]
        if line.isascii():
            ranges = [format_range(r.start, r.length, self.style.code_format(r.style)) for r in runs]
        else:
            ranges = []
            for r in runs:
                start = _utf16(line[: r.start])
                length = _utf16(line[r.start : r.start + r.length])
                ranges.append(format_range(start, length, self.style.code_format(r.style)))
        layout.setFormats(ranges)
        before = layout.lineCount()
        self._place(layout)
        if layout.lineCount() != before:
            self._measure()
            self.row.layout_key = None  # slanted letters are wider in this font

    # -- drawing -------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        self.paint_frame(painter, x, y)
        self._paint_box(painter, x, y)
        if self._header:
            width = self.width - self.left - 2 * PAD
            place = QRectF(x + self.left + PAD, y + self.gap, width, self._header)
            looks = (self.style, self.row.block.language, look)
            paint_head(painter, place, (x, y), self.spots(), looks)
        painter.save()
        painter.setClipRect(self.view.translated(x, y), Qt.ClipOperation.IntersectClip)
        left = x + self.left + PAD - self.offset
        marked = mark_found(painter, look.found, self.rects, (x, y), self.style)
        self._paint_lines(painter, left, y, look.selection)
        if marked:
            only_within(painter, marked)
            self._paint_lines(painter, left, y, (0, len(self.plain)), self.style.on_found)
        painter.restore()
        self.paint_bar(painter, x, y)

    def _paint_box(self, painter: QPainter, x: float, y: float) -> None:
        rect = QRectF(x + self.left, y + self.gap, self.width - self.left, self.height - self.gap)
        painter.save()
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.style.color("border"), 1))
        painter.setBrush(self.style.color("sunken"))
        top = 0.5 if not self.row.block.piece else -2 * RADIUS_CARD
        bottom = -0.5 if self.row.last_piece else 2 * RADIUS_CARD
        painter.drawRoundedRect(rect.adjusted(0.5, top, -0.5, bottom), RADIUS_CARD, RADIUS_CARD)
        painter.restore()

    def _paint_lines(
        self,
        painter: QPainter,
        x: float,
        y: float,
        selection: tuple[int, int] | None,
        chosen: QTextCharFormat | None = None,
    ) -> None:
        step = self.style.code_line
        top = y + self._top
        clip = painter.clipBoundingRect()
        first, last = self._line_at(clip.top() - top), self._line_at(clip.bottom() - top)
        painter.setPen(self.style.color("text"))
        for i in range(first, last + 1):
            line, start = self._lines[i], self._begins[i]
            selected = _selected(line, start, selection, chosen or self.style.selected) if selection else []
            self._layouts[i].draw(painter, QPointF(x, top + self._tops[i] * step), selected)

    # -- places --------------------------------------------------------------------------------------------

    def _line_at(self, y: float) -> int:
        """The line `y` px below the first one's top; the nearest one outside."""
        found = bisect_right(self._tops, int(y // self.style.code_line)) - 1
        return max(0, min(found, len(self._lines) - 1))

    def hit(self, x: float, y: float) -> int:
        step = self.style.code_line
        if y < self._top:
            return 0
        if y >= self._top + self._tops[-1] * step:
            return len(self.plain)
        index = self._line_at(y - self._top)
        line, layout = self._lines[index], self._layouts[index]
        number = min(int((y - self._top) // step) - self._tops[index], layout.lineCount() - 1)
        part = layout.lineAt(number)
        units = cursor_at(layout, number, x - self.left - PAD + self.offset)
        # the place behind a wrapped part's last character is the next part's first
        if number + 1 < layout.lineCount() and units >= part.textStart() + part.textLength():
            units = layout.previousCursorPosition(units)
        column = len(line.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore"))
        return self._begins[index] + column

    def rects(self, start: int, end: int) -> list[QRectF]:
        step, left = self.style.code_line, self.left + PAD - self.offset
        found = []
        for i in range(self._index(start), self._index(max(start, end - 1)) + 1):
            line, layout = self._lines[i], self._layouts[i]
            a = _utf16(line[: max(0, start - self._begins[i])])
            b = _utf16(line[: max(0, end - self._begins[i])])
            for number in range(layout.lineCount()):
                part = layout.lineAt(number)
                first = max(a, part.textStart())
                last = min(b, part.textStart() + part.textLength())
                if first < last:
                    x1, x2 = cursor_x(part, first), cursor_x(part, last)
                    y = self._top + (self._tops[i] + number) * step
                    found.append(QRectF(left + min(x1, x2), y, abs(x2 - x1), step))
        return found

    def _index(self, offset: int) -> int:
        """The line that an offset is in."""
        return max(0, min(bisect_right(self._begins, offset), len(self._lines)) - 1)

    def height_to(self, offset: int) -> int:
        rects = self.rects(offset, offset + 1)
        top = self._top + self._tops[self._index(offset)] * self.style.code_line
        return int(rects[0].top()) if rects else top

    def spots(self) -> list[Spot]:
        return code_spots(self.style, self.gap, self.width, self.group.wrap) if self._header else []


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _selected(
    line: str, start: int, selection: tuple[int, int], chosen: QTextCharFormat
) -> list[QTextLayout.FormatRange]:
    a = max(0, selection[0] - start)
    b = min(len(line), selection[1] - start)
    if a >= b:
        return []
    return [format_range(_utf16(line[:a]), _utf16(line[a:b]), chosen)]
