"""Formulas in a line of text: each stands for its source as one blank of the formula's width."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from PySide6.QtGui import QFont, QFontMetricsF, QTextCharFormat

from app.language import mark, tr
from app.render.inline import Span
from app.render.math_values import MathDrawn, MathRefused
from ui.chat.formulas import EM, X_HEIGHT, Key, Sized
from ui.chat.style import BLANK, Style
from ui.words import tip_lines

_BREAK: Final = "\u200b"
_NARROWEST: Final = 0.6  # of its size, for one that is wider than the line
_TIP_CHARS: Final = 600
_TOO_WIDE: Final = mark("It is wider than the line.")


@dataclass(frozen=True, slots=True)
class Hint:
    """A formula's place in the text, its source with marks, and why it isn't drawn, if it isn't."""

    start: int
    end: int
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A drawn formula: `start`..`end` of the plain text are `at`..`at + length` of what is laid out,
    where the blank is at `blank`."""

    start: int
    end: int
    at: int
    length: int
    blank: int
    sized: Sized


def scale_for(font: QFont) -> float:
    """What formulas drawn at EM are scaled by, so that their x is as high as the font's."""
    large = QFont(font)
    large.setPixelSize(100)
    ratio = QFontMetricsF(large).xHeight() / 100 / X_HEIGHT
    return font.pixelSize() / EM * max(0.95, min(ratio, 1.2))


@dataclass(slots=True)
class MathText:
    """Spans as they are read (`plain`) and as they are laid out (`shown`)."""

    plain: str = ""
    shown: str = ""
    placed: list[Placed] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    missing: list[Key] = field(default_factory=list)
    formats: list[tuple[int, int, QTextCharFormat]] = field(default_factory=list)
    codes: list[tuple[int, int]] = field(default_factory=list)

    def index(self, offset: int) -> int:
        """Where an offset of the plain text stands in the shown one."""
        shift = 0
        for one in self.placed:
            if offset <= one.start:
                break
            if offset < one.end:
                return one.at
            shift = one.at + one.length - one.end
        return offset + shift

    def offset(self, index: int) -> int:
        """The offset in the plain text of a place in the shown one."""
        shift = 0
        for one in self.placed:
            if index <= one.at:
                break
            if index < one.at + one.length:
                return one.start if index <= one.blank else one.end
            shift = one.end - one.at - one.length
        return index + shift

    def whole(self, start: int, end: int) -> tuple[int, int]:
        """A range that has the formulas at its ends whole."""
        for one in self.placed:
            if one.start < start < one.end:
                start = one.start
            if one.start < end < one.end:
                end = one.end
        return start, end


def compose(spans: tuple[Span, ...], font: QFont, style: Style, width: float | None) -> MathText:
    """Put drawn formulas, and the source of others, into the text between them."""
    made = MathText()
    scale = scale_for(font)
    for number, span in enumerate(spans):
        result = style.formulas.get(span.math, span.display) if span.math else None
        start, at = len(made.plain), len(made.shown)
        made.plain += span.text
        if isinstance(result, MathDrawn):
            size = scale if width is None else min(scale, width / result.width)
            if size >= scale * _NARROWEST:
                _place(made, spans, number, (result, size), (font, style))
                continue
            result = MathRefused(tr(_TOO_WIDE))
        made.shown += span.text
        end = len(made.shown)
        if not span.math:
            if span.code:
                made.codes.append((start, len(made.plain)))
            if span != Span(span.text):
                made.formats.append((at, end, style.span_format(span, font)))
            continue
        _stand_in(made, span, result, (start, at), (font, style))
    return made


def _stand_in(
    made: MathText,
    span: Span,
    result: MathRefused | None,
    place: tuple[int, int],
    looks: tuple[QFont, Style],
) -> None:
    """The source of a formula that isn't drawn, or not yet."""
    (start, at), (font, style) = place, looks
    end, reason = len(made.shown), ""
    if result is None:
        made.missing.append((span.math, span.display))
        char_format = QTextCharFormat()
        char_format.setForeground(style.color("muted"))
    else:
        made.codes.append((start, len(made.plain)))
        char_format = style.span_format(Span(span.text, code=True, href=span.href), font)
        reason = result.reason
    made.formats.append((at, end, char_format))
    made.hints.append(Hint(start, len(made.plain), span.text, reason))


def _place(
    made: MathText,
    spans: tuple[Span, ...],
    number: int,
    drawn: tuple[MathDrawn, float],
    looks: tuple[QFont, Style],
) -> None:
    span, (font, style) = spans[number], looks
    before, behind = made.shown[-1:], spans[number + 1].text[:1] if number + 1 < len(spans) else ""
    lead, tail = (_BREAK if _is_cjk(char) else "" for char in (before, behind))
    start, at = len(made.plain) - len(span.text), len(made.shown)
    blank = at + len(lead)
    made.shown += lead + BLANK + tail
    sized = Sized((span.math, span.display), *drawn)
    one = Placed(start, len(made.plain), at, len(made.shown) - at, blank, sized)
    made.placed.append(one)
    made.hints.append(Hint(start, len(made.plain), span.text))
    char_format = style.blank_format(font, sized.width)
    made.formats.append((blank, blank + 1, char_format))


def _is_cjk(char: str) -> bool:
    return char >= "\u2e80" and char.isalpha()


def formula_tip(hint: Hint) -> str:
    """A formula's source as a tooltip, and why it is not drawn."""
    source = hint.source if len(hint.source) <= _TIP_CHARS else hint.source[: _TIP_CHARS - 1] + "…"
    return tip_lines(
        *source.split("\n"), *((tr("Shown as written: {reason}", reason=hint.reason),) if hint.reason else ())
    )
