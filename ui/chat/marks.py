"""The grounds of found words, which are painted below the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QRegion

from ui.chat.style import Style

#: Start, end and whether it is the match that is looked at.
Found = tuple[int, int, bool]
_ROUND: Final = 2  # px
_MANY: Final = 300  # single letters: drawing them once more would take as long as a frame


def paint_marks(painter: QPainter, rects: list[QRectF], current: Iterable[QRectF], style: Style) -> None:
    """The grounds of all matches in a row; the one that is looked at is framed."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.color("found"))
    painter.drawRects(rects)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(style.color("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for rect in current:
        painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), _ROUND, _ROUND)
    painter.restore()


def mark_found(
    painter: QPainter,
    found: Sequence[Found],
    rects_of: Callable[[int, int], list[QRectF]],
    place: tuple[float, float],
    style: Style,
) -> list[QRectF]:
    """Paint the grounds of matches whose boxes count from `place`; returns those in which the text is to be
    drawn once more, in a colour that can be read there."""
    if not found:
        return []
    marked: list[QRectF] = []
    framed: list[QRectF] = []
    for start, end, current in found:
        rects = [rect.translated(*place) for rect in rects_of(start, end)]
        marked += rects
        framed += rects if current else ()
    paint_marks(painter, marked, framed, style)
    return marked if len(marked) <= _MANY else []


def only_within(painter: QPainter, rects: Iterable[QRectF]) -> None:
    """Clip to found words."""
    region = QRegion()
    for rect in rects:
        region |= QRegion(rect.toAlignedRect())
    painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)


def shifted(found: Sequence[Found], by: int, length: int) -> list[Found]:
    """The matches that touch a part of a row's text, counted from where the part begins."""
    parts = []
    for start, end, current in found:
        a, b = max(0, start - by), min(length, end - by)
        if a < b:
            parts.append((a, b, current))
    return parts
