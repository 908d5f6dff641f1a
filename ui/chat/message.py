"""One message of the conversation: sections of rows, and guesses of heights nobody has measured yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from app.render.blocks import Block
from app.render.highlight import START, State
from app.render.stream import BlockStream
from ui.chat.heights import HeightTree
from ui.chat.shown import Shown

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
    """What the pieces of one fence share: horizontal offset and width in px, lexer state after each piece,
    whether its lines are wrapped."""

    offset: int = 0
    wrap: bool = False
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
    """Rows of one part of a message, closed ones first, then the open tail.

    Text of a stream goes from `pending` into the rows frame by frame. `waiting` is text of a finished message
    that is parsed when somebody comes near; `reserve` is the height it will likely have, px.
    """

    __slots__ = (
        "closed", "given", "heights", "pending", "reserve", "rows", "stream", "taken", "visible", "waiting",
    )  # fmt: skip

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.heights = HeightTree()
        self.visible = True
        self.closed = 0
        self.stream: BlockStream | None = None
        self.pending: list[str] = []
        self.given: list[str] = []
        self.taken = 0  # blocks of the stream that are rows already
        self.waiting = ""
        self.reserve = 0

    @property
    def total(self) -> int:
        """Height in px, 0 while hidden."""
        return self.heights.total + self.reserve if self.visible else 0

    @property
    def filled(self) -> bool:
        """True if it has rows or will have some."""
        return bool(self.rows or self.waiting)


@dataclass(slots=True)
class Thought:
    """State of a message's thought header."""

    shown: bool = False
    active: bool = False
    seconds: float = 0.0
    tokens: int = 0
    choice: bool | None = None  # what the reader chose, if ever


class Message:
    """One message. While it is `lazy` nothing of it is parsed and `guess` stands for its height, px."""

    __slots__ = (
        "_sections", "_thought", "finished", "finishing", "fraction", "guess", "guessed_at", "id", "index",
        "lazy", "role", "shown", "status",
    )  # fmt: skip

    def __init__(self, shown: Shown, index: int, guess: int = 0) -> None:
        self.id = shown.id
        self.role = shown.role
        self.index = index
        self.shown = shown
        self.guess = guess
        self.guessed_at = 0  # the width that it holds for
        self.lazy = shown.finished
        self.finishing = self.finished = shown.finished
        self.status = ""
        self.fraction: float | None = None
        self._thought: Thought | None = None
        self._sections: list[Section] | None = None

    @property
    def thought(self) -> Thought:
        """Made when it is first asked for, as the sections are."""
        if self._thought is None:
            shown = self.shown
            self._thought = Thought(
                seconds=shown.thought_seconds, tokens=shown.thought_tokens, choice=shown.thought_open
            )
        return self._thought

    @property
    def sections(self) -> list[Section]:
        """Made when they are first asked for: ten thousand messages would make fifty thousand of them."""
        if self._sections is None:
            self._sections = [Section() for _ in range(SECTIONS)]
        return self._sections

    def forget_sections(self) -> None:
        """They will be made anew."""
        self._sections = None

    @property
    def height(self) -> int:
        """Height in px, partly guessed."""
        return self.guess if self.lazy else sum(section.total for section in self.sections)

    def given(self, number: int) -> str:
        """A channel's text as it was given."""
        if self.lazy:
            return self.shown.text if number == ANSWER else self.shown.reasoning
        return "".join(self.sections[number].given)

    def tells(self, shown: Shown) -> bool:
        """True if the message already shows this text, whatever stands around it."""
        return (
            self.role == shown.role
            and self.finishing == shown.finished
            and self.given(ANSWER) == shown.text
            and self.given(REASONING) == shown.reasoning
            and self.shown.attachments == shown.attachments
        )

    def take(self, shown: Shown) -> None:
        """Something new stands around the text."""
        self.shown = shown
        if self._thought is None:
            return
        thought = self._thought
        thought.seconds = shown.thought_seconds or thought.seconds
        thought.tokens = shown.thought_tokens or thought.tokens
        if shown.thought_open is not None:
            thought.choice = shown.thought_open


def estimate(block: Block, width: int) -> int:
    """A row's likely height in px before it is laid out: good enough for a scroll bar."""
    if block.kind == "code":
        return 19 * (block.text.count("\n") + 1) + 24
    if block.kind == "table":
        return 34 * len(block.rows) + 12
    if block.kind == "math":
        return 34 * (block.text.count("\\\\") + 1) + 12
    per_line = max(20, width // 8)
    lines = len(block.text) // per_line + block.text.count("\n") + 1
    return 23 * lines + 12


def estimate_text(text: str, width: int) -> int:
    """The likely height in px of a text nobody has parsed."""
    return 23 * (len(text) // max(20, width // 7)) + 17 * text.count("\n") + 30


def estimate_message(shown: Shown, width: int) -> int:
    """The likely height in px of a whole message."""
    if shown.role != "assistant":
        height = estimate_text(shown.text, width * 4 // 5) + (62 if shown.role == "user" else 0)
        return height + 52 * -(-len(shown.attachments) // 3)
    height = estimate_text(shown.text, width) + 34
    if shown.reasoning:
        height += 36 + (estimate_text(shown.reasoning, width) if shown.thought_open else 0)
    return height + (30 if shown.mark else 0)
