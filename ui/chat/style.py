"""Fonts, colours and measures of one theme and zoom, ready for the painters."""

from __future__ import annotations

from itertools import count
from typing import Final

from PySide6.QtGui import QColor, QFont, QFontMetricsF, QTextCharFormat

from app.render.highlight import STYLES
from app.render.inline import Span
from ui.chat.formulas import Formulas
from ui.theme import CODE_LINE_HEIGHT, HEADINGS, TYPE, ThemeManager

_serials = count()
#: Stands for a formula: it has no ink, and only blanks and CJK characters let a line end beside it.
BLANK: Final = "\u00a0"
_MOST_FORMATS: Final = 2000


class Style:
    """Made anew when theme or zoom change; painters keep none of it."""

    def __init__(self, theme: ThemeManager, zoom: float, formulas: Formulas) -> None:
        self.serial = next(_serials)
        self.theme = theme
        self.zoom = zoom
        self.formulas = formulas
        self.reading = theme.font("reading", zoom)
        self.thought = theme.font("ui", zoom)
        self.meta = theme.font("meta", zoom)
        self.code = theme.font("code", zoom)
        self.code_metrics = QFontMetricsF(self.code)
        self.gap = theme.reading.gap
        self._line_height = theme.reading.line_height
        self.code_line = self.px(TYPE["code"] * CODE_LINE_HEIGHT * self.gap)
        self.meta_line = self.px(20)
        self._blank_formats: dict[tuple[int, int, float], QTextCharFormat] = {}
        self._span_formats: dict[tuple[tuple[bool, ...], int], QTextCharFormat] = {}
        self._code_formats: dict[str, QTextCharFormat] = {}
        for name in STYLES:
            char_format = QTextCharFormat()
            char_format.setForeground(theme.color(f"code_{name}"))
            if name == "comment":
                char_format.setFontItalic(True)
            self._code_formats[name] = char_format
        self.on_found = QTextCharFormat()
        self.on_found.setForeground(theme.color("text"))
        self.selected = QTextCharFormat()
        self.selected.setBackground(theme.color("selection"))
        self.selected.setForeground(theme.color("text"))

    def px(self, value: float) -> int:
        """A measure scaled by the text zoom."""
        return round(value * self.zoom)

    def color(self, token: str) -> QColor:
        """A colour of the theme in force."""
        return self.theme.color(token)

    def heading(self, level: int) -> QFont:
        """The font of a heading."""
        font = QFont(self.reading)
        font.setPixelSize(self.px(HEADINGS[level - 1]))
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def line(self, font: QFont) -> int:
        """Line height of running text in px."""
        ratio = 1.3 if font.weight() >= QFont.Weight.DemiBold else self._line_height
        return round(font.pixelSize() * ratio)

    def code_format(self, name: str) -> QTextCharFormat:
        """The colour of one token style."""
        return self._code_formats[name]

    def span_format(self, span: Span, base: QFont) -> QTextCharFormat:
        """Bold, italic, code and link looks on top of a base font."""
        looks = (span.bold, span.italic, span.strike, span.code, bool(span.href), bool(span.note))
        key = (looks, base.pixelSize() if span.code else 0)
        char_format = self._span_formats.get(key)
        if char_format is None:
            char_format = self._span_formats[key] = self._made_format(span, base)
        return char_format

    def _made_format(self, span: Span, base: QFont) -> QTextCharFormat:
        char_format = QTextCharFormat()
        if span.bold:
            char_format.setFontWeight(QFont.Weight.DemiBold)
        if span.italic:
            char_format.setFontItalic(True)
        if span.strike:
            char_format.setFontStrikeOut(True)
        if span.code:
            font = QFont(self.code)
            font.setPixelSize(round(base.pixelSize() * 0.9))
            char_format.setFont(font, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesAll)
        if span.href:
            char_format.setForeground(self.color("accent"))
            char_format.setFontUnderline(True)
        if span.note:
            char_format.setForeground(self.color("accent"))
            char_format.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        return char_format

    def blank_format(self, font: QFont, width: float) -> QTextCharFormat:
        """Makes BLANK so many px wide."""
        key = (font.pixelSize(), font.weight(), round(width, 3))
        char_format = self._blank_formats.get(key)
        if char_format is None:
            spaced = QFont(font)
            advance = QFontMetricsF(font).horizontalAdvance(BLANK)
            spaced.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, width - advance)
            char_format = QTextCharFormat()
            char_format.setFont(spaced, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesAll)
            if len(self._blank_formats) >= _MOST_FORMATS:
                self._blank_formats.clear()
            self._blank_formats[key] = char_format
        return char_format
