"""Keeps the line at the top of the screen where it is while text changes its size or its width."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.chat.view import ChatView


@contextmanager
def holding_line(view: ChatView) -> Iterator[None]:
    """Have the words that are at the screen's top before the block there after it, too."""
    rows, placer = view.placer.rows, view.placer
    if placer.follow or not rows or not placer.model.has(rows[0].ref):
        yield
        return
    top = rows[0]
    # a line that is cut off by more than half is not the one that is read
    half = view.cache.style.line(view.cache.style.reading) // 2
    offset = top.item.hit(top.item.left, -top.y + half)
    within = -top.y - top.item.height_to(offset)
    tall = max(1, top.item.height)
    yield
    item = placer.measure(top.ref)
    if offset:
        placer.hold(top.ref, item.height_to(offset) + min(within, item.height))
    else:
        placer.hold(top.ref, -top.y * item.height // tall)
