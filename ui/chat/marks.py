"""The grounds of found words, which are painted below the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QRegion

from ui.chat.style import Style

#: Start, end and whether it is the match that is looked at.
Found = tuple[int, int, bool]
_ROUND: Final = 2  # px


def paint_mark(painter: QPainter, rects: Iterable[QRectF], style: Style, current: bool) -> None:
    """The ground of one match; the one that is looked at is framed."""
    for rect in rects:
        painter.fillRect(rect, style.color("found"))
        if current:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(style.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), _ROUND, _ROUND)
            painter.restore()


def only_within(painter: QPainter, rects: Iterable[QRectF]) -> None:
    """Clip to found words: what is drawn there once more is in a colour that can be read on their ground."""
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
