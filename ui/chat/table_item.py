"""Tables: a grid of cells; columns take what they need up to a limit, wider tables scroll sideways."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from app.render.inline import parse_inline
from ui.chat.inline_math import Hint
from ui.chat.items import Look, Spot, focus_ring
from ui.chat.links import spots_of
from ui.chat.marks import shifted
from ui.chat.message import REASONING, Row
from ui.chat.scrolled import BAR, ScrolledItem
from ui.chat.style import Style
from ui.chat.text_box import TextBox

CELL_PAD: Final = (12, 6)  # px
WIDEST: Final = 320  # px of one column before its text wraps
_ALIGN: Final = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "right": Qt.AlignmentFlag.AlignRight,
    "center": Qt.AlignmentFlag.AlignHCenter,
}


class TableItem(ScrolledItem):
    """A table, or a piece of a long one under its repeated header."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        self.pad_x, self.pad_y = (style.px(p) for p in CELL_PAD)
        self._fonts = (style.thought, QFont(style.thought))
        self._fonts[1].setWeight(QFont.Weight.DemiBold)
        self._widest = 0.0  # px of a formula
        self._naturals: dict[tuple[str, bool], float] = {}
        self._known: dict[tuple[str, bool, int, Qt.AlignmentFlag | None], TextBox] = {}
        self.update()

    def update(self) -> bool:
        """Lay out what is new: cells that stay as they are keep their boxes while the table grows."""
        rows = [cells[: len(self.row.block.rows[0])] for cells in self.row.block.rows]
        naturals, known = self._naturals, self._known
        self._naturals, self._known = {}, {}
        measured = [
            [self._natural(cell, not number, naturals) for cell in cells] for number, cells in enumerate(rows)
        ]
        self.widths = self._column_widths(measured, len(rows[0]), self.width - self.left)
        self.boxes = [
            [self._box(cell, not number, i, known) for i, cell in enumerate(cells)]
            for number, cells in enumerate(rows)
        ]
        self.tops = [0]
        for cells in self.boxes:
            self.tops.append(self.tops[-1] + max(box.height for box in cells) + 2 * self.pad_y)
        whole = self.row.last_piece and not self.row.block.piece
        self.group.width = max(0 if whole else self.group.width, sum(self.widths) + 1)
        room = self.width - self.left
        bar = BAR if self.group.width > room and self.row.last_piece else 0
        self.view = QRectF(self.left, self.gap, room, self.tops[-1] + 1 + bar)
        self.height = self.gap + self.tops[-1] + 1 + bar
        self.plain = "\n".join("\t".join(box.text for box in cells) for cells in self.boxes)
        self.missing = [key for cells in self.boxes for box in cells for key in box.missing]
        return True

    def _natural(self, cell: str, bold: bool, before: dict[tuple[str, bool], float]) -> float:
        key = (cell, bold)
        width = before.get(key)
        if width is None:
            box = TextBox(parse_inline(cell), self._fonts[bold], self.style, None)
            width = box.natural
            self._widest = max(self._widest, box.widest)
            if box.missing:
                return width
        self._naturals[key] = width
        return width

    def _box(
        self,
        cell: str,
        bold: bool,
        column: int,
        before: dict[tuple[str, bool, int, Qt.AlignmentFlag | None], TextBox],
    ) -> TextBox:
        width, align = self.widths[column] - 2 * self.pad_x, self._align(column)
        key = (cell, bold, width, align)
        box = self._known.get(key) or before.get(key)
        if box is None or self.style.formulas.knows_any(box.missing):
            box = TextBox(parse_inline(cell), self._fonts[bold], self.style, width, align)
        self._known[key] = box
        return box

    def _align(self, column: int) -> Qt.AlignmentFlag | None:
        aligns = self.row.block.aligns
        return _ALIGN.get(aligns[column] if column < len(aligns) else "")

    def _column_widths(self, measured: list[list[float]], columns: int, room: int) -> list[int]:
        pad = 2 * self.pad_x
        wanted = [
            max((cells[i] for cells in measured if i < len(cells)), default=0) + pad + 2
            for i in range(columns)
        ]
        if sum(wanted) <= room:
            return [round(w) for w in wanted]
        limit = max(self.style.px(WIDEST), int(self._widest) + pad + 2)
        capped = [min(w, limit) for w in wanted]
        spare = room - sum(capped)
        if spare > 0:
            # the columns that would like more share what is left
            need = [w - c for w, c in zip(wanted, capped, strict=True)]
            capped = [c + spare * n / sum(need) for c, n in zip(capped, need, strict=True)]
        return [int(w) for w in capped]

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        self.paint_frame(painter, x, y)
        painter.save()
        painter.setClipRect(self.view.translated(x, y), Qt.ClipOperation.IntersectClip)
        left, top = x + self.left - self.offset, y + self.gap
        self._paint_grid(painter, left, top)
        color = self.style.color("muted" if self.row.section == REASONING else "text")
        at = 0
        seen = painter.clipBoundingRect()
        for number, cells in enumerate(self.boxes):
            if not seen.top() - top - self.tops[number + 1] < 0 < seen.bottom() - top - self.tops[number]:
                at += sum(len(box.text) + 1 for box in cells)
                continue
            cell_left = left
            for i, box in enumerate(cells):
                chosen = None
                if look.selection:
                    chosen = (max(0, look.selection[0] - at), min(len(box.text), look.selection[1] - at))
                place = (cell_left + self.pad_x, top + self.tops[number] + self.pad_y)
                found = shifted(look.found, at, len(box.text))
                box.draw(painter, *place, color, selection=chosen, found=found)
                cell_left += self.widths[i]
                at += len(box.text) + 1
        if look.focus:
            focus_ring(painter, look.focus.rect.translated(x, y).adjusted(-2, -1, 2, 1), self.style)
        painter.restore()
        self.paint_bar(painter, x, y)

    def _paint_grid(self, painter: QPainter, left: float, top: float) -> None:
        style = self.style
        width, height = sum(self.widths), self.tops[-1]
        head = QRectF(left, top, width, self.tops[1])
        painter.fillRect(head, style.color("sunken"))
        line = style.color("border")
        for y in self.tops:
            painter.fillRect(QRectF(left, top + y, width + 1, 1), line)
        x = left
        for column in [0, *self.widths]:
            x += column
            painter.fillRect(QRectF(x, top, 1, height + 1), line)

    def hit(self, x: float, y: float) -> int:
        at, box, box_x, box_y = self._cell_at(x, y)
        return at + box.hit(box_x, box_y)

    def spots(self) -> list[Spot]:
        found: list[Spot] = []
        for top, cells in zip(self.tops, self.boxes, strict=False):
            left = self.left - self.offset + self.pad_x
            for width, box in zip(self.widths, cells, strict=False):
                if box.links:
                    found += spots_of(box, left, self.gap + top + self.pad_y)
                left += width
        # what has been scrolled away can still be reached with the keyboard
        inside = (replace(spot, rect=spot.rect.intersected(self.view)) for spot in found)
        return [spot if spot.rect.isValid() else replace(spot, rect=QRectF()) for spot in inside]

    def hint_at(self, x: float, y: float) -> Hint | None:
        at, box, box_x, box_y = self._cell_at(x, y)
        hint = box.hint_at(box_x, box_y)
        return replace(hint, start=at + hint.start, end=at + hint.end) if hint is not None else None

    def rects(self, start: int, end: int) -> list[QRectF]:
        found, at = [], 0
        for number, cells in enumerate(self.boxes):
            left = self.left - self.offset + self.pad_x
            for i, box in enumerate(cells):
                a, b = max(0, start - at), min(len(box.text), end - at)
                if a < b:
                    top = self.gap + self.tops[number] + self.pad_y
                    found += [rect.translated(left, top) for rect in box.rects(a, b)]
                left += self.widths[i]
                at += len(box.text) + 1
        return found

    def height_to(self, offset: int) -> int:
        rects = self.rects(offset, offset + 1)
        return int(rects[0].top()) if rects else super().height_to(offset)

    def hints(self) -> list[Hint]:
        return [hint for cells in self.boxes for box in cells for hint in box.hints]

    def whole(self, start: int, end: int) -> tuple[int, int]:
        at = 0
        first, last = start, end
        for box in (box for cells in self.boxes for box in cells):
            a, b = box.whole(start - at, end - at)
            first, last = min(first, a + at), max(last, b + at)
            at += len(box.text) + 1
        return first, last

    def _cell_at(self, x: float, y: float) -> tuple[int, TextBox, float, float]:
        """The cell nearest to a point: its offset in `plain`, its text, and the point within that."""
        inner_y = y - self.gap
        row = max(0, min(len(self.boxes) - 1, sum(1 for top in self.tops[1:] if top <= inner_y)))
        inner_x = x - self.left + self.offset
        column, left = 0, 0
        while column < len(self.boxes[row]) - 1 and inner_x >= left + self.widths[column]:
            left += self.widths[column]
            column += 1
        at = sum(len(box.text) + 1 for cells in self.boxes[:row] for box in cells)
        at += sum(len(box.text) + 1 for box in self.boxes[row][:column])
        box = self.boxes[row][column]
        return at, box, inner_x - left - self.pad_x, inner_y - self.tops[row] - self.pad_y
