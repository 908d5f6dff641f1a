"""Painters of running text: paragraphs, headings, what a person wrote, rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter

from app.render.inline import plain_spans
from app.render.plain import shown_spans
from ui.chat.document_chips import DocumentChips
from ui.chat.inline_math import Hint
from ui.chat.items import INDENT, Item, Look, Spot, focus_ring
from ui.chat.links import back_spot, spots_of
from ui.chat.message import REASONING, Row
from ui.chat.style import Style
from ui.chat.text_box import TextBox
from ui.theme import RADIUS_CARD, SPACE

BUBBLE_PAD: Final = (14, 9)  # px, sideways and above
BUBBLE_SHARE: Final = 0.85  # of the column


class TextItem(Item):
    """A paragraph, heading or list item."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        self.font = self._font()
        spans = shown_spans(row.block, row.open)
        self.take_direction("".join(span.text for span in spans))
        self.box = TextBox(spans, self.font, style, max(60, width - self.left - self.right))
        self.height += self.box.height
        self.plain, self.missing = self.box.text, self.box.missing
        self._spots: list[Spot] | None = None

    def _font(self) -> QFont:
        block = self.row.block
        if block.kind == "heading":
            return self.style.heading(block.level)
        small = self.row.section == REASONING or "f" in block.nest
        return self.style.thought if small else self.style.reading

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        self.paint_frame(painter, x, y)
        color = self.style.color(self.text_color)
        self.box.draw(painter, x + self.left, y + self.gap, color, selection=look.selection, found=look.found)
        if look.focus:
            focus_ring(painter, look.focus.rect.translated(x, y).adjusted(-2, -1, 2, 1), self.style)

    def hit(self, x: float, y: float) -> int:
        return self.box.hit(x - self.left, y - self.gap)

    def height_to(self, offset: int) -> int:
        return self.gap + self.box.top_of(offset)

    def rects(self, start: int, end: int) -> list[QRectF]:
        return [rect.translated(self.left, self.gap) for rect in self.box.rects(start, end)]

    def hint_at(self, x: float, y: float) -> Hint | None:
        return self.box.hint_at(x - self.left, y - self.gap)

    def hints(self) -> list[Hint]:
        return self.box.hints

    def whole(self, start: int, end: int) -> tuple[int, int]:
        return self.box.whole(start, end)

    def spots(self) -> list[Spot]:
        if self._spots is None:
            side = self.style.px(INDENT["f"])
            number = QRectF(self.left - side, self.gap, side - SPACE[0], self.style.line(self.font))
            links = spots_of(self.box, self.left, self.gap)
            self._spots = [*back_spot(self.row, number), *links]
        return self._spots


class BubbleItem(Item):
    """Plain text as it was typed; a person's stands in a tinted box, with the documents above it."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        boxed = row.message.role == "user"
        self.pad_x, self.pad_y = (style.px(p) for p in (BUBBLE_PAD if boxed else (0, 0)))
        self._boxed = boxed
        room = max(60, int(width * BUBBLE_SHARE) if boxed else width) - 2 * self.pad_x
        documents = row.message.shown.attachments if boxed and not row.block.piece else ()
        self._chips = DocumentChips(documents, style, room)
        font = style.reading if boxed else style.thought
        self.box = TextBox(plain_spans(row.block.text), font, style, room)
        whole = row.last_piece and not row.block.piece
        natural = max(int(self.box.natural) + 1, self._chips.width)
        inner = min(room, natural) if whole and boxed else room
        self.rect_left = width - inner - 2 * self.pad_x if boxed else 0
        # text that runs backward stands on the right of its room, which may be wider than the box
        self._text_left = self.rect_left + self.pad_x - (room - inner if self.box.backward else 0)
        self._chips_top = self._top = self.gap + (0 if row.block.piece else self.pad_y)
        only_documents = bool(documents) and not row.block.text.strip()
        if documents:
            self._top += self._chips.height + (0 if only_documents else style.px(SPACE[1]))
            self.label = "\n".join(spot.name for spot in self._chips.spots)
        text_height = 0 if only_documents else self.box.height
        self.height = self._top + text_height + (self.pad_y if row.last_piece else 0)
        self.plain = self.box.text

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        if self._boxed:
            self._paint_box(painter, x, y)
        color = self.style.color(self.text_color)
        left = x + self.rect_left + self.pad_x
        self._chips.paint(painter, left, y + self._chips_top, look)
        left = x + self._text_left
        self.box.draw(painter, left, y + self._top, color, selection=look.selection, found=look.found)

    def _paint_box(self, painter: QPainter, x: float, y: float) -> None:
        rect = QRectF(x + self.rect_left, y + self.gap, self.width - self.rect_left, self.height - self.gap)
        painter.save()
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.style.color("bubble_border"))
        painter.setBrush(self.style.color("bubble"))
        # pieces of one message look like one box: their inner corners are clipped away
        top = 0.5 if not self.row.block.piece else -2 * RADIUS_CARD
        bottom = -0.5 if self.row.last_piece else 2 * RADIUS_CARD
        painter.drawRoundedRect(rect.adjusted(0.5, top, -0.5, bottom), RADIUS_CARD, RADIUS_CARD)
        painter.restore()

    def hit(self, x: float, y: float) -> int:
        return self.box.hit(x - self._text_left, y - self._top)

    def rects(self, start: int, end: int) -> list[QRectF]:
        return [rect.translated(self._text_left, self._top) for rect in self.box.rects(start, end)]

    def height_to(self, offset: int) -> int:
        return self._top + self.box.height * offset // max(1, len(self.plain))

    def spots(self) -> list[Spot]:
        across, down = self.rect_left + self.pad_x, self._chips_top
        return [replace(spot, rect=spot.rect.translated(across, down)) for spot in self._chips.spots]


class RuleItem(Item):
    """A thematic break."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        self.height += 1

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:  # noqa: ARG002
        self.paint_frame(painter, x, y)
        line = QRectF(x + self.left, y + self.gap, self.width - self.left, 1)
        painter.fillRect(line, self.style.color("border"))
