"""Finds words in the whole conversation, a few ms at a time, whether or not it was ever laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.render.plain import own_start
from app.render.search import Wanted
from ui.chat.going import go_to_match
from ui.chat.message import Message, Ref
from ui.chat.placing import Placed
from ui.chat.tally import Tally, key_place, place_key
from ui.throttle import Throttle

if TYPE_CHECKING:
    from ui.chat.view import ChatView

MOST: Final = 200_000  # matches; then the counting stops
_SECONDS: Final = 0.006
_GROWN_MS: Final = 200
_TELL_MS: Final = 100
_REMEMBERED: Final = 400
_NONE: Final = Tally()


@dataclass
class _Seek:
    """The next match is asked for: where to look first, which way, and how many messages are left."""

    index: int
    bound: int | None
    forward: bool
    left: int


class ChatFinder(QObject):
    """The search in one ChatView. GUI thread; its matches are those of the text that is shown.

    Signals:
        counted: what `total`, `whole` and `number` say has changed.
        left: somebody wants the search closed.
    """

    counted = Signal()
    left = Signal()

    def __init__(self, view: ChatView) -> None:
        super().__init__(view)
        self.setObjectName("chat_finder")
        self._view = view
        self.wanted = Wanted("")
        self.total = 0
        self._tallies: dict[Message, Tally] = {}
        self._messages: object = None
        self._count = 0
        self._at = 0  # the next message to count, and how many there are to look at
        self._left = 0
        self._growing = False  # what is counted now is only what came to messages counted before
        self._live: set[Message] = set()
        self._current: tuple[Message, int] | None = None
        self._seek: _Seek | None = None
        self._counting: Iterator[None] | None = None
        self._going: Iterator[None] | None = None
        self._ranges: dict[str, list[tuple[int, int]]] = {}
        self._timer = QTimer(self)
        self._timer.setObjectName("chat_finder_timer")
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timer)
        self._grown, self._telling = Throttle(_GROWN_MS, self), Throttle(_TELL_MS, self)
        self._grown.due.connect(self._on_grown)
        self._telling.due.connect(self.counted)

    # -- what is known -------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether it works on something."""
        return self._timer.isActive()

    @property
    def full(self) -> bool:
        """There are so many matches that they are not counted any further."""
        return self.total >= MOST

    @property
    def whole(self) -> bool:
        """Whether `total` is all there are."""
        return not self._left and (self._counting is None or self._growing)

    @property
    def number(self) -> int:
        """Which match is looked at, from 1; 0 while that is not known."""
        if self._current is None:
            return 0
        message, key = self._current
        tallies = [self._tallies.get(one) for one in self._view.model.messages[: message.index]]
        own = self._tallies.get(message)
        if own is None or not own.has(key) or any(one is None or not one.done for one in tallies):
            return 0
        return sum(map(len, filter(None, tallies))) + own.number(key)

    def ranges(self, placed: Placed) -> list[tuple[int, int, bool]]:
        """Start and end of the matches in a row of the screen, and whether it is the one looked at."""
        plain = placed.item.plain
        if not self.wanted or not plain:
            return []
        found = self._ranges.get(plain)
        if found is None:
            if len(self._ranges) >= _REMEMBERED:
                self._ranges.clear()
            least = own_start(placed.item.row.block, plain)
            found = [one for one in self.wanted.find(plain) if one[0] >= least]
            self._ranges[plain] = found
        current = -1
        if self._current is not None and self._current[0] is placed.item.row.message:
            section, row, start = key_place(self._current[1])
            current = start if (section, row) == placed.ref[1:] else -1
        return [(start, end, start == current) for start, end in found]

    # -- searching -----------------------------------------------------------------------------------------

    def search(self, wanted: Wanted) -> None:
        """Count the matches of another query and go to the first one from here on; an empty one ends it."""
        if wanted == self.wanted:
            return
        before, self.wanted = self.wanted, wanted
        self._ranges.clear()
        narrows = wanted.narrows(before)
        kept = {m: t for m, t in self._tallies.items() if narrows and t is _NONE}
        origin = self._origin()
        self._tallies, self.total, self._current = kept, 0, None
        self._counting = self._going = self._seek = None
        self._live.clear()
        self._recount()
        if wanted and self._view.model.messages:
            self._seek = _Seek(*origin, True, self._count)
            self._timer.start()
        else:
            self._timer.stop()
        self._view.viewport().update()
        self.counted.emit()

    def step(self, forward: bool) -> None:
        """Go to the next match or the one before; round the ends."""
        if not self.wanted or not self._view.model.messages:
            return
        index, bound = self._origin()
        if forward and self._current is not None and bound is not None:
            bound += 1
        self._seek = _Seek(index, bound, forward, self._count)
        self._timer.start()

    def _origin(self) -> tuple[int, int | None]:
        """Where one is: at the match looked at, else at the top of the screen, below the bar."""
        model, placer = self._view.model, self._view.placer
        if self._current is not None and model.by_id.get(self._current[0].id) is self._current[0]:
            return self._current[0].index, self._current[1]
        ref = model.at(max(0, placer.value - self._view.viewportMargins().top()))
        if ref is not None:
            return ref.message, place_key(ref.section, ref.row, 0)
        return 0, None

    def _recount(self) -> None:
        messages = self._view.model.messages
        self._messages, self._count = messages, len(messages)
        self._left = self._count if self.wanted else 0
        rows = self._view.placer.rows
        self._at = min(rows[0].ref.message, self._count - 1) if rows and self._count else 0

    def look(self) -> None:
        """The conversation may have changed: see to it before long. Costs nothing without a search."""
        if self.wanted:
            self._grown.request()

    @Slot()
    def _on_grown(self) -> None:
        if not self.wanted:
            return
        messages = self._view.model.messages
        if self._messages is not messages or self._count != len(messages):
            self._realign()
        self._live.update(message for message in messages if not message.finished)
        if self._live and self._counting is None:
            self._counting, self._growing = self._grow(), True
        elif self._live:
            self._grown.request()
        self._timer.start()

    def _realign(self) -> None:
        """There are other messages: keep what is known of those that stay."""
        kept = self._view.model.by_id
        self._tallies = {m: t for m, t in self._tallies.items() if kept.get(m.id) is m}
        self._live = {m for m in self._live if kept.get(m.id) is m}
        self.total = sum(map(len, self._tallies.values()))
        if self._current is not None and kept.get(self._current[0].id) is not self._current[0]:
            self._current = None
        self._counting = self._going = self._seek = None
        self._recount()

    def _grow(self) -> Iterator[None]:
        """Count what has come to the messages that are still written."""
        for message in list(self._live):
            yield from self._count_one(message)

    # -- a few ms at a time --------------------------------------------------------------------------------

    @Slot()
    def _on_timer(self) -> None:
        end, total = perf_counter() + _SECONDS, self.total
        while perf_counter() < end:
            if not self._work():
                self._timer.stop()
                break
        if self.total != total or not self._timer.isActive():
            self._telling.request()

    def _work(self) -> bool:
        """A little of what is to be done; False if there is nothing."""
        if self._going is not None:
            if next(self._going, self) is self:
                self._going = None
                self.counted.emit()
            return True
        if self._seek is not None and self._resolve(self._seek):
            return True
        if self._counting is None:
            message = self._next()
            if message is None:
                return False
            self._counting, self._growing = self._count_one(message), False
        if next(self._counting, self) is self:
            self._counting = None
        return True

    def _next(self) -> Message | None:
        """The message to count next: one that is waited for, else those from the screen on."""
        messages = self._view.model.messages
        if self._seek is not None:
            return messages[self._seek.index] if self._seek.index < len(messages) else None
        if self.full:
            return None
        while self._left and messages:
            message = messages[self._at % len(messages)]
            self._at, self._left = self._at + 1, self._left - 1
            tally = self._tallies.get(message)
            if tally is None or not tally.done:
                return message
        return None

    def _count_one(self, message: Message) -> Iterator[None]:
        tally = self._tallies.get(message)
        if tally is None or tally is _NONE:
            tally = self._tallies[message] = Tally()
        before = len(tally)
        for _ in tally.count(self.wanted, message):
            self.total += len(tally) - before
            before = len(tally)
            yield
        self.total += len(tally) - before
        if not tally.settled:
            self._live.add(message)
        else:
            self._live.discard(message)
            if not tally:
                self._tallies[message] = _NONE

    def _resolve(self, seek: _Seek) -> bool:
        """Go where the seek leads, as far as it was counted; False if a message has to be counted first."""
        messages = self._view.model.messages
        while seek.left >= 0 and messages:
            seek.index %= len(messages)
            message = messages[seek.index]
            tally = self._tallies.get(message)
            if tally is None or not tally.done:
                return False
            key = tally.next(seek.bound, seek.forward)
            if key is not None:
                self._seek = None
                self._current = (message, key)
                section, row, start = key_place(key)
                ref = Ref(message.index, section, row)
                self._going = go_to_match(self._view, message, ref, start, tally.end(key))
                return True
            seek.index, seek.bound = seek.index + (1 if seek.forward else -1), None
            seek.left -= 1
        self._seek = None
        return True


_NONE.done = _NONE.settled = True
