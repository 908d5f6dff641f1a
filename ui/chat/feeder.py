"""Takes text as it comes and hands it to the streams a little at a time."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

from app.render.slices import slice_end
from ui.chat.message import ANSWER, FOOTER, REASONING, STATUS, Message
from ui.chat.model import ConversationModel
from ui.chat.thought import update_thought

BUDGET: Final = 0.006  # s of parsing for one frame
_SLICE: Final = 2000  # characters between two looks at the clock


class Feeder:
    """Pending text of all messages. GUI thread only."""

    def __init__(self, model: ConversationModel) -> None:
        self._model = model
        self._dirty: dict[Message, None] = {}

    def clear(self) -> None:
        """Forget what is pending."""
        self._dirty.clear()

    def append(self, message: Message, number: int, text: str) -> None:
        """Take text: constant cost, nothing is parsed."""
        section = message.sections[number]
        section.given.append(text)
        section.pending.append(text)
        self._dirty[message] = None

    def drop(self, kept: Callable[[Message], bool]) -> None:
        """Forget messages that are no more."""
        self._dirty = {message: None for message in self._dirty if kept(message)}

    def touch(self, message: Message) -> None:
        """The message wants to be looked at on the next run."""
        self._dirty[message] = None

    def run(self, seconds: float = BUDGET) -> bool:
        """Parse for about so long; True while there is more."""
        end = perf_counter() + seconds
        for message in list(self._dirty):
            done = all(self._take(message, number, end) for number in (REASONING, ANSWER))
            self._settle(message, done)
            if done:
                del self._dirty[message]
            else:
                break
        return bool(self._dirty)

    def _take(self, message: Message, number: int, end: float) -> bool:
        section = message.sections[number]
        if not section.pending:
            return True
        text = "".join(section.pending)
        at = 0
        while at < len(text):
            end_at = slice_end(text, at, _SLICE)
            self._model.feed(message, number, text[at:end_at])
            at = end_at
            if perf_counter() > end:
                break
        section.pending = [text[at:]] if at < len(text) else []
        self._model.sync(message, number)
        return not section.pending

    def _settle(self, message: Message, done: bool) -> None:
        sections = message.sections
        if message.status and (sections[ANSWER].rows or sections[REASONING].filled):
            message.status = ""
            self._model.set_single(message, STATUS, None)
        if done and message.finishing and not message.finished:
            message.finished = True
            self._model.opened[message] = None
            for number in (REASONING, ANSWER):
                stream = sections[number].stream
                if stream is not None:
                    stream.finish()
                    self._model.sync(message, number)
            message.status = ""
            self._model.set_single(message, STATUS, None)
            self._model.set_single(message, FOOTER, "footer")
        update_thought(self._model, message)
