"""Reads an answer out while it is written, a few sentences at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from app.language import ntr, tr
from app.render.inline import plain_text
from ui.announce import announce, is_heard
from ui.chat.access.words import row_words, table_words
from ui.chat.message import ANSWER, REASONING, Message, Row
from ui.chat.thought import header_text
from ui.throttle import Throttle

if TYPE_CHECKING:
    from ui.chat.view import ChatView

EVERY_MS: Final = 1500
MOST: Final = 4000  # characters of one announcement
AS_WRITTEN, WHEN_FINISHED, NEVER = "written", "finished", "never"
# at the very end a full stop behind a digit may be a decimal point
_SENTENCE: Final = re.compile(r"[.!?…:][\"”’»)*_`]*(?=\s)|(?<!\d)[.!?…][\"”’»)*_`]*\Z|[。！？]|\n")
_TEXTS: Final = {"paragraph", "heading"}
_LOOSE: Final = " \n*_`"


class Announcer(QObject):
    """Follows the answer that is being written in one ChatView. Thoughts are not read out, only how long they
    took. Costs nothing while nobody listens."""

    def __init__(self, view: ChatView) -> None:
        super().__init__(view)
        self.setObjectName("chat_announcer")
        self.mode = AS_WRITTEN
        self._view = view
        self._message: Message | None = None
        self._ended: Message | None = None  # the last one; it may go on
        self._row = self._said = 0  # rows of the answer that were said, and characters of the next one
        self._thinking = False
        self._throttle = Throttle(EVERY_MS, self)
        self._throttle.due.connect(self._on_due)
        view.copy_requested.connect(self._on_copied)

    def look(self) -> None:
        """Something in the conversation is other than it was. Constant cost."""
        if not is_heard():
            self._message = None
            return
        messages = self._view.model.messages
        last = messages[-1] if messages and messages[-1].role == "assistant" else None
        if self._message is not None and self._message is not last:
            self._message = None
        if last is None:
            return
        if self._message is None:
            if last.finishing:
                return
            self._begin(last)
        self._say_thought(last)
        if last.finished:
            self._end(last)
        elif self.mode == AS_WRITTEN:
            self._throttle.request()

    def _begin(self, message: Message) -> None:
        """An answer to follow; what it has said before anybody listened is not said again."""
        self._message, self._thinking = message, False
        if message is self._ended:
            return  # it goes on where it ended
        self._row = self._said = 0
        if message.shown.text:
            self._skip(message.sections[ANSWER].rows)

    def _skip(self, rows: list[Row]) -> None:
        """Take all that is there as said."""
        self._row, self._said = len(rows), 0
        if rows and rows[-1].block.kind in _TEXTS:
            self._row, self._said = len(rows) - 1, len(rows[-1].block.text)

    def _say_thought(self, message: Message) -> None:
        thought = message.thought
        if thought.active == self._thinking or self.mode == NEVER:
            return
        if not thought.active and not message.sections[REASONING].filled and not thought.seconds:
            return
        self._thinking = thought.active
        announce(self._view, tr("Thinking") if thought.active else header_text(thought))

    def _on_due(self) -> None:
        message = self._message
        if message is None or not is_heard() or self.mode != AS_WRITTEN:
            return
        announce(self._view, self._gather(message.sections[ANSWER].rows, whole=False))

    def _end(self, message: Message) -> None:
        self._throttle.cancel()
        self._message, self._ended = None, message
        mark = message.shown.mark
        if self.mode == WHEN_FINISHED:
            self._row = self._said = 0
        if self.mode != NEVER:
            announce(self._view, self._gather(message.sections[ANSWER].rows, whole=True))
            announce(self._view, mark or tr("End of the answer"), urgent=bool(mark))
        elif mark:
            announce(self._view, mark, urgent=True)
        self._skip(message.sections[ANSWER].rows)

    def _gather(self, rows: list[Row], whole: bool) -> str:
        """What has not been said yet: whole rows, and the whole sentences of the open one."""
        parts: list[str] = []
        self._row = min(self._row, len(rows))
        while self._row < len(rows):
            row = rows[self._row]
            if row.open and row is rows[-1] and not whole:
                parts.append(self._sentences(row))
                break
            rest = self._said and row.block.kind in _TEXTS
            parts.append(_plain(row.block.text[self._said :]) if rest else row_announced(row))
            self._row, self._said = self._row + 1, 0
        said = "\n".join(part for part in parts if part)
        return said if len(said) <= MOST else f"{said[:MOST].rstrip()}…"

    def _sentences(self, row: Row) -> str:
        if row.block.kind not in _TEXTS:
            return ""
        text = row.block.text
        ends = [found.end() for found in _SENTENCE.finditer(text, self._said)]
        if not ends:
            return ""
        start, self._said = self._said, ends[-1]
        said = _plain(text[start : self._said])
        lead = row_words(row).split(" ", 1)[0] if not start and any(row.block.markers) else ""
        return f"{lead} {said}".strip()

    def _on_copied(self, _text: str) -> None:
        announce(self._view, tr("Copied"))


def row_announced(row: Row) -> str:
    """A row as it is read out without being asked for: code and tables only by their measures."""
    block = row.block
    if block.kind == "code":
        lines = block.text.count("\n") + (not block.text.endswith("\n"))
        name = tr("Code, {language}", language=block.language) if block.language else tr("Code")
        said = ntr("{name}, {count} line", "{name}, {count} lines", lines, name=name)
        return "" if block.piece else said
    if block.kind == "table":
        return "" if block.piece else table_words(block)
    return "" if block.kind == "rule" else row_words(row)


def _plain(markdown: str) -> str:
    """A part of a paragraph without marks, those whose other half is elsewhere included."""
    return plain_text(markdown.strip()).strip(_LOOSE)
