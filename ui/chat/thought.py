"""The thought of a message: what its header says and whether it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.language import ntr, tr
from ui.chat.message import ANSWER, HEADER, REASONING, Message, Thought

if TYPE_CHECKING:
    from ui.chat.filling import Filling


def duration(seconds: float) -> str:
    """Seconds in words: "12 s", "1 min 12 s"."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return tr("{seconds} s", seconds=rest)
    return (
        tr("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
        if rest
        else tr("{minutes} min", minutes=minutes)
    )


def header_text(thought: Thought) -> str:
    """The header's words."""
    if thought.active:
        parts = [duration(thought.seconds)] if thought.seconds > 0 else []
        if thought.tokens:
            parts.append(ntr("{count} token", "{count} tokens", thought.tokens))
        said = " · ".join(parts)
        return tr("Thinking… {measures}", measures=said) if said else tr("Thinking…")
    return (
        tr("Thought for {duration}", duration=duration(thought.seconds))
        if thought.seconds > 0
        else tr("Thought")
    )


def is_open(message: Message) -> bool:
    """The reader's choice if there is one; else open while it grows and no answer has begun."""
    thought = message.thought
    if thought.choice is not None:
        return thought.choice
    return not message.finished and not message.sections[ANSWER].rows


def update_thought(model: Filling, message: Message) -> bool:
    """Bring header row and folding in line with the message; True if the folding changed."""
    thought, reasoning = message.thought, message.sections[REASONING]
    thought.shown = thought.shown or thought.active or reasoning.filled
    opened = is_open(message) and message not in model.preparing
    changed = reasoning.visible != opened
    reasoning.visible = opened
    model.begin(message, REASONING)
    if thought.shown:
        model.set_single(message, HEADER, "thought")
    else:
        model.refresh(message)
    return changed
