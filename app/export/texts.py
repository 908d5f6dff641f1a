"""What stands around the text of a message, in words; and its blocks, one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from app.chat.parts import AnswerInfo, AttachmentPart, Message, ReasoningPart
from app.language import mark, ntr, tr
from app.render.blocks import Block, parse_blocks
from app.render.stream import BlockStream

_NAMES: Final = {
    "user": mark("You"), "assistant": mark("Assistant"), "system": mark("System"), "tool": mark("Tool"),
}  # fmt: skip
_NO_TITLE: Final = mark("Conversation")
_MARKS: Final = {
    "cancelled": mark("Stopped"),
    "length": mark("Ended at the token limit"),
    "context_full": mark("The context was full: the answer ends here"),
    "engine_stopped": mark("The engine stopped while answering"),
    "error": mark("Not answered"),
    "interrupted": mark("The app was closed before this answer was finished"),
    "only_thought": mark("The model thought but gave no answer"),
    "empty": mark("The model gave no answer"),
}
_FED: Final = 16_000  # characters
#: Up to so many a text is parsed in one go, which is three times as fast and takes memory for all of it.
_WHOLE: Final = 256_000


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a Markdown text of any length, made as they are asked for."""
    if len(text) <= _WHOLE:
        yield from parse_blocks(text)
        return
    stream = BlockStream()
    for start in range(0, len(text), _FED):
        stream.feed(text[start : start + _FED])
        yield from _drain(stream)
    stream.finish()
    yield from _drain(stream)


def _drain(stream: BlockStream) -> list[Block]:
    done = list(stream.closed)
    stream.closed.clear()
    return done


def title_of(title: str) -> str:
    """A conversation's title as one line, or what stands for none."""
    return one_line(title) or tr(_NO_TITLE)


def name_of(message: Message) -> str:
    """Who wrote a message: for an answer the model's name, where it is known."""
    model = message.info.model if message.info is not None else ""
    return one_line(model) or tr(_NAMES[message.role])


def when(seconds: float) -> str:
    """A time as "2026-03-01 14:05", here; empty for an unknown one."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds > 0 else ""
    except (OverflowError, ValueError, OSError):
        return ""


def note_of(message: Message) -> str:
    """Why a message is not whole, and whether a person changed it; may be empty."""
    parts = [tr(_MARKS[message.mark])] if message.mark in _MARKS else []
    if message.edited and message.role == "assistant":
        parts.append(tr("Edited"))
    return " · ".join(parts)


def attachment_line(part: AttachmentPart) -> str:
    """A document's name, and which of its pages."""
    name = one_line(part.name) or tr("Document")
    if part.chosen:
        return tr("{name} (pages {pages})", name=name, pages=one_line(part.chosen))
    if part.pages:
        return ntr("{name} ({count} page)", "{name} ({count} pages)", part.pages, name=name)
    return name


def thought_line(part: ReasoningPart) -> str:
    if part.seconds >= 1:
        return tr("Thought for {seconds:.0f} s", seconds=part.seconds)
    return tr("Thought")


def info_line(info: AnswerInfo | None) -> str:
    """How an answer was made."""
    if info is None:
        return ""
    return " · ".join(one_line(part) for part in (info.model, info.quantization, info.mode) if part)


def one_line(text: str, most: int = 300) -> str:
    """Text from anywhere as one line that shows nothing but itself."""
    seen = "".join(one if one.isprintable() else " " for one in text[: 4 * most])
    return " ".join(seen.split())[:most]
