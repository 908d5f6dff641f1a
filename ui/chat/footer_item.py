"""What stands under a message: why it is not whole, how it was made, its versions and actions."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.language import mark, tr
from ui.chat.chrome_items import draw_line
from ui.chat.items import ICONS, Item, Look, Spot, focus_ring, paint_icon, paint_icon_button
from ui.chat.message import Row
from ui.chat.style import Style
from ui.theme import RADIUS_CONTROL

_NAMES: Final = {
    "copy": ("copy_message", mark("Copy message")),
    "edit": ("edit", mark("Edit")),
    "regenerate": ("regenerate", mark("Regenerate")),
    "delete": ("delete", mark("Delete")),
}
_WAYS: Final = {"previous": mark("Previous version"), "next": mark("Next version")}


class FooterItem(Item):
    """Mark, meta line, versions, and the actions, which show on hover and focus.

    Under an answer the line begins at the left: meta, versions, actions. Under a person's box it ends at the
    right: actions, versions. Where a line is too narrow for the buttons they go on in another.
    """

    def __init__(self, row: Row, style: Style, width: int) -> None:
        super().__init__(row, style, width)
        self._shown = row.message.shown
        self._user = row.message.role == "user"
        self._counter = f"{self._shown.version} / {self._shown.versions}" if self._shown.versions > 1 else ""
        shown = self._shown
        labels = [label for label, _ in shown.mark_buttons]
        self.label = "\n".join(part for part in (shown.mark, *labels, shown.footer, self._counter) if part)
        self.gap = style.px(2 if self._user else 8)
        self._line = style.px(24 if self._user else 26)
        self._buttons = self._mark_spots()
        self._top = max([self.gap, *(int(spot.rect.bottom()) + style.px(4) for spot in self._buttons)])
        if shown.mark:
            self._top = max(self._top, self.gap + style.px(30))
        self._counter_rect = QRectF()
        self._ways: list[tuple[str, QRectF]] = []
        self._icons: list[Spot] = []
        lines = self._place_buttons()
        self.height = self._top + lines * self._line

    # -- places --------------------------------------------------------------------------------------------

    def _mark_spots(self) -> list[Spot]:
        """The buttons behind the mark's words; in a line of their own where they don't fit there."""
        style = self.style
        metrics = QFontMetricsF(style.thought)
        sized = [
            (label, name, metrics.horizontalAdvance(label) + style.px(20))
            for label, name in self._shown.mark_buttons
        ]
        space, step = style.px(8), style.px(30)
        left = float(style.px(36)) + metrics.horizontalAdvance(self._shown.mark)
        needed = sum(wide + space for _, _, wide in sized) - space
        top = float(self.gap)
        if left + needed > self.width:
            left = self.width - needed
            if left < style.px(100):
                left, top = 0.0, top + step
        found = []
        for label, name, wide in sized:
            if left and left + wide > self.width:
                left, top = 0.0, top + step
            found.append(Spot(name, QRectF(left, top, min(wide, self.width), style.px(26)), label))
            left += wide + space
        return found

    def _place_buttons(self) -> int:
        """Put versions and actions in lines; returns how many lines there are."""
        side = float(self._line)
        counter = QFontMetricsF(self.style.meta).horizontalAdvance(self._counter) + self.style.px(4)
        names = [name for name in self._shown.actions if name in _NAMES]
        versions = [[("previous", side), ("counter", counter), ("next", side)]] if self._counter else []
        actions = [[(name, side)] for name in names]
        lines = _flow(actions + versions if self._user else versions + actions, self.width)
        for number, line in enumerate(lines):
            wide = sum(size for _, size in line)
            left = self._line_left(wide) if number == 0 or self._user else -self.style.px(5)
            for name, size in line:
                rect = QRectF(left, self._top + number * side, size, side)
                left += size
                if name == "counter":
                    self._counter_rect = rect
                elif name in _WAYS:
                    self._ways.append((name, rect))
                else:
                    kind, label = _NAMES[name]
                    self._icons.append(Spot(kind, rect, tr(label)))
        return max(1, len(lines))

    def _line_left(self, wide: float) -> float:
        """Where the first line of buttons begins."""
        if self._user:
            return self.width - wide
        text = QFontMetricsF(self.style.meta).horizontalAdvance(self._shown.footer)
        outdent = -self.style.px(5)  # the icon's edge in line with the text
        left = text + self.style.px(8) if text else outdent
        return max(outdent, min(left, self.width - wide))

    def _can_go(self, way: str) -> bool:
        shown = self._shown
        return shown.version > 1 if way == "previous" else shown.version < shown.versions

    def spots(self) -> list[Spot]:
        ways = [Spot(way, rect, tr(_WAYS[way])) for way, rect in self._ways if self._can_go(way)]
        return [*self._buttons, *(self._icons + ways if self._user else ways + self._icons)]

    # -- drawing -------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        if self._shown.mark:
            self._paint_mark(painter, x, y)
        for spot in self._buttons:
            self._paint_button(painter, x, y, look, spot)
        end = float(self.width)
        if self._counter:
            self._paint_versions(painter, x, y, look)
            end = min(rect.left() for _, rect in self._ways)
        for spot in self._icons:
            if look.actions or look.focus == spot or look.done == spot.kind:
                paint_icon_button(painter, spot, spot.rect.translated(x, y), self.style, look)
                if spot.rect.top() == self._top:
                    end = min(end, spot.rect.left())
        if self._shown.footer and end > self.style.px(8):
            painter.setFont(self.style.meta)
            painter.setPen(self.style.color("muted"))
            space = 0 if end == self.width else self.style.px(8)
            draw_line(painter, QRectF(x, y + self._top, end - space, self._line), self._shown.footer)

    def _paint_versions(self, painter: QPainter, x: float, y: float, look: Look) -> None:
        style = self.style
        painter.setFont(style.meta)
        painter.setPen(style.color("muted"))
        painter.drawText(self._counter_rect.translated(x, y), Qt.AlignmentFlag.AlignCenter, self._counter)
        for way, rect in self._ways:
            if self._can_go(way):
                spot = Spot(way, rect, tr(_WAYS[way]))
                paint_icon_button(painter, spot, rect.translated(x, y), style, look)
            else:
                paint_icon(painter, ICONS[way], "border", rect.translated(x, y), style)

    def _paint_mark(self, painter: QPainter, x: float, y: float) -> None:
        style = self.style
        size = style.px(16)
        place = QRectF(x, y + self.gap, self.width, style.px(26))
        tone = self._shown.mark_tone
        icon = "warning" if tone == "warning" else "info"
        pixmap = style.theme.pixmap(icon, tone, size, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF(round(x), round(place.center().y() - size / 2)), pixmap)
        painter.setFont(style.thought)
        painter.setPen(style.color(tone))
        place.setLeft(x + style.px(24))
        beside = [spot.rect.left() for spot in self._buttons if spot.rect.top() == self.gap]
        if beside:
            place.setRight(x + min(beside) - style.px(8))
        draw_line(painter, place, self._shown.mark)

    def _paint_button(self, painter: QPainter, x: float, y: float, look: Look, spot: Spot) -> None:
        style = self.style
        rect = spot.rect.translated(x, y)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(style.color("border"), 1))
        painter.setBrush(style.color("hover" if look.hot == spot else "surface"))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL)
        painter.setFont(style.thought)
        painter.setPen(style.color("text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, spot.name)
        if look.focus == spot:
            focus_ring(painter, rect.adjusted(0.75, 0.75, -0.75, -0.75), style)


def _flow(groups: list[list[tuple[str, float]]], width: float) -> list[list[tuple[str, float]]]:
    """Groups of things of some width in lines; a group stays together if it can."""
    lines: list[list[tuple[str, float]]] = []
    left = width + 1
    fitting: list[list[tuple[str, float]]] = []
    for group in groups:
        fits = sum(wide for _, wide in group) <= width
        fitting += [group] if fits else [[thing] for thing in group]
    for group in fitting:
        size = sum(wide for _, wide in group)
        if left + size > width:
            lines.append([])
            left = 0.0
        lines[-1] += group
        left += size
    return lines
