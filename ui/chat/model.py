"""Messages as sections of rows with heights; knows no widget and draws nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from app.render.blocks import Block, plain_blocks
from app.render.highlight import START, State
from app.render.stream import BlockStream
from ui.chat.heights import HeightTree

HEADER, REASONING, STATUS, ANSWER, FOOTER = range(5)
SECTIONS: Final = 5
CHANNELS: Final = {"reasoning": REASONING, "answer": ANSWER}


class Ref(NamedTuple):
    """Where a row is: message, section, row. Compares in reading order."""

    message: int
    section: int
    row: int


@dataclass(slots=True, eq=False)
class CodeGroup:
    """What the pieces of one fence share: horizontal offset and width in px, lexer state after each piece."""

    offset: int = 0
    width: int = 0
    layout_key: object = None  # of the layout that `width` was measured in
    states: dict[int, State] = field(default_factory=lambda: {-1: START})


@dataclass(slots=True, eq=False)
class Row:
    """One block on the screen. `gap` is the space above it in px, part of its height."""

    message: Message
    section: int
    block: Block
    open: bool = False
    last_piece: bool = True
    previous: Block | None = None
    layout_key: object = None  # of the layout its height was measured in
    group: CodeGroup | None = None


class Section:
    """Rows of one part of a message, closed ones first, then the open tail."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.heights = HeightTree()
        self.visible = True
        self.closed = 0
        self.stream: BlockStream | None = None
        self.pending: list[str] = []
        self.given: list[str] = []
        self.taken = 0  # blocks of the stream that are rows already

    @property
    def total(self) -> int:
        """Height in px, 0 while hidden."""
        return self.heights.total if self.visible else 0


@dataclass(slots=True)
class Thought:
    """State of a message's thought header."""

    shown: bool = False
    active: bool = False
    seconds: float = 0.0
    tokens: int = 0
    choice: bool | None = None  # what the reader chose, if ever


@dataclass(slots=True)
class Footer:
    """What stands under a finished message."""

    text: str = ""
    mark: str = ""
    action: str = ""


@dataclass(eq=False)
class Message:
    """One message of the conversation."""

    id: str
    role: str
    index: int
    sections: list[Section] = field(default_factory=lambda: [Section() for _ in range(SECTIONS)])
    thought: Thought = field(default_factory=Thought)
    footer: Footer = field(default_factory=Footer)
    status: str = ""
    fraction: float | None = None
    finishing: bool = False
    finished: bool = False

    @property
    def height(self) -> int:
        return sum(section.total for section in self.sections)


