"""Keyboard travel between the places in the conversation that can be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ui.chat.items import Item, Spot
from ui.chat.message import FOOTER, Ref, Row
from ui.chat.placing import Placer

OTHER_WAY: Final = {"previous": "next", "next": "previous"}  # at the last version there is only one way
_SIGNS: Final = ("://", "mailto:", "<", "@", "www.", "WWW.", "[^")
_REACH: Final = 4000  # rows looked at for the next place


class Navigator:
    """Which spot has the keyboard."""

    def __init__(self, placer: Placer) -> None:
        self._placer = placer
        self.place: tuple[Ref, int] | None = None
        self.reading: Ref | None = None  # the row that has the keyboard as a whole

    def clear(self) -> None:
        """Nothing has the keyboard."""
        self.place = self.reading = None

    def at(self) -> Ref | None:
        """The row that the keyboard is in."""
        ref = self.place[0] if self.place else self.reading
        return ref if ref is not None and self._placer.model.has(ref) else None

    def read(self, ref: Ref) -> None:
        """A row has the keyboard as a whole; a thought's header is nothing but its one place."""
        whole = self._placer.model.row(ref).block.kind != "thought"
        self.place, self.reading = (None, ref) if whole else ((ref, 0), None)

    def next_row(self, way: int, message: bool) -> Ref | None:
        """The row after (1) or before (-1) the one that has the keyboard, or the first row of the message
        after or before it; the first row on the screen if nothing has the keyboard."""
        model, rows, ref = self._placer.model, self._placer.rows, self.at()
        if ref is None:
            return rows[0].ref if rows else None
        if not message:
            return model.step(ref, way)
        index = ref.message + way if way > 0 or model.first_of(ref.message) == ref else ref.message
        return model.first_of(index) if 0 <= index < len(model.messages) else None

    def spot(self) -> Spot | None:
        """The spot that has the keyboard."""
        if self.place is None or not self._placer.model.has(self.place[0]):
            return None
        spots = self.item().spots()
        return spots[self.place[1]] if self.place[1] < len(spots) else None

    def item(self) -> Item:
        """The row of the spot that has the keyboard."""
        assert self.place is not None
        return self._placer.cache.item(self._placer.model.row(self.place[0]))

    def move(self, way: int) -> bool:
        """To the next (1) or previous (-1) spot; from the screen's edge if there is none yet."""
        model, rows = self._placer.model, self._placer.rows
        if self.place is not None and self.spot() is not None:
            ref, index = self.place
            if 0 <= index + way < len(self.item().spots()):
                self.place = (ref, index + way)
                return True
            start = model.step(ref, way)
        elif self.reading is not None and model.has(self.reading):
            start = self.reading
        else:
            start = (rows[0] if way > 0 else rows[-1]).ref if rows else None
        for count, ref in enumerate(model.walk(start, way)):
            if count > _REACH:
                break
            if may_have_spots(model.row(ref)):
                spots = self._placer.measure(ref).spots()
                if spots:
                    self.reading = None
                    self.place = (ref, 0 if way > 0 else len(spots) - 1)
                    return True
        self.place = self.reading = None
        return False

    def step(self, way: int) -> None:
        """To the spot beside, within the row."""
        if self.place is not None and 0 <= self.place[1] + way < len(self.item().spots()):
            self.place = (self.place[0], self.place[1] + way)

    def remap(self, moved: Callable[[Ref], Ref | None], spot: Spot | None) -> None:
        """Messages have changed their places: keep the spot, or the same one of the message in its stead."""
        self.reading = moved(self.reading) if self.reading is not None else None
        if self.place is None or spot is None:
            self.place = None
            return
        (ref, index), model = self.place, self._placer.model
        now = moved(ref)
        if now is None and ref.section == FOOTER:
            now = Ref(ref.message, FOOTER, 0)
        self.place = None
        if now is None or not model.has(now):
            return
        kinds = [other.kind for other in self._placer.measure(now).spots()]
        for kind in (spot.kind, OTHER_WAY.get(spot.kind)):
            if kind in kinds:
                at = index if index < len(kinds) and kinds[index] == kind else kinds.index(kind)
                self.place = (now, at)
                return


def may_have_spots(row: Row) -> bool:
    """False for rows that need not be laid out to know that they have nothing to click."""
    block = row.block
    if block.kind in {"thought", "footer"} or (row.message.shown.attachments and not block.piece):
        return True
    if block.kind == "code":
        return not block.piece
    if "f" in block.nest and any(block.markers):
        return True
    texts = [block.text] if not block.rows else [cell for cells in block.rows for cell in cells]
    return any(sign in text for text in texts for sign in _SIGNS)
