"""One frame of the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from ui.chat.chrome_items import paint_editing
from ui.chat.items import Look, focus_ring
from ui.chat.placing import Placed
from ui.theme import SPACE

if TYPE_CHECKING:
    from ui.chat.view import ChatView


def paint(view: ChatView, dirty: QRect) -> None:
    """Paint the placed rows that meet `dirty`, px of the viewport. Only within a paint event."""
    view.formulas.begin_frame()
    painter = QPainter(view.viewport())
    painter.fillRect(dirty, view.theme.color("window"))
    left = view.column()[0]
    for placed in view.placer.rows:
        box = QRect(0, placed.y, view.viewport().width(), placed.item.height)
        if box.intersects(dirty):
            if placed.item.row.message.id == view.editing:
                paint_editing(painter, placed.item, left, placed.y)
            placed.item.paint(painter, left, placed.y, look_of(view, placed))
            if view.navigator.reading == placed.ref and view.hasFocus():
                top = placed.y + placed.item.gap
                room = QRectF(left, top, view.column()[1], placed.item.height - placed.item.gap)
                focus_ring(painter, room.adjusted(-SPACE[1], -SPACE[0], SPACE[1], SPACE[0]), view.cache.style)
    painter.end()


def look_of(view: ChatView, placed: Placed) -> Look:
    """What pointer, keyboard and selection add to a row."""
    ref, item = placed.ref, placed.item
    hot, place, done = view.pointer.hot, view.navigator.place, view.doings.done
    focus = view.navigator.spot() if place and place[0] == ref and view.hasFocus() else None
    return Look(
        selection=view.selection.range_in(ref, len(item.plain)) if view.selection else None,
        found=view.finder.ranges(placed),
        actions=view.pointer.message == ref.message or bool(place and place[0].message == ref.message),
        hot=hot[1] if hot and hot[0] == ref else None,
        focus=focus,
        done=done[1] if done and done[0] == ref else "",
    )