def estimate(block: Block, width: int) -> int:
    """A row's likely height in px before it is laid out: good enough for a scroll bar."""
    if block.kind == "code":
        return 19 * (block.text.count("\n") + 1) + 24
    if block.kind == "table":
        return 34 * len(block.rows) + 12
    per_line = max(20, width // 8)
    lines = len(block.text) // per_line + block.text.count("\n") + 1
    return 23 * lines + 12


class ConversationModel:
    """Rows of all messages with their offsets in px. GUI thread only."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.by_id: dict[str, Message] = {}
        self.heights = HeightTree()
        self.width = 700

    @property
    def total(self) -> int:
        """Height of everything in px."""
        return self.heights.total

    def clear(self) -> None:
        """Forget all messages."""
        self.messages.clear()
        self.by_id.clear()
        self.heights = HeightTree()

    def add(self, message_id: str, role: str) -> Message:
        """A new last message."""
        message = Message(message_id, role, len(self.messages))
        self.messages.append(message)
        self.by_id[message_id] = message
        self.heights.append(0)
        return message

    # -- rows ----------------------------------------------------------------------------------------------

    def row(self, ref: Ref) -> Row:
        """The row at a place that exists."""
        return self.messages[ref.message].sections[ref.section].rows[ref.row]

    def has(self, ref: Ref) -> bool:
        """True if the place exists and is not folded away."""
        if ref.message >= len(self.messages):
            return False
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
        rest = y - self.heights.prefix(index)
        best: Ref | None = None
        for number, section in enumerate(self.messages[index].sections):
            if section.visible and section.rows:
                best = Ref(index, number, section.heights.find(rest))
                if rest < section.total:
                    return best
                rest -= section.total
        return best or self.step(Ref(index, 0, 0), -1) or self.step(Ref(index, 0, 0), 1)

    def step(self, ref: Ref, way: int) -> Ref | None:
        """The next (1) or previous (-1) visible row."""
        section = self.messages[ref.message].sections[ref.section]
        row = ref.row + way
        if section.visible and 0 <= row < len(section.rows):
            return Ref(ref.message, ref.section, row)
        m, s = ref.message, ref.section + way
        while 0 <= m < len(self.messages):
            while 0 <= s < SECTIONS:
                section = self.messages[m].sections[s]
                if section.visible and section.rows:
                    return Ref(m, s, 0 if way > 0 else len(section.rows) - 1)
                s += way
            m += way
            s = 0 if way > 0 else SECTIONS - 1
        return None

    def last(self) -> Ref | None:
        """The last visible row."""
        return self.step(Ref(len(self.messages) - 1, SECTIONS - 1, 1 << 60), -1) if self.messages else None

    def first(self) -> Ref | None:
        """The first visible row."""
        return self.step(Ref(0, 0, -1), 1) if self.messages else None

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

    def refresh(self, message: Message) -> None:
        """Sections were folded, opened or filled: bring the message's height up to date."""
        self.heights.set(message.index, message.height)

    # -- filling -------------------------------------------------------------------------------------------

    def set_single(self, message: Message, number: int, kind: str | None) -> None:
        """Header, status and footer are one row or none."""
        section = message.sections[number]
        if kind is None:
            while section.rows:
                self._pop(section)
        elif section.rows:
            section.rows[0].layout_key = None
        else:
            self._push(message, number, Block(kind, ""), False)
        self.refresh(message)

    def fill_plain(self, message: Message, text: str) -> None:
        """A text without Markdown, complete at once."""
        section = message.sections[ANSWER]
        section.given.append(text)
        for block in plain_blocks(text):
            self._push(message, ANSWER, block, False)
        section.closed = len(section.rows)
        self.refresh(message)

    def feed(self, message: Message, number: int, text: str) -> None:
        """Markdown of one channel goes on."""
        section = message.sections[number]
        section.stream = section.stream or BlockStream()
        section.stream.feed(text)

    def sync(self, message: Message, number: int) -> bool:
        """Bring rows in line with the stream: new closed blocks, then the tail. True if anything changed."""
        section = message.sections[number]
        stream = section.stream
        if stream is None:
            return False
        fresh: Sequence[Block] = stream.closed[section.taken :]
        tail = stream.tail()
        wanted = [(b, False) for b in fresh] + [(b, True) for b in tail]
        old = section.rows[section.closed :]
        same = len(old) == len(wanted) and all(
            row.block == block and row.open == is_open
            for row, (block, is_open) in zip(old, wanted, strict=True)
        )
        if not same:
            self._replace_tail(message, number, wanted)
        section.taken += len(fresh)
        section.closed += len(fresh)
        self.refresh(message)
        return not same

    def _replace_tail(self, message: Message, number: int, wanted: list[tuple[Block, bool]]) -> None:
        section = message.sections[number]
        at = section.closed
        for block, is_open in wanted:
            if at < len(section.rows):
                row = section.rows[at]
                same_place = row.block.start == block.start and row.block.kind == block.kind
                if not same_place:
                    while len(section.rows) > at:
                        self._pop(section)
                elif row.block != block or row.open != is_open:
                    row.block, row.open, row.layout_key = block, is_open, None
            if at >= len(section.rows):
                self._push(message, number, block, is_open)
            at += 1
        while len(section.rows) > at:
            self._pop(section)

    def _push(self, message: Message, number: int, block: Block, is_open: bool) -> None:
        section = message.sections[number]
        before = section.rows[-1] if section.rows else None
        row = Row(message, number, block, is_open, previous=before.block if before else None)
        if block.piece and before:
            before.last_piece = False
            before.layout_key = None
            row.group = before.group
        if block.kind in {"code", "table"} and row.group is None:
            row.group = CodeGroup()
        section.rows.append(row)
        section.heights.append(estimate(block, self.width))

    def _pop(self, section: Section) -> None:
        row = section.rows.pop()
        section.heights.pop()
        if row.block.piece and section.rows:
            section.rows[-1].last_piece = True
            section.rows[-1].layout_key = None

    def reclassify(self, message: Message) -> None:
        """All answer text so far was reasoning."""
        sections = message.sections
        answer, reasoning = sections[ANSWER], sections[REASONING]
        if not reasoning.rows and reasoning.stream is None and not reasoning.pending:
            sections[ANSWER], sections[REASONING] = reasoning, answer
            for row in answer.rows:
                row.section, row.layout_key = REASONING, None
        else:
            text = "".join(answer.given)
            sections[ANSWER] = Section()
            reasoning.given.append(text)
            reasoning.pending.append(text)
        sections[ANSWER].visible = True
        self.refresh(message)

    def pieces(self, ref: Ref) -> list[Block]:
        """All blocks of the fence or table that a row is a piece of."""
        rows = self.messages[ref.message].sections[ref.section].rows
        first = ref.row
        while rows[first].block.piece and first:
            first -= 1
        found = [rows[first].block]
        for row in rows[first + 1 :]:
            if not row.block.piece:
                break
            found.append(row.block)
        return found


def with_text(block: Block, text: str) -> Block:
    """The block with another text: for chrome rows."""
    return replace(block, text=text)
