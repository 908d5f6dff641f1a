"""Turns texts into rows: a stream's as it grows, a finished message's when somebody comes near."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Final

from app.render.blocks import Block, parse_blocks, plain_blocks
from app.render.slices import slice_end
from app.render.stream import BlockStream
from ui.chat.heights import HeightTree
from ui.chat.message import (
    ANSWER,
    FOOTER,
    REASONING,
    CodeGroup,
    Message,
    Row,
    Section,
    estimate,
    estimate_message,
    estimate_text,
)
from ui.chat.thought import update_thought

OPENED: Final = 60  # messages far from the screen that stay parsed
WHOLE: Final = 24_000  # characters: a text up to this is parsed in one go, about 20 ms
_SLICE: Final = 8000  # characters of a longer one
_SLICE_S: Final = 0.005  # s of it


class Filling:
    """The messages and the filling of their rows."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.by_id: dict[str, Message] = {}
        self.heights = HeightTree()
        self.width = 700
        self.opened: dict[Message, None] = {}  # whose rows were made when somebody came near, in that order

    def refresh(self, message: Message) -> None:
        """Sections were folded, opened or filled: bring the message's height up to date."""
        self.heights.set(message.index, message.height)

    # -- finished messages ---------------------------------------------------------------------------------

    def guess(self, message: Message) -> None:
        """Estimate the height of a message nobody has parsed."""
        message.guess, message.guessed_at = estimate_message(message.shown, self.width), self.width

    def open(self, message: Message, whole: bool = False) -> None:
        """Somebody is near: make the first rows of a lazy message, or all of them."""
        if not message.lazy:
            return
        message.lazy = False
        self.opened[message] = None
        if message.role == "assistant":
            for number in (REASONING, ANSWER):
                text = message.shown.reasoning if number == REASONING else message.shown.text
                section = message.sections[number]
                section.given = [text]
                section.waiting = text if text.strip() else ""
            if whole:
                self.more(message, ANSWER, whole=True)
            update_thought(self, message)
            self.begin(message, ANSWER)
            self.set_single(message, FOOTER, "footer")
        else:
            self.fill_plain(message, message.shown.text)
            if message.role == "user":
                self.set_single(message, FOOTER, "footer")
        self.refresh(message)

    def close(self, message: Message) -> None:
        """Nobody is near any more: forget the rows of a finished message, and keep its height."""
        self.opened.pop(message, None)
        if message.lazy or not message.finished:
            return
        if message.given(ANSWER) is not message.shown.text:
            texts = {"text": message.given(ANSWER), "reasoning": message.given(REASONING)}
            message.shown = replace(message.shown, **texts)
        message.guess, message.guessed_at, message.lazy = message.height, self.width, True
        message.forget_sections()

    def trim(self, first: int, last: int) -> bool:
        """Of messages outside `first`..`last` close those that were opened longest ago, so that there are not
        too many; True if one was."""
        closed = False
        while len(self.opened) > OPENED:
            far = next((one for one in self.opened if not first <= one.index <= last), None)
            if far is None:
                break
            self.close(far)
            closed = True
        return closed

    def begin(self, message: Message, number: int) -> None:
        """See to it that a visible section with text has a first row."""
        section = message.sections[number]
        while section.visible and section.waiting and not section.rows:
            self.more(message, number)

    def more(self, message: Message, number: int, whole: bool = False) -> bool:
        """Parse a little more of what waits, or all of it; False if nothing does. Rows are only added."""
        section = message.sections[number]
        if not section.waiting:
            return False
        if whole or (section.stream is None and len(section.waiting) <= WHOLE):
            # even all of it once more is quicker than the rest as a stream
            self._add_rows(message, number, parse_blocks("".join(section.given))[len(section.rows) :])
            section.waiting, section.stream = "", None
        else:
            self._feed_some(message, number)
            if section.stream is not None:
                if not section.waiting:
                    section.stream.finish()
                self._add_rows(message, number, section.stream.closed[section.taken :])
                section.taken = len(section.stream.closed)
        section.reserve = estimate_text(section.waiting, self.width) if section.waiting else 0
        self.refresh(message)
        return True

    def _feed_some(self, message: Message, number: int) -> None:
        section, at, end = message.sections[number], 0, perf_counter() + _SLICE_S
        while at < min(len(section.waiting), _SLICE) and perf_counter() < end:
            stop = slice_end(section.waiting, at, _SLICE - at)
            self.feed(message, number, section.waiting[at:stop])
            at = stop
        section.waiting = section.waiting[at:]

    def _add_rows(self, message: Message, number: int, blocks: Iterable[Block]) -> None:
        for block in blocks:
            self._push(message, number, block, False)
        message.sections[number].closed = len(message.sections[number].rows)

    def complete(self, message: Message) -> None:
        """Parse all that is visible of a message."""
        self.open(message, whole=True)
        for number in (REASONING, ANSWER):
            if message.sections[number].visible:
                self.more(message, number, whole=True)

    def reopen(self, message: Message) -> None:
        """A finished message streams again: its text goes on where it ended. Rows that don't change stay."""
        self.open(message)
        message.finished = message.finishing = False
        self.set_single(message, FOOTER, None)
        for number in (REASONING, ANSWER):
            section = message.sections[number]
            self.more(message, number, whole=True)
            text = "".join(section.given)
            if message.role == "assistant" and text:
                section.stream, section.closed, section.taken = None, 0, 0
                self.feed(message, number, text)
                self.sync(message, number)

    # -- rows ----------------------------------------------------------------------------------------------

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
        message.sections[ANSWER].given.append(text)
        self._add_rows(message, ANSWER, plain_blocks(text))
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
