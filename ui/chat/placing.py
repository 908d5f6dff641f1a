"""Which rows are on the screen, and where the reader is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.chat.library import Place
from ui.chat.cache import ItemCache
from ui.chat.formulas import Key
from ui.chat.items import Item
from ui.chat.message import SECTIONS, Ref, Row
from ui.chat.model import ConversationModel

END_SPACE: Final = 24  # px below the last row
NEAR_END: Final = 8  # px from the end that still count as being there
REACH: Final = 2400  # px; a longer way is a jump, which may trust heights that nobody has measured
_PASSES: Final = 6
_ABOVE: Final = 300  # rows; what stands further up in a message stays a guess


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
        self._clipped = 0  # px that the anchor wants to be further down than the end allows
        self._pinned: tuple[Ref, int, int] | None = None  # row, char and offset of the line that is held
        self._moved = False

    def reset(self) -> None:
        """An empty conversation."""
        self.follow, self.value, self.maximum, self.rows = True, 0, 0, []
        self._anchor, self._into, self._clipped, self._pinned = None, 0, 0, None

    def scroll_to(self, value: int) -> None:
        """The reader went to a scroll value."""
        value = max(0, min(value, self.maximum))
        self.follow = value >= self.maximum - NEAR_END
        way = value - self.value
        if self._anchor is None or abs(way) > REACH or not self.model.has(self._anchor):
            self.value = value
            self._set_anchor()
        else:
            self.hold(self._anchor, self._into - self._clipped + way)

    def hold(self, ref: Ref, into: int) -> None:
        """Have `into` px of a row above the screen's top. Rows on the way are measured, not guessed: so what
        the reader looks at goes just as far as he scrolled, whatever turns out to stand above it."""
        while into < 0:
            above = self.model.step(ref, -1)
            if above is None:
                into = 0
                break
            ref = above
            into += self.measure(ref).height
        height = self.measure(ref).height
        while into >= height:
            below = self.model.step(ref, 1)
            if below is None:
                break
            into, ref = into - height, below
            height = self.measure(ref).height
        self._anchor, self._into, self._clipped, self._pinned = ref, into, 0, None
        self.value = self.model.top(ref) + into

    def hold_message(self, index: int, offset: int) -> None:
        """Have a message's top `offset` px below the screen's top, as far as the message reaches."""
        start = self.model.first_of(index)
        if start is None:
            return
        self.follow = False
        self.hold(start, -offset)
        if self._anchor is not None and self._anchor.message > start.message:
            last = self.model.first_of(start.message + 1)
            if last is not None:
                self.hold(last, -2 * END_SPACE)

    def hold_place(self, place: Place) -> None:
        """Go where a reader was."""
        message = self.model.by_id.get(place.message_id)
        if message is None:
            return
        ref = Ref(message.index, place.section, place.row)
        if not 0 <= place.section < SECTIONS or not self._reach(ref):
            self.hold_message(message.index, place.offset if place.section < 0 else END_SPACE)
            return
        self.follow = False
        item = self.measure(ref)
        self.hold(ref, item.height_to(min(place.char, len(item.plain))) - place.offset)

    def _reach(self, ref: Ref) -> bool:
        """Parse a message as far as a row, if it has it."""
        message = self.model.messages[ref.message]
        self.model.open(message)
        section = message.sections[ref.section]
        while section.visible and ref.row >= len(section.rows) and self.model.more(message, ref.section):
            pass
        return self.model.has(ref)

    def place(self) -> Place | None:
        """The line at the screen's top; None while following."""
        if self.follow or self._anchor is None or not self.model.has(self._anchor):
            return None
        ref, into = self._anchor, self._into - self._clipped
        char, offset = _line(self.measure(ref), into)
        return Place(self.model.messages[ref.message].id, offset, ref.section, ref.row, char)

    def pin(self) -> None:
        """The layout is about to change: hold on to the line at the screen's top. To the same one each time
        until the reader moves, or it would go up a little whenever the width changes and comes back."""
        if self.follow or self._anchor is None or not self.model.has(self._anchor):
            return
        if self._pinned is None or not self.model.has(self._pinned[0]):
            item = self.cache.known(self.model.row(self._anchor))
            self._pinned = (self._anchor, *_line(item, self._into)) if item is not None else None
        self._moved = True

    def remap(self, moved: Callable[[Ref], Ref | None]) -> bool:
        """Messages have changed their places: hold on to the first row of the screen that is left, if any."""
        self._anchor, rows, self.rows = None, self.rows, []
        pinned, self._pinned = self._pinned, None
        for placed in rows:
            ref = moved(placed.ref)
            if ref is not None and self.model.has(ref):
                self._anchor, self._into, self._clipped = ref, -placed.y, 0
                if pinned is not None and (held := moved(pinned[0])) is not None:
                    self._pinned = (held, *pinned[1:])
                return True
        return False

    def _set_anchor(self) -> None:
        self._anchor = self.model.at(self.value)
        self._into = self.value - self.model.top(self._anchor) if self._anchor else 0
        self._clipped, self._pinned = 0, None

    def measure(self, ref: Ref) -> Item:
        """Lay a row out and put its true height into the model."""
        item = self.cache.item(self.model.row(ref))
        self.model.set_height(ref, item.height)
        return item

    def arrange(self, height: int) -> None:
        """Measure what is seen in `height` px and place it."""
        if self._anchor is not None and not self.model.has(self._anchor):
            self._repair_anchor(self._anchor)
        self._hold_line()
        for _ in range(_PASSES):
            if self.follow:
                self._measure_up(height)
            self.maximum = max(0, self.model.total + END_SPACE - height)
            wanted = self.maximum
            if not self.follow and self._anchor is not None:
                wanted = self.model.top(self._anchor) + self._into
            self.value = max(0, min(wanted, self.maximum))
            self._clipped = wanted - self.value
            before = self.model.total
            self.rows = self._visible(height)
            if self.model.total == before:
                break
        if self.follow:
            self._set_anchor()
        elif self.rows and not self._clipped:
            # the row that is really at the top: what is parsed between it and a far anchor would move it
            self._anchor, self._into = self.rows[0].ref, -self.rows[0].y
        self._moved = False

    def ahead(self, height: int) -> bool:
        """Parse a little of what is less than a page away; False if there is nothing left to do."""
        if not self.rows:
            return False
        model, above = self.model, self.rows[0].ref
        first = model.heights.find(max(0, self.value - height))
        last = model.heights.find(self.value + 2 * height)
        for message in model.messages[first : last + 1]:
            if message.lazy:
                model.open(message)
                return True
            for number, section in enumerate(message.sections):
                if section.visible and section.waiting:
                    ref = Ref(message.index, number, len(section.rows))
                    if ref < above or model.top(ref) < self.value + 2 * height:
                        return model.more(message, number)
        return False

    def trim(self, height: int) -> None:
        """Forget what was made of messages that are far away."""
        model = self.model
        first, last = (model.heights.find(y) for y in (self.value - 3 * height, self.value + 4 * height))
        if model.messages and model.trim(first, last):
            self.cache.drop(lambda row: not row.message.lazy)

    def _hold_line(self) -> None:
        """The row at the screen's top is laid out anew, or formulas have come for it: keep the line there."""
        if self.follow or self._anchor is None:
            return
        if self._moved and self._pinned is not None:
            self._anchor, char, offset = self._pinned
            item = self.measure(self._anchor)
            self._into = min(item.height_to(min(char, len(item.plain))) - offset, item.height - 1)
            return
        old = self.cache.known(self.model.row(self._anchor))
        if self._into <= 0 or old is None or not old.stale:
            return
        char, offset = _line(old, self._into)
        self._into = self.measure(self._anchor).height_to(char) - offset

    def missing(self) -> list[Key]:
        """Formulas that the screen lacks, from its top on."""
        return [key for placed in self.rows for key in placed.item.missing]

    def near(self, height: int) -> Iterator[Row]:
        """The rows less than a page below the screen, then those above it, from the screen on."""
        if not self.rows:
            return
        for start, way in ((self.rows[-1].ref, 1), (self.rows[0].ref, -1)):
            left, ref = height, self.model.step(start, way)
            while ref is not None and left > 0:
                yield self.model.row(ref)
                left -= max(1, self.model.messages[ref.message].sections[ref.section].heights[ref.row])
                ref = self.model.step(ref, way) if left > 0 else None

    def _repair_anchor(self, gone: Ref) -> None:
        """The row at the top was folded away or replaced: hold on to what stands before it."""
        self._into, self._pinned = 0, None
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


def _line(item: Item, into: int) -> tuple[int, int]:
    """An offset in the text of the line that is `into` px below a row's top, and that line's distance."""
    char = item.hit(item.left, into) if into > item.height_to(0) else 0
    return char, item.height_to(char) - into
