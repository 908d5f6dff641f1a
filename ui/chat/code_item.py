"""Code blocks: a header with language and copy button, coloured lines that never wrap."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QTextLayout, QTextOption

from app.render.highlight import START, Run, State, code_runs, is_known, line_runs
from app.render.unseen import shown
from ui.chat.items import Look, Spot, paint_icon_button
from ui.chat.message import Row
from ui.chat.scrolled import BAR, ScrolledItem
from ui.chat.style import Style
from ui.chat.text_box import cursor_at, format_range
from ui.theme import RADIUS_CARD, SPACE
from ui.words import shown_line

HEADER_HEIGHT: Final = 32
PAD: Final = SPACE[2]
LANGUAGE_CHARS: Final = 40


class CodeItem(ScrolledItem):
    """One piece of a fence. Grows line by line while open; colours come a few at a time (work())."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        self._lines: list[str] = []
        self._layouts: list[QTextLayout] = []
        self._option = QTextOption()
        self._option.setWrapMode(QTextOption.WrapMode.NoWrap)
        self._option.setTabStopDistance(style.code_metrics.horizontalAdvance("    "))
        self._runs: Iterator[tuple[tuple[Run, ...], State]] | None = None
        self._coloured = 0  # lines whose colours are final for now
        self._state: State = self.group.states.get(row.block.piece - 1, START)
        self._was_open = row.open
        self._header = 0 if row.block.piece else style.px(HEADER_HEIGHT)
        self._top = self.gap + self._header + (0 if row.block.piece else style.px(4))
        self.update()

    # -- content -------------------------------------------------------------------------------------------

    def update(self) -> bool:
        block, row = self.row.block, self.row
        text = shown(block.text.removesuffix("\n"), code=True)
        lines = text.split("\n")
        keep = 0
        while keep < min(len(lines), len(self._lines)) and lines[keep] == self._lines[keep]:
            keep += 1
        del self._layouts[keep:]
        self._lines = lines
        for line in lines[keep:]:
            self._layouts.append(self._line_layout(line))
        self._coloured = min(self._coloured, keep)
        if self._was_open and not row.open:
            # once more as a whole: constructs over several lines look different from the end
            self._coloured = 0
            self._runs = None
            self._state = self.group.states.get(block.piece - 1, START)
        self._was_open = row.open
        self.plain = text
        self._measure()
        return True

    def _line_layout(self, line: str) -> QTextLayout:
        layout = QTextLayout(line, self.style.code)
        layout.setTextOption(self._option)
        _place(layout)
        self.group.width = max(self.group.width, int(layout.lineAt(0).naturalTextWidth()) + 2 * PAD)
        return layout

    def _measure(self) -> None:
        bottom = (self.style.px(PAD) if self.row.last_piece else 0) + (BAR if self._has_bar() else 0)
        self.height = self._top + len(self._layouts) * self.style.code_line + bottom
        self.view = QRectF(self.left + 1, self._top, self.width - self.left - 2, self.height - self._top)

    def _has_bar(self) -> bool:
        return self.row.last_piece and self.group.width > self.width - self.left - 2

    # -- colours -------------------------------------------------------------------------------------------

    def work(self, seconds: float) -> bool:
        language = self.row.block.language
        if not is_known(language):
            return False
        end = perf_counter() + seconds
        closed = not self.row.open
        # the last line of an open fence is not complete: it keeps its plain look
        last = len(self._lines) if closed or self.row.block.text.endswith("\n") else len(self._lines) - 1
        if closed and self._runs is None and self._coloured < last:
            self._runs = code_runs(self.plain, language, self._state)
            self._coloured = 0
        while self._coloured < last:
            runs, self._state = self._next_runs(language)
            self._colour(self._coloured, runs)
            self._coloured += 1
            if perf_counter() > end:
                return self._coloured < last
        self.group.states[self.row.block.piece] = self._state
        return False

    def _next_runs(self, language: str) -> tuple[tuple[Run, ...], State]:
        if self._runs is not None:
            return next(self._runs, ((), self._state))
        return line_runs(self._lines[self._coloured], language, self._state)

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
        _place(layout)

    # -- drawing -------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        self.paint_frame(painter, x, y)
        self._paint_box(painter, x, y)
        if self._header:
            self._paint_header(painter, x, y, look)
        painter.save()
        painter.setClipRect(self.view.translated(x, y), Qt.ClipOperation.IntersectClip)
        self._paint_lines(painter, x + self.left + PAD - self.offset, y, look.selection)
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

    def _paint_header(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        style = self.style
        painter.setFont(style.meta)
        painter.setPen(style.color("muted"))
        place = QRectF(x + self.left + PAD, y + self.gap, self.width - self.left - 2 * PAD, self._header)
        language = shown_line(self.row.block.language, LANGUAGE_CHARS) or "text"
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, language)
        spot = self.spots()[0]
        paint_icon_button(painter, spot, spot.rect.translated(x, y), style, look)

    def _paint_lines(self, painter: QPainter, x: float, y: float, selection: tuple[int, int] | None) -> None:
        step = self.style.code_line
        top = y + self._top
        clip = painter.clipBoundingRect()
        first = max(0, int((clip.top() - top) // step))
        last = min(len(self._layouts), int((clip.bottom() - top) // step) + 1)
        start = sum(len(line) + 1 for line in self._lines[:first])
        painter.setPen(self.style.color("text"))
        for i in range(first, last):
            line = self._lines[i]
            selected = _selected(line, start, selection, self.style) if selection else []
            self._layouts[i].draw(painter, QPointF(x, top + i * step), selected)
            start += len(line) + 1

    # -- places --------------------------------------------------------------------------------------------

    def hit(self, x: float, y: float) -> int:
        step = self.style.code_line
        index = int((y - self._top) // step)
        if index < 0:
            return 0
        if index >= len(self._lines):
            return len(self.plain)
        line = self._lines[index]
        units = cursor_at(self._layouts[index], 0, x - self.left - PAD + self.offset)
        column = len(line.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore"))
        return sum(len(before) + 1 for before in self._lines[:index]) + column

    def spots(self) -> list[Spot]:
        if not self._header:
            return []
        side = self.style.px(26)
        top = self.gap + (self._header - side) / 2 + 1
        return [Spot("copy_code", QRectF(self.width - side - 4, top, side, side), "Copy code")]


def _place(layout: QTextLayout) -> None:
    layout.beginLayout()
    line = layout.createLine()
    if line.isValid():
        line.setLineWidth(1e7)
    layout.endLayout()


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _selected(
    line: str, start: int, selection: tuple[int, int], style: Style
) -> list[QTextLayout.FormatRange]:
    a = max(0, selection[0] - start)
    b = min(len(line), selection[1] - start)
    if a >= b:
        return []
    return [format_range(_utf16(line[:a]), _utf16(line[a:b]), style.selected)]
