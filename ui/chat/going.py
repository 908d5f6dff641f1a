"""Brings a found place to the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ui.chat.message import REASONING, Message, Ref
from ui.chat.thought import update_thought

if TYPE_CHECKING:
    from ui.chat.view import ChatView


def go_to_match(view: ChatView, message: Message, ref: Ref, start: int, end: int) -> Iterator[None]:
    """Show some characters of a row that may not be parsed yet; rests after each few ms of work. What is seen
    already stays where it is."""
    model = view.model
    if model.by_id.get(message.id) is not message or message.index != ref.message:
        return
    model.open(message)
    section = message.sections[ref.section]
    opened = False
    if ref.section == REASONING and not section.visible:
        opened = message.thought.choice = True
        update_thought(model, message)
        yield
    while ref.row >= len(section.rows) and model.more(message, ref.section):
        yield
    if model.has(ref):
        _show(view, ref, start, end)
    if opened:
        view.thought_toggled.emit(message.id, True)


def _show(view: ChatView, ref: Ref, start: int, end: int) -> None:
    placer = view.placer
    placer.scroll_to(placer.value)
    placer.follow = False  # an answer that grows must not take the place away
    view.arrange()
    item, height = placer.measure(ref), view.viewport().height()
    item.show_range(start, end)
    rects = item.rects(start, end)
    top = int(min(rect.top() for rect in rects)) if rects else item.height_to(start)
    bottom = int(max(rect.bottom() for rect in rects)) if rects else top
    y = placer.model.top(ref) - placer.value
    if y + top < 0 or y + bottom > height:
        placer.hold(ref, top - height // 4)
    view.arrange()
    view.note_place()
