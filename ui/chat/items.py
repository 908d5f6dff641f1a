"""What every painter of a row shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from app.render.colour_values import ColourRequest
from ui.chat.formulas import Key
from ui.chat.inline_math import Hint
from ui.chat.marks import Found
from ui.chat.message import ANSWER, HEADER, REASONING, Row
from ui.chat.style import Style
from ui.direction import runs_backward
from ui.theme import RADIUS_CONTROL

INDENT: Final = {"l": 26, "q": 18, "f": 26}  # px for each level of lists, quotes, footnotes
INDENT_SHARE: Final = 0.5  # of the column, however deep they are
RULE_INDENT: Final = 18  # px, thought text behind its rule

ICONS: Final = {
    "copy_code": "copy",
    "copy_message": "copy",
    "save_code": "save",
    "wrap_code": "wrap",
    "edit": "edit",
    "regenerate": "refresh",
    "delete": "trash",
    "previous": "chevron-left",
    "next": "chevron-right",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to click. `rect` is within the row.

    kind: thought | link | note | note_back | document | copy_code | save_code | wrap_code | copy_message, or
    the action that is asked for (edit, …). value: what it leads to; "on" for a choice that is in force.
    said: a link's own words.
    """

    kind: str
    rect: QRectF
    name: str
    value: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a row is painted this time."""

    selection: tuple[int, int] | None = None
    found: Sequence[Found] = ()
    actions: bool = False  # the message's actions are shown: the pointer or the keyboard is there
    hot: Spot | None = None  # under the pointer
    focus: Spot | None = None  # has the keyboard
    done: str = ""  # kind of a spot that has just been used


class Item:
    """A row laid out for one width. Sub-classes set `height` (px, the gap included) and `plain`."""

    def __init__(self, row: Row, style: Style, width: int) -> None:
        self.row = row
        self.kind = row.block.kind
        self.style = style
        self.width = width
        self.gap = style.px(gap_above(row) * style.gap)
        self.left = self.right = 0  # px that markers, bars and rules take on either side
        self._squeezed = 1.0
        self.backward = False
        self.take_direction("")
        self.height = self.gap
        self.plain = ""  # what can be selected
        self.label = ""  # what is only read
        self.missing: Sequence[Key] = ()  # formulas whose source is shown until they are drawn
        self.lacking: Sequence[ColourRequest] = ()  # colours without which work() can't go on

    def take_direction(self, text: str) -> None:
        """Put markers and bars on the side where the text's lines begin."""
        self.backward = runs_backward(text)
        wanted = self.style.px(sum(INDENT[c] for c in self.row.block.nest))
        nest = min(wanted, int(self.width * INDENT_SHARE))
        self._squeezed = nest / wanted if wanted else 1.0
        rule = self.style.px(RULE_INDENT) if self.row.section == REASONING else 0
        self.left, self.right = (rule, nest) if self.backward else (rule + nest, 0)

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        """Draw with the row's top left at (x, y)."""
        raise NotImplementedError

    def hit(self, x: float, y: float) -> int:  # noqa: ARG002
        """The offset in `plain` nearest to a point."""
        return 0

    def height_to(self, offset: int) -> int:
        """How far below the row's top an offset in `plain` stands, px; about, unless a sub-class knows."""
        return self.gap + (self.height - self.gap) * offset // max(1, len(self.plain))

    def rects(self, start: int, end: int) -> list[QRectF]:  # noqa: ARG002
        """Where some characters of `plain` stand in the row."""
        return []

    def show_range(self, start: int, end: int) -> None:
        """Scroll sideways so that some characters of `plain` are seen."""

    @property
    def stale(self) -> bool:
        """Whether it would look otherwise, were it laid out now."""
        return bool(self.missing) and self.style.formulas.knows_any(self.missing)

    def hint_at(self, x: float, y: float) -> Hint | None:  # noqa: ARG002
        """The formula under a point."""
        return None

    def hints(self) -> list[Hint]:
        """All its formulas."""
        return []

    def whole(self, start: int, end: int) -> tuple[int, int]:
        """A range in `plain` that has the formulas at its ends whole."""
        return start, end

    def spots(self) -> list[Spot]:
        """What can be clicked."""
        return []

    def scroll_by(self, dx: int) -> bool:  # noqa: ARG002
        """Scroll sideways inside the row; True if it did."""
        return False

    def work(self, seconds: float) -> bool:  # noqa: ARG002
        """Go on with colouring for about so long; True while there is more."""
        return False

    def update(self) -> bool:
        """Take over the row's grown block without building anew; False if that can't be."""
        return False

    @property
    def text_color(self) -> str:
        """Token of the running text."""
        muted = self.row.section == REASONING or self.row.message.role == "system"
        return "muted" if muted else "text"

    def paint_frame(self, painter: QPainter, x: float, y: float) -> None:
        """Rules and markers of the containers that a row stands in."""
        style, block = self.style, self.row.block
        at = x
        if self.row.section == REASONING:
            painter.fillRect(QRectF(x + style.px(4), y, 2, self.height), style.color("border"))
            at += style.px(RULE_INDENT)
        shared = shared_nest(self.row)
        for i, kind in enumerate(block.nest):
            width = style.px(INDENT[kind]) * self._squeezed
            if kind == "q":
                top = y if i < shared else y + self.gap
                bar = QRectF(at + style.px(2), top, style.px(3), y + self.height - top)
                painter.fillRect(self._mirrored(bar, x), style.color("border"))
            elif block.markers[i]:
                place = self._mirrored(QRectF(at, y + self.gap, width, 0), x)
                self._paint_marker(painter, block.markers[i], place)
            at += width

    @property
    def marker_font(self) -> QFont:
        """Of what stands before a list item or footnote."""
        small = self.row.section == REASONING or "f" in self.row.block.nest
        return self.style.thought if small else self.style.reading

    def _mirrored(self, place: QRectF, x: float) -> QRectF:
        """Where a part of the frame stands: in text that runs backward on the right."""
        if not self.backward:
            return place
        rule = self.style.px(RULE_INDENT) if self.row.section == REASONING else 0
        return QRectF(2 * x + rule + self.width - place.right(), place.y(), place.width(), place.height())

    def _paint_marker(self, painter: QPainter, marker: str, place: QRectF) -> None:
        style = self.style
        line = style.line(self.marker_font)
        middle = place.top() + line / 2
        side = style.px(13) if marker in {"todo", "done"} else style.px(5)
        right = place.left() + style.px(8) + side if self.backward else place.right() - style.px(8)
        color = style.color("muted")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if marker == "•":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            radius = style.px(5) / 2
            painter.drawEllipse(QPointF(right - radius, middle), radius, radius)
        elif marker in {"todo", "done"}:
            box = QRectF(right - side + 1, middle - side / 2, side, side)
            painter.setPen(QPen(color, 1.25))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 3, 3)
            if marker == "done":
                pixmap = style.theme.pixmap("check", "accent", side, painter.device().devicePixelRatioF())
                painter.drawPixmap(box.topLeft(), pixmap)
        else:
            painter.setFont(self.marker_font)
            painter.setPen(color)
            metrics = QFontMetricsF(painter.font())
            marker = metrics.elidedText(marker, Qt.TextElideMode.ElideRight, int(place.width()) + style.px(8))
            left = right + style.px(3) - metrics.horizontalAdvance(marker)
            if self.backward:
                left = place.left() + style.px(5)
                painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            # on the baseline of the text beside it
            base = place.top() + (line - metrics.height()) / 2 + metrics.ascent()
            painter.drawText(QPointF(left, int(base)), marker)
            painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def shared_nest(row: Row) -> int:
    """How many containers a row shares with the one above, as far as quotes' bars go on."""
    before = row.previous
    if before is None:
        return 0
    count = 0
    for a, b in zip(before.nest, row.block.nest, strict=False):
        if a != b:
            break
        count += 1
    return count


