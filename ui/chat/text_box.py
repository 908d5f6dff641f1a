"""A laid-out text: wraps, draws, finds offsets. Thin over QTextLayout, far cheaper than a QTextDocument."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from app.render.inline import Span
from ui.chat.style import Style

LINE_BREAK = "\u2028"


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
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        self.text = "".join(span.text for span in spans).replace(LINE_BREAK, "\n")
        self.links: list[Link] = []
        self._code: list[tuple[int, int]] = []
        self._style = style
        self._line_height = style.line(font)
        self._layout = QTextLayout(self.text.replace("\n", LINE_BREAK), font)
        option = QTextOption(align)
        wrap = QTextOption.WrapMode
        option.setWrapMode(wrap.NoWrap if width is None else wrap.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.setFormats(self._formats(spans, font, style))
        self.natural = 0.0
        self.height = self._place_lines(width)

    def _formats(self, spans: tuple[Span, ...], font: QFont, style: Style) -> list[QTextLayout.FormatRange]:
        ranges = []
        at = 0
        for span in spans:
            length = len(span.text)
            if span.code:
                self._code.append((at, at + length))
            if span.href:
                if self.links and self.links[-1].end == at and self.links[-1].href == span.href:
                    self.links[-1] = Link(self.links[-1].start, at + length, span.href)
                else:
                    self.links.append(Link(at, at + length, span.href))
            if span != Span(span.text):
                start, end = self._utf16(at), self._utf16(at + length)
                ranges.append(format_range(start, end - start, style.span_format(span, font)))
            at += length
        return ranges

    def _utf16(self, offset: int) -> int:
        """Qt counts UTF-16 units, Python characters: they differ behind an emoji."""
        if self.text.isascii():
            return offset
        head = self.text[:offset]
        return len(head.encode("utf-16-le")) // 2

    def _offset(self, utf16: int) -> int:
        if self.text.isascii():
            return utf16
        data = self.text.encode("utf-16-le")[: utf16 * 2]
        return len(data.decode("utf-16-le", errors="ignore"))

    def _place_lines(self, width: float | None) -> int:
        layout = self._layout
        layout.beginLayout()
        y = 0
        while True:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(1e6 if width is None else width)
            line.setPosition(QPointF(0, y + (self._line_height - line.height()) / 2))
            self.natural = max(self.natural, line.naturalTextWidth())
            y += self._line_height
        layout.endLayout()
        return max(y, self._line_height)

    def draw(
        self,
        painter: QPainter,
        x: float,
        y: float,
        color: QColor,
        *,
        selection: tuple[int, int] | None = None,
        code_background: str = "inline_code",
    ) -> None:
        """Paint at (x, y); `selection` is a range of characters."""
        if self._code:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._style.color(code_background))
            for start, end in self._code:
                for rect in self.rects(start, end):
                    painter.drawRoundedRect(rect.translated(x, y).adjusted(-2, 1, 2, -1), 4, 4)
        painter.setPen(color)
        selected = []
        if selection and selection[1] > selection[0]:
            start, end = (self._utf16(i) for i in selection)
            selected = [format_range(start, end - start, self._style.selected)]
        self._layout.draw(painter, QPointF(x, y), selected)

    def rects(self, start: int, end: int) -> list[QRectF]:
        """Boxes around a range of characters, one for each line."""
        found = []
        first, last = self._utf16(start), self._utf16(end)
        for i in range(self._layout.lineCount()):
            line = self._layout.lineAt(i)
            a = max(first, line.textStart())
            b = min(last, line.textStart() + line.textLength())
            if a < b:
                x1, x2 = _x(line, a), _x(line, b)
                found.append(QRectF(min(x1, x2), line.y(), abs(x2 - x1), line.height()))
        return found

    def hit(self, x: float, y: float) -> int:
        """The character offset nearest to a point."""
        count = self._layout.lineCount()
        if not count or y < 0:
            return 0
        if y >= self.height:
            return len(self.text)
        line = self._layout.lineAt(min(count - 1, int(y // self._line_height)))
        return self._offset(line.xToCursor(x))

    def link_at(self, x: float, y: float) -> Link | None:
        """The link under a point."""
        for link in self.links:
            if any(rect.contains(x, y) for rect in self.rects(link.start, link.end)):
                return link
        return None


def _x(line: QTextLine, position: int) -> float:
    answer = line.cursorToX(position)
    return float(answer[0] if isinstance(answer, tuple) else answer)
