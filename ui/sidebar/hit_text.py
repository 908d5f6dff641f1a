"""The text of a hit, with what was found made strong."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption

Spans = tuple[tuple[int, int], ...]

_LINES_AT_MOST: Final = 2
_KEPT: Final = 512


@lru_cache(maxsize=_KEPT)
def found_in(text: str, query: str) -> Spans:
    """Where the words of a query stand in a text, whatever their case."""
    words = sorted({re.escape(word) for word in query.split()}, key=len, reverse=True)
    if not words:
        return ()
    return tuple(match.span() for match in re.finditer("|".join(words), text, re.IGNORECASE))


def units(text: str, position: int) -> int:
    """A position in characters as Qt counts: one beyond the first plane counts twice."""
    return position + sum(character > "\uffff" for character in text[:position])


class Fitted:
    """Texts in at most so many lines of a font; what was cut off them is an ellipsis. GUI thread only."""

    def __init__(self, font: QFont, lines: int = _LINES_AT_MOST) -> None:
        self._font = font
        self._lines = lines
        self._fits: dict[tuple[str, Spans, int], tuple[str, int]] = {}

    def lines(self, text: str, matches: Spans, width: int) -> int:
        """How many lines the text takes in `width` px."""
        return self._fit(text, matches, width)[1]

    def shown(self, text: str, matches: Spans, width: int) -> str:
        """What of the text is drawn."""
        return self._fit(text, matches, width)[0]

    def draw(
        self,
        painter: QPainter,
        at: QRect,
        text: str,
        matches: Spans,
        colours: tuple[QColor, QColor],
    ) -> None:
        """Draw it as wide as `at`; `colours` are of the text and of what was found."""
        shown = self.shown(text, matches, at.width())
        painter.setPen(colours[0])
        layout, _ = self._lay_out(shown, matches, at.width(), colours[1])
        layout.draw(painter, QPointF(at.topLeft()))

    def _fit(self, text: str, matches: Spans, width: int) -> tuple[str, int]:
        key = (text, matches, width)
        if key not in self._fits:
            if len(self._fits) >= _KEPT:
                self._fits.clear()
            self._fits[key] = self._measure(text, matches, width)
        return self._fits[key]

    def _measure(self, text: str, matches: Spans, width: int) -> tuple[str, int]:
        layout, whole = self._lay_out(text, matches, width)
        if whole:
            return text, max(1, layout.lineCount())
        last = layout.lineAt(layout.lineCount() - 1)
        shown = until(text, last.textStart() + last.textLength()).rstrip()
        while shown and not self._lay_out(f"{shown}…", matches, width)[1]:
            shown = shown[:-1].rstrip()
        return f"{shown}…", self._lines

    def _lay_out(
        self, text: str, matches: Spans, width: int, colour: QColor | None = None
    ) -> tuple[QTextLayout, bool]:
        """The text in its lines, and whether all of it has a place."""
        layout = QTextLayout(text, self._font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats([_strong(text, span, colour) for span in matches if span[0] < len(text)])
        layout.beginLayout()
        top = 0.0
        taken = 0
        while layout.lineCount() < self._lines and (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, top))
            top += line.height()
            taken += line.textLength()
        layout.endLayout()
        return layout, taken >= units(text, len(text))


def until(text: str, position: int) -> str:
    """The text before a position that Qt counted."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * position].decode("utf-16-le", "ignore")


def _strong(text: str, span: tuple[int, int], colour: QColor | None) -> QTextLayout.FormatRange:
    piece = QTextLayout.FormatRange()
    piece.start = units(text, span[0])
    piece.length = units(text, min(span[1], len(text))) - piece.start
    look = QTextCharFormat()
    look.setFontWeight(QFont.Weight.DemiBold)
    if colour is not None:
        look.setForeground(colour)
    piece.format = look
    return piece
