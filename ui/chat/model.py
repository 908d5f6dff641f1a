"""Where every row of the conversation is; knows no widget and draws nothing.

Whoever asks for a row of a message that nobody has parsed gets it: asking is what parses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.render.blocks import Block
from ui.chat.filling import Filling
from ui.chat.heights import HeightTree
from ui.chat.message import SECTIONS, Message, Ref, Row
from ui.chat.shown import Shown


class ConversationModel(Filling):
    """Rows of all messages with their offsets in px. GUI thread only."""

    @property
    def total(self) -> int:
        """Height of everything in px."""
        return self.heights.total

    def clear(self) -> None:
        """Forget all messages."""
        self.messages.clear()
        self.by_id.clear()
        self.opened.clear()
        self.heights = HeightTree()

    def add(self, shown: Shown) -> Message:
        """A new last message, without its text."""
        message = Message(shown, len(self.messages))
        message.lazy = message.finishing = message.finished = False
        self.messages.append(message)
        self.by_id[message.id] = message
        self.heights.append(0)
        return message

    def load(self, wanted: Sequence[Shown]) -> list[Message]:
        """These messages instead of all. One whose text is the same stays, rows and all; returned are the new
        ones and those with something new around the text."""
        known = self.by_id
        self.messages, self.by_id = [], {}
        fresh = []
        for index, shown in enumerate(wanted):
            message = known.pop(shown.id, None)
            if message is not None and message.shown is shown and message.finishing:
                pass  # as it was: a long conversation is asked for at each change
            elif message is None or not message.tells(shown):
                message = Message(shown, index)
                fresh.append(message)
            elif message.shown != shown:
                message.take(shown)
                message.guessed_at = 0
                fresh.append(message)
            message.index = index
            if message.lazy and message.guessed_at != self.width:
                self.guess(message)
            self.messages.append(message)
            self.by_id[message.id] = message
        self.heights = HeightTree([message.height for message in self.messages])
        self.opened = {one: None for one in self.opened if self.by_id.get(one.id) is one}
        return fresh

    # -- rows ----------------------------------------------------------------------------------------------

    def row(self, ref: Ref) -> Row:
        """The row at a place that exists."""
        return self.messages[ref.message].sections[ref.section].rows[ref.row]

    def has(self, ref: Ref) -> bool:
        """True if the place exists and is not folded away."""
        if ref.message >= len(self.messages):
            return False
        self.open(self.messages[ref.message])
        section = self.messages[ref.message].sections[ref.section]
        return section.visible and ref.row < len(section.rows)

    def top(self, ref: Ref) -> int:
        """Offset of a row in px."""
        message = self.messages[ref.message]
        y = self.heights.prefix(ref.message)
        y += sum(section.total for section in message.sections[: ref.section])
        return y + message.sections[ref.section].heights.prefix(ref.row)

    def at(self, y: int) -> Ref | None:
        """The row that covers pixel `y`; the nearest one outside."""
        if not self.messages:
            return None
        index = self.heights.find(y)
        message = self.messages[index]
        self.open(message)
        rest = y - self.heights.prefix(index)
        best: Ref | None = None
        for number, section in enumerate(message.sections):
            if section.visible and section.rows:
                while section.heights.total <= rest < section.total and self.more(message, number):
                    pass
                best = Ref(index, number, section.heights.find(rest))
                if rest < section.total:
                    return best
                rest -= section.total
        return best or self.step(Ref(index, 0, 0), -1) or self.step(Ref(index, 0, 0), 1)

    def step(self, ref: Ref, way: int) -> Ref | None:
        """The next (1) or previous (-1) visible row."""
        message = self.messages[ref.message]
        section = message.sections[ref.section]
        row = ref.row + way
        while section.visible and row >= len(section.rows) and self.more(message, ref.section):
            pass
        if section.visible and 0 <= row < len(section.rows):
            return Ref(ref.message, ref.section, row)
        return self._enter(ref.message, ref.section + way, way)

    def _enter(self, m: int, s: int, way: int) -> Ref | None:
        """The first visible row from a section on; coming from below, all of the message is parsed."""
        while 0 <= m < len(self.messages):
            message = self.messages[m]
            if way > 0:
                self.open(message)
            else:
                self.complete(message)
            while 0 <= s < SECTIONS:
                section = message.sections[s]
                if section.visible and section.rows:
                    return Ref(m, s, 0 if way > 0 else len(section.rows) - 1)
                s += way
            m += way
            s = 0 if way > 0 else SECTIONS - 1
        return None

    def first_of(self, index: int) -> Ref | None:
        """The first visible row of a message, or of the next one that has any."""
        return self._enter(index, 0, 1)

    def last(self) -> Ref | None:
        """The last visible row."""
        return self._enter(len(self.messages) - 1, SECTIONS - 1, -1)

    def first(self) -> Ref | None:
        """The first visible row."""
        return self._enter(0, 0, 1)

    def walk(self, ref: Ref | None, way: int = 1) -> Iterator[Ref]:
        """Visible rows from `ref` on."""
        while ref is not None:
            yield ref
            ref = self.step(ref, way)

    def set_height(self, ref: Ref, height: int) -> None:
        """A row was measured."""
        message = self.messages[ref.message]
        message.sections[ref.section].heights.set(ref.row, height)
        self.heights.set(ref.message, message.height)

    def pieces(self, ref: Ref) -> list[Block]:
        """All blocks of the fence or table that a row is a piece of."""
        message = self.messages[ref.message]
        self.complete(message)
        rows = message.sections[ref.section].rows
        first = ref.row
        while rows[first].block.piece and first:
            first -= 1
        found = [rows[first].block]
        for row in rows[first + 1 :]:
            if not row.block.piece:
                break
            found.append(row.block)
        return found
