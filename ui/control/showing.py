"""From a conversation to what the chat view shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.chat.conversation import Conversation
from app.chat.exchange import Exchange
from app.chat.library import Saved
from app.chat.parts import Message, ReasoningPart
from ui import words
from ui.chat.shown import Shown

_QUESTION_ACTIONS = ("copy", "edit", "delete")
_ANSWER_ACTIONS = ("copy", "regenerate", "edit", "delete")
#: Answers that ended before their time can go on.
_CALM = ("cancelled", "length")
_GOES_ON = ("cancelled", "length", "engine_stopped", "interrupted", "only_thought")


def branch_of(saved: Saved, running: list[Exchange], errors: Mapping[str, str]) -> list[Shown]:
    """The branch that is open; `errors` says more of answers that failed, by message id."""
    by_id = {exchange.answer.id: exchange for exchange in running}
    branch = saved.conversation.branch()
    found = [
        _running(by_id[message.id], saved)
        if message.id in by_id
        else of_message(saved, message, errors.get(message.id, ""))
        for message in branch
    ]
    if found and found[-1].role == "user":
        found[-1] = _unanswered(found[-1])
    return found


def of_message(saved: Saved, message: Message, error: str = "") -> Shown:
    """A message that is finished."""
    conversation = saved.conversation
    answer = message.role == "assistant"
    number, count = version_of(conversation, message.id)
    thought = next((part for part in message.parts if isinstance(part, ReasoningPart)), ReasoningPart(""))
    mark = error or words.MARKS.get(message.mark, "")
    actions = _mark_actions(message) if mark and answer else []
    (first, first_name), (second, second_name) = (*actions, ("", "retry"), ("", "regenerate"))[:2]
    return Shown(
        id=message.id,
        role=message.role,
        text=_text_of(message),
        reasoning=message.reasoning,
        thought_seconds=thought.seconds,
        thought_tokens=thought.tokens,
        thought_open=saved.thoughts.get(message.id),
        footer=words.footer(message.info, edited=message.edited) if answer else "",
        mark=mark,
        mark_tone="muted" if message.mark in _CALM and not error else "warning",
        mark_action=first,
        mark_action_name=first_name,
        mark_action2=second,
        mark_action2_name=second_name,
        actions=_ANSWER_ACTIONS if answer else _QUESTION_ACTIONS,
        version=number,
        versions=count,
    )


def version_of(conversation: Conversation, message_id: str) -> tuple[int, int]:
    """Which version of how many a message is, counted from 1."""
    versions = conversation.versions(message_id)
    return (versions.index(message_id) + 1, len(versions)) if message_id in versions else (1, 1)


def _running(exchange: Exchange, saved: Saved) -> Shown:
    """An answer that is under way, as far as it is."""
    parts = exchange.parts
    message = Message(exchange.answer.id, "assistant", parts)
    number, count = version_of(exchange.conversation, message.id)
    return Shown(
        id=message.id,
        role="assistant",
        text=message.text,
        reasoning=message.reasoning,
        thought_open=saved.thoughts.get(message.id),
        version=number,
        versions=count,
        finished=False,
    )


def _text_of(message: Message) -> str:
    names = [f"[{part.name}]" for part in message.attachments]
    return "\n".join([*names, message.text])


def _mark_actions(message: Message) -> list[tuple[str, str]]:
    again = ("Ask again", "regenerate")
    if message.mark in _GOES_ON and message.parts:
        return [("Continue", "continue"), again]
    return [again]


def _unanswered(shown: Shown) -> Shown:
    """A question at the end that nobody answered: the app was closed before, or its answer deleted."""
    return replace(
        shown, mark="Not answered yet", mark_tone="muted", mark_action="Answer", mark_action_name="answer"
    )
