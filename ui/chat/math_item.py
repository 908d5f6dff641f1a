"""A formula that has lines of its own: centred; one that is wider than the column scrolls sideways."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from app.render.inline import Span
from app.render.math_values import MathDrawn
from app.render.plain import math_source
from ui.chat.formulas import Sized
from ui.chat.inline_math import Hint, scale_for
from ui.chat.items import Look
from ui.chat.marks import mark_found
from ui.chat.message import REASONING, Row
from ui.chat.scrolled import BAR, ScrolledItem
from ui.chat.style import Style
from ui.chat.text_box import TextBox
from ui.theme import SPACE

PAD: Final = SPACE[0]  # px above and below


class MathItem(ScrolledItem):
    """A drawn formula, or its source where it isn't drawn or not yet."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        block = row.block
        self.plain = math_source(block)
        font = style.thought if row.section == REASONING else style.reading
        self._pad = style.px(PAD)
        found = style.formulas.get(block.text, True)
        self._drawn: Sized | None = None
        if isinstance(found, MathDrawn):
            self._drawn = Sized((block.text, True), found, scale_for(font))
        self._reason = "" if found is None or isinstance(found, MathDrawn) else found.reason
        self._box: TextBox | None = None
        room = max(60, width - self.left)
        if self._drawn is None:
            self.missing = () if found is not None else ((block.text, True),)
            span = Span(self.plain, code=found is not None)
            self._box = TextBox((span,), font, style, room)
            self.view = QRectF(self.left, self.gap, room, self._box.height)
        else:
            wide, high = self._drawn.width, self._drawn.height
            self.group.width = int(wide) + 1
            bar = BAR if self.group.width > room else 0
            self.view = QRectF(self.left, self.gap, room, int(high) + 1 + 2 * self._pad + bar)
        self.height = self.gap + int(self.view.height())

    @property
    def picture(self) -> QRectF:
        """Where the formula stands in the row; empty if its source does."""
        if self._drawn is None:
            return QRectF()
        wide, high = self._drawn.width, self._drawn.height
        left = self.view.left() - self.offset + max(0.0, (self.view.width() - wide) / 2)
        return QRectF(left, self.view.top() + self._pad, wide, high)

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        self.paint_frame(painter, x, y)
        if self._box is not None:
            color = self.style.color(self.text_color if self._reason else "muted")
            self._box.draw(
                painter, x + self.left, y + self.gap, color, selection=look.selection, found=look.found
            )
            return
        assert self._drawn is not None
        place = self.picture.translated(x, y)
        painter.save()
        painter.setClipRect(self.view.translated(x, y), Qt.ClipOperation.IntersectClip)
        mark_found(painter, look.found, self.rects, (x, y), self.style)
        if look.selection:
            painter.fillRect(place.adjusted(-2, -2, 2, 2), self.style.selected.background())
        self.style.formulas.paint(painter, self._drawn, place.topLeft(), self.style.color(self.text_color))
        painter.restore()
        self.paint_bar(painter, x, y)

    def hit(self, x: float, y: float) -> int:
        if self._box is not None:
            return self._box.hit(x - self.left, y - self.gap)
        # it is chosen whole or not at all
        return 0 if x < self.picture.center().x() else len(self.plain)

    def rects(self, start: int, end: int) -> list[QRectF]:
        if self._box is None:
            return [self.picture]
        return [rect.translated(self.left, self.gap) for rect in self._box.rects(start, end)]

    def hint_at(self, x: float, y: float) -> Hint | None:
        place = self.picture if self._box is None else self.view
        if not place.contains(x, y):
            return None
        return Hint(0, len(self.plain), self.plain, self._reason)

    def hints(self) -> list[Hint]:
        return [Hint(0, len(self.plain), self.plain, self._reason)]

    def whole(self, start: int, end: int) -> tuple[int, int]:
        return (0, len(self.plain)) if self._box is None and end > start else (start, end)
