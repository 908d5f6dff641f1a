"""From a conversation to what the chat view shows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from app.chat.conversation import Conversation
from app.chat.exchange import Exchange
from app.chat.library import Saved
from app.chat.parts import AttachmentPart, Message, ReasoningPart
from app.language import tr
from ui import words
from ui.chat.shown import Shown, ShownDocument
from ui.documents.kinds import about_document

_QUESTION_ACTIONS = ("copy", "edit", "delete")
_ANSWER_ACTIONS = ("copy", "regenerate", "edit", "delete")
#: Answers that ended before their time can go on.
_CALM = ("cancelled", "length")
_GOES_ON = ("cancelled", "length", "engine_stopped", "interrupted", "only_thought")


#: What was made of a message, and of what: made again only when that has changed.
Known = dict[str, tuple[Message, str, bool | None, tuple[int, int], Shown]]
_ONLY: Final = (1, 1)
_SLICE: Final = 300  # messages between two breaths


def branch_of(
    saved: Saved,
    running: list[Exchange],
    errors: Mapping[str, str],
    known: Known | None = None,
    breathe: Callable[[], None] = lambda: None,
) -> list[Shown]:
    """The branch that is open; `errors` says more of answers that failed, by message id.

    `known` keeps what was made for the next call: a long conversation is asked for at each change.
    `breathe` is called now and then.
    """
    by_id = {exchange.answer.id: exchange for exchange in running}
    known = {} if known is None else known
    found = []
    for at, message in enumerate(saved.conversation.branch()):
        if at % _SLICE == 0:
            breathe()
        exchange = by_id.get(message.id)
        if exchange is not None:
            found.append(_running(exchange, saved))
        else:
            found.append(_once(saved, message, errors.get(message.id, ""), known))
    if found and found[-1].role == "user":
        found[-1] = _unanswered(found[-1])
    return found


def _once(saved: Saved, message: Message, error: str, known: Known) -> Shown:
    version = version_of(saved.conversation, message.id)
    found = known.get(message.id)
    if (
        found is not None
        and found[0] is message
        and found[1:4] == (error, saved.thoughts.get(message.id), version)
    ):
        return found[4]
    shown = of_message(saved, message, error)
    known[message.id] = message, error, saved.thoughts.get(message.id), version, shown
    return shown


def of_message(saved: Saved, message: Message, error: str = "") -> Shown:
    """A message that is finished."""
    answer = message.role == "assistant"
    number, count = version_of(saved.conversation, message.id)
    thought = next((part for part in message.parts if isinstance(part, ReasoningPart)), ReasoningPart(""))
    mark = error or tr(words.MARKS.get(message.mark, ""))
    actions = _mark_actions(message) if mark and answer else []
    (first, first_name), (second, second_name) = (*actions, ("", "retry"), ("", "regenerate"))[:2]
    return Shown(
        id=message.id,
        role=message.role,
        text=message.text,
        attachments=tuple(_document(part) for part in message.attachments),
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
    if len(versions) == 1:
        return _ONLY
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


def _document(part: AttachmentPart) -> ShownDocument:
    return ShownDocument(part.name, about_document(part.kind, part.pages, part.chosen), part.kind)


def _mark_actions(message: Message) -> list[tuple[str, str]]:
    again = (tr("Ask again"), "regenerate")
    if message.mark in _GOES_ON and message.parts:
        return [(tr("Continue"), "continue"), again]
    return [again]


def _unanswered(shown: Shown) -> Shown:
    """A question at the end that nobody answered: the app was closed before, or its answer deleted."""
    return replace(
        shown,
        mark=tr("Not answered yet"),
        mark_tone="muted",
        mark_action=tr("Answer"),
        mark_action_name="answer",
    )
