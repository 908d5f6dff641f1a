"""Which rows are on the screen, and where the reader is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ui.chat.cache import ItemCache
from ui.chat.items import Item
from ui.chat.model import ConversationModel, Ref

END_SPACE: Final = 24  # px below the last row
NEAR_END: Final = 8  # px from the end that still count as being there
_PASSES: Final = 6


@dataclass(frozen=True, slots=True)
class Placed:
    """A row on the screen; `y` is its top within the viewport, px."""

    ref: Ref
    y: int
    item: Item


class Placer:
    """Keeps the row at the top of the screen (the anchor) where it is while heights around it change."""

    def __init__(self, model: ConversationModel, cache: ItemCache) -> None:
        self.model = model
        self.cache = cache
        self.follow = True
        self.value = 0
        self.maximum = 0
        self.rows: list[Placed] = []
        self._anchor: Ref | None = None
        self._into = 0  # px of the anchor above the screen's top

    def reset(self) -> None:
        """An empty conversation."""
        self.follow, self.value, self.maximum, self.rows = True, 0, 0, []
        self._anchor, self._into = None, 0

    def scroll_to(self, value: int) -> None:
        """The reader went to a scroll value."""
        self.value = max(0, min(value, self.maximum))
        self.follow = self.value >= self.maximum - NEAR_END
        self._set_anchor()

    def _set_anchor(self) -> None:
        self._anchor = self.model.at(self.value)
        self._into = self.value - self.model.top(self._anchor) if self._anchor else 0

    def measure(self, ref: Ref) -> Item:
        """Lay a row out and put its true height into the model."""
        item = self.cache.item(self.model.row(ref))
        self.model.set_height(ref, item.height)
        return item

    def arrange(self, height: int) -> None:
        """Measure what is seen in `height` px and place it."""
        if self._anchor is not None and not self.model.has(self._anchor):
            self._repair_anchor(self._anchor)
        for _ in range(_PASSES):
            if self.follow:
                self._measure_up(height)
            self.maximum = max(0, self.model.total + END_SPACE - height)
            wanted = self.maximum
            if not self.follow and self._anchor is not None:
                wanted = self.model.top(self._anchor) + self._into
            self.value = max(0, min(wanted, self.maximum))
            before = self.model.total
            self.rows = self._visible(height)
            if self.model.total == before:
                break
        if self.follow:
            self._set_anchor()

    def _repair_anchor(self, gone: Ref) -> None:
        """The row at the top was folded away or replaced: hold on to what stands before it."""
        self._into = 0
        if gone.message >= len(self.model.messages):
            self._anchor = self.model.last()
            return
        section = self.model.messages[gone.message].sections[gone.section]
        if section.visible and section.rows:
            self._anchor = Ref(gone.message, gone.section, len(section.rows) - 1)
        else:
            self._anchor = self.model.step(gone, -1) or self.model.first()

    def _measure_up(self, height: int) -> None:
        filled = END_SPACE
        for ref in self.model.walk(self.model.last(), -1):
            filled += self.measure(ref).height
            if filled >= height:
                return

    def _visible(self, height: int) -> list[Placed]:
        rows: list[Placed] = []
        start = self.model.at(self.value)
        if start is None:
            return rows
        y = self.model.top(start) - self.value
        for ref in self.model.walk(start):
            if y >= height:
                break
            item = self.measure(ref)
            rows.append(Placed(ref, y, item))
            y += item.height
        return rows

    def placed_at(self, y: float) -> Placed | None:
        """The row under a viewport coordinate; the nearest one outside."""
        found: Placed | None = None
        for placed in self.rows:
            if found is not None and placed.y > y:
                break
            found = placed
        return found

    def reveal(self, ref: Ref, top: int, bottom: int, height: int) -> None:
        """Scroll so that `top`..`bottom` of a row (px within it) is seen."""
        y = self.model.top(ref) + top
        end = self.model.top(ref) + bottom
        if y < self.value:
            self.scroll_to(y - END_SPACE)
        elif end > self.value + height:
            self.scroll_to(end - height + END_SPACE)
