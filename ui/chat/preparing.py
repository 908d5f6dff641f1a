"""Long answers that are wanted from their end or their middle: they are parsed a few ms at a time, and until
that is done a line stands for them."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

from app.language import mark, tr
from ui.chat.message import ANSWER, REASONING, STATUS, Message
from ui.chat.thought import update_thought

if TYPE_CHECKING:
    from ui.chat.filling import Filling

WORDS: Final = mark("Preparing a long answer…")
AT_ONCE: Final = 0.03  # s of parsing that the window may wait for


def complete_soon(model: Filling, message: Message) -> bool:
    """Parse all that is visible of a message if that is quick; else False, and it is prepared from now on."""
    model.open(message)
    if message in model.preparing:
        return False
    end = perf_counter() + AT_ONCE
    for number in (REASONING, ANSWER):
        section = message.sections[number]
        while section.visible and section.waiting:
            if perf_counter() > end:
                prepare(model, message)
                return False
            model.more(message, number)
    return True


def prepare(model: Filling, message: Message, keep: bool = False) -> None:
    """Have a line stand for what is not parsed yet, as high as that if `keep`; `go_on` does the rest."""
    if message in model.preparing:
        return
    model.preparing[message] = None
    texts = [message.sections[number] for number in (REASONING, ANSWER)]
    message.sections[STATUS].reserve = sum(section.total for section in texts) if keep else 0
    for section in texts:
        section.visible = False
    message.status, message.fraction = tr(WORDS), None
    model.set_single(message, STATUS, "status")


def go_on(model: Filling, seconds: float) -> list[Message]:
    """Parse for about so long; the messages that are there now."""
    end, done = perf_counter() + seconds, []
    for message in list(model.preparing):
        # a thought that is folded away is read when it is opened
        wanted = [ANSWER, REASONING] if message.thought.choice else [ANSWER]
        while any(model.more(message, number) for number in wanted):
            if perf_counter() > end:
                return done
        reveal(model, message)
        done.append(message)
    return done


def reveal(model: Filling, message: Message) -> None:
    """Show what is parsed so far, if a line stood for it."""
    if message not in model.preparing:
        return
    del model.preparing[message]
    message.status, message.sections[STATUS].reserve = "", 0
    model.set_single(message, STATUS, None)
    message.sections[ANSWER].visible = True
    update_thought(model, message)
    model.refresh(message)
