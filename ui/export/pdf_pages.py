"""Pages of a PDF, filled from top to bottom with strips that no page break cuts."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter

from app.errors import UserError
from app.export.writing import unwritable
from app.language import tr
from ui.theme import LIGHT, SPACE

_DPI: Final = 1200
#: One unit is a px as on a screen of 96 dpi.
_UNIT: Final = _DPI / 96
_MARGINS_MM: Final = (20.0, 18.0, 20.0, 22.0)
_LITTLE: Final = 16 << 20  # bytes that are free on a disk with no room
_FOOT: Final = SPACE[4]

Paint = Callable[[QPainter, float, float], None]


@dataclass(frozen=True)
class Strip:
    """Something as wide as the page and so high, painted with its left top corner at x, y.

    `base` is how far down its baseline is, 0 for none.
    """

    height: float
    paint: Paint
    base: float = 0.0


@dataclass(frozen=True)
class Frame:
    """What stands behind and beside strips: a fill from `left` on, thin rules at `bars`."""

    fill: str = ""
    left: float = 0.0
    bars: tuple[float, ...] = ()


def unwritten(path: str) -> UserError:
    """Why Qt could not write a file: it tells only that it could not."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(Path(path).parent).free < _LITTLE:
            return unwritable(OSError(errno.ENOSPC, ""))
    return UserError(tr("The file cannot be written."), tr("Save it in another folder."))


class Pages:
    """A PDF that is being written; `end` finishes it. Units are px of 1/96 inch.

    Raises:
        UserError: the file cannot be written.
    """

    def __init__(self, path: str, title: str, foot: QFont) -> None:
        self._writer = QPdfWriter(path)
        self._writer.setResolution(_DPI)
        self._writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        self._writer.setPageMargins(QMarginsF(*_MARGINS_MM), QPageLayout.Unit.Millimeter)
        self._writer.setTitle(title)
        self._writer.setCreator("Cascade Desk")
        self._path, self._title, self._foot = path, title, foot
        self.painter = QPainter()
        if not self.painter.begin(self._writer):
            raise unwritten(path)
        self.painter.scale(_UNIT, _UNIT)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.width = self._writer.width() / _UNIT
        self.height = self._writer.height() / _UNIT
        self.y = 0.0
        self._number = 1

    def end(self) -> None:
        """Finish the last page and the file."""
        if self.painter.isActive():
            self._paint_foot()
            self.painter.end()

    def need(self, height: float) -> None:
        """Begin a page where the one that is begun has less room."""
        if self.y and self.y + min(height, self.height / 2) > self.height:
            self._turn()

    def space(self, height: float) -> None:
        """Leave room, except at the top of a page."""
        if self.y:
            self.y += height

    def flow(self, strips: Iterable[Strip], frame: Frame = Frame(), pad: float = 0.0) -> None:
        """Put strips below each other; `pad` px stand above and below them inside of the frame."""
        group: list[Strip] = []
        used = pad
        for strip in strips:
            if group and self.y + used + strip.height + pad > self.height:
                self._place(group, frame, pad)
                self._turn()
                group, used = [], pad
            elif not group and self.y and self.y + used + strip.height + pad > self.height:
                self._turn()
            group.append(strip)
            used += strip.height
        if group:
            self._place(group, frame, pad)

    def _place(self, group: Sequence[Strip], frame: Frame, pad: float) -> None:
        high = sum(strip.height for strip in group) + 2 * pad
        painter = self.painter
        if frame.fill:
            painter.fillRect(QRectF(frame.left, self.y, self.width - frame.left, high), QColor(frame.fill))
        for bar in frame.bars:
            painter.fillRect(QRectF(bar, self.y, 2, high), QColor(LIGHT.border))
        y = self.y + pad
        for strip in group:
            strip.paint(painter, 0.0, y)
            y += strip.height
        self.y += high

    def _turn(self) -> None:
        self._paint_foot()
        if not self._writer.newPage():
            raise unwritten(self._path)
        self._number += 1
        self.y = 0.0

    def _paint_foot(self) -> None:
        """Below the text, in the margin: the title and the number of the page."""
        painter = self.painter
        painter.setFont(self._foot)
        painter.setPen(QColor(LIGHT.muted))
        metrics = QFontMetricsF(self._foot)
        number = str(self._number)
        wide = metrics.horizontalAdvance(number)
        title = metrics.elidedText(self._title, Qt.TextElideMode.ElideRight, self.width - wide - 2 * SPACE[4])
        y = self.height + _FOOT
        painter.drawText(QPointF(0, y), title)
        painter.drawText(QPointF(self.width - wide, y), number)
