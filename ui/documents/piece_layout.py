"""One piece of a text, laid out. Offsets count its characters; Qt's own count units of UTF-16."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

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

from ui.direction import has_backward, runs_backward

_LEADING = 1.4
_TAB = 4  # characters
_GROUNDS = 4000  # that are kept
_BMP = "\uffff"


class PieceLayout:
    """Wraps at `width` px. Positions in px count from the top left."""

    def __init__(self, source: str, font: QFont, width: int) -> None:
        text = source.rstrip("\r\n") if len(source) < 3 else source.removesuffix("\n").removesuffix("\r")
        self.length = len(text)
        self.whole = len(source)  # with its line end
        astral = not text.isascii() and max(text, default="") > _BMP
        self._astral = [i for i, one in enumerate(text) if one > _BMP] if astral else []
        self._astral_units = [at + n for n, at in enumerate(self._astral)]
        self._layout = QTextLayout(text, font)
        self._width = width
        self._grounds: dict[tuple[int, int], list[QRectF]] = {}
        metrics = QFontMetricsF(font)
        self._least = round(metrics.height() * _LEADING)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        backward = runs_backward(text)
        self._both_ways = has_backward(text)
        sides, flow = Qt.AlignmentFlag, Qt.LayoutDirection
        option.setAlignment(sides.AlignRight if backward else sides.AlignLeft)
        option.setTextDirection(flow.RightToLeft if backward else flow.LeftToRight)
        option.setTabStopDistance(_TAB * metrics.horizontalAdvance("0"))
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        self.height = self._lay_out()

    def _lay_out(self) -> int:
        self._layout.beginLayout()
        y = 0.0
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(self._width)
            height = max(float(self._least), line.height())
            line.setPosition(QPointF(0, y + (height - line.height()) / 2))
            y += height
        self._layout.endLayout()
        return max(self._least, round(y))

    # ---- units ----------------------------------------------------------------------------

    def _units(self, offset: int) -> int:
        offset = max(0, min(offset, self.length))
        return offset + bisect_left(self._astral, offset)

    def _offset(self, units: int) -> int:
        return min(self.length, units - bisect_left(self._astral_units, units))

    # ---- places ---------------------------------------------------------------------------

    def hit(self, x: float, y: float) -> int:
        """The offset nearest to a point."""
        found = self._line_at(y)
        line = self._layout.lineAt(found)
        units = line.xToCursor(x)
        # the place behind a wrapped line's last character is the next line's first
        if found + 1 < self._layout.lineCount() and units >= line.textStart() + line.textLength():
            units = self._layout.previousCursorPosition(units)
        return self._offset(units)

    def _line_at(self, y: float) -> int:
        low, high = 0, self._layout.lineCount() - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._top(middle) <= y:
                low = middle
            else:
                high = middle - 1
        return low

    def _top(self, number: int) -> float:
        line = self._layout.lineAt(number)
        return line.y() - max(0.0, self._least - line.height()) / 2

    def line_of(self, offset: int) -> tuple[int, int]:
        """First and last offset of the wrapped line that an offset is in."""
        line = self._layout.lineForTextPosition(self._units(offset))
        start, last = line.textStart(), line.textStart() + line.textLength()
        if line.lineNumber() + 1 < self._layout.lineCount():
            last = self._layout.previousCursorPosition(last)
        return self._offset(start), self._offset(last)

    def place(self, offset: int) -> QRectF:
        """Where an offset stands: x, top of its line, no width, the line's height."""
        units = self._units(offset)
        line = self._layout.lineForTextPosition(units)
        height = max(float(self._least), line.height())
        return QRectF(_x(line, units), self._top(line.lineNumber()), 0, height)

    def step(self, offset: int, forward: bool, word: bool) -> int:
        """The next or previous place for a cursor."""
        mode = QTextLayout.CursorMode.SkipWords if word else QTextLayout.CursorMode.SkipCharacters
        units = self._units(offset)
        move = self._layout.nextCursorPosition if forward else self._layout.previousCursorPosition
        return self._offset(move(units, mode))

    # ---- painting -------------------------------------------------------------------------

    def grounds(self, start: int, end: int) -> list[QRectF]:
        """What stands behind some characters of a few lines; kept, as the next paint asks for it again.

        A format range could show the same, but costs half a ms: a screen may have a thousand matches.
        """
        found = self._grounds.get((start, end))
        if found is None:
            if len(self._grounds) >= _GROUNDS:
                self._grounds.clear()
            found = self._grounds[start, end] = list(self._find_grounds(start, end))
        return found

    def _find_grounds(self, start: int, end: int) -> Iterator[QRectF]:
        at, last = self._units(start), self._units(end)
        while at < last:
            line = self._layout.lineForTextPosition(at)
            stop = min(last, line.textStart() + line.textLength()) if line.isValid() else at
            if stop <= at:
                return
            if self._both_ways:
                # where the direction changes, a place between two characters has two positions
                spans = [
                    (rect.left(), rect.right())
                    for rect in (run.boundingRect() for run in self._layout.glyphRuns(at, stop - at))
                ]
            else:
                spans = [(_x(line, at), _x(line, stop))]
            for left, right in spans:
                yield QRectF(left, line.y(), right - left, line.height())
            at = stop

    def draw(
        self, painter: QPainter, at: QPointF, selected: tuple[int, int], color: QColor, clip: QRectF
    ) -> None:
        """Draw in the painter's pen, the ground of the selected characters in a colour."""
        ranges = []
        start, end = self._units(selected[0]), self._units(selected[1])
        if start < end:
            made = QTextLayout.FormatRange()
            made.start, made.length = start, end - start
            style = QTextCharFormat()
            style.setBackground(color)
            made.format = style
            ranges.append(made)
        self._layout.draw(painter, at, ranges, clip)


def _x(line: QTextLine, units: int) -> float:
    found = line.cursorToX(units)
    return float(found[0] if isinstance(found, tuple) else found)