def gap_above(row: Row) -> int:
    """Space above a row in px at zoom 1."""
    block, before = row.block, row.previous
    if block.piece:
        return 0
    if before is None:
        return _first_gap(row)
    if block.kind == "heading":
        return 24 if block.level <= 2 else 18
    if before.kind == "heading":
        return 8
    if block.kind == "rule" or before.kind == "rule":
        return 16
    same_list = block.nest[:1] == before.nest[:1] and block.nest and before.nest
    if same_list and before.kind in {"paragraph", "plain"}:
        return 5 if block.nest.endswith("l") and any(block.markers) else 8
    return 12


def _first_gap(row: Row) -> int:
    if row.section == HEADER:
        return 8
    if row.section == ANSWER and row.message.role == "user":
        return 24
    if row.section == REASONING:
        return 4
    return 14 if row.message.thought.shown else 10


def focus_ring(painter: QPainter, rect: QRectF, style: Style) -> None:
    """The mark of keyboard focus."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(style.color("accent"), style.theme.ring))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, RADIUS_CONTROL, RADIUS_CONTROL)


def paint_icon(painter: QPainter, icon: str, color: str, rect: QRectF, style: Style) -> None:
    """An icon in a square of a button's size."""
    size = style.px(16)
    pixmap = style.theme.pixmap(icon, color, size, painter.device().devicePixelRatioF())
    pad = (rect.height() - size) / 2
    painter.drawPixmap(QPointF(round(rect.left() + pad), round(rect.top() + pad)), pixmap)


def paint_icon_button(painter: QPainter, spot: Spot, rect: QRectF, style: Style, look: Look) -> None:
    """A small button with its kind's icon at `rect`; a check mark for a moment after its use."""
    hot = look.hot == spot
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if hot:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.color("hover"))
        painter.drawRoundedRect(rect, RADIUS_CONTROL, RADIUS_CONTROL)
    if look.done == spot.kind:
        paint_icon(painter, "check", "accent", rect, style)
    else:
        color = "accent" if spot.value == "on" else "text" if hot else "muted"
        paint_icon(painter, ICONS[spot.kind], color, rect, style)
    if look.focus == spot:
        focus_ring(painter, rect.adjusted(0.75, 0.75, -0.75, -0.75), style)
