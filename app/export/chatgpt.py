"""A conversation out of ChatGPT's export: its `mapping` of nodes as a tree of ours.

A node names its parent and its children; its message may be missing, hidden or of no weight: what stands
behind it then stands behind what was before. What the assistant and its tools said one after the other
becomes one answer. Nobody promises this format: what is of another type counts as missing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from app.chat.conversation import Conversation
from app.chat.parts import AnswerInfo, Message, Part, TextPart
from app.export import checking
from app.export.chatgpt_content import parts_of
from app.export.checking import MOST_MESSAGES, UnreadableError
from app.export.values import Taken
from app.language import tr

_SOURCE: Final = "chatgpt"
_TITLE: Final = 60
_MARKS: Final = {"interrupted": "cancelled", "max_tokens": "length"}


def is_chatgpt(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("mapping"), dict)


def read_chatgpt(value: dict[str, Any]) -> Taken:
    """The conversation; UnreadableError where there is none in it."""
    mapping: dict[str, Any] = value["mapping"]
    if len(mapping) > MOST_MESSAGES:
        raise UnreadableError(tr("It has too many messages."))
    said = value.get("conversation_id") or value.get("id")
    key = checking.identity(said if isinstance(said, str) else json.dumps(value)[:100_000], _SOURCE)
    conversation = Conversation(id=key)
    leaf = _Builder(mapping, conversation).build(value.get("current_node"))
    if not conversation.messages:
        raise UnreadableError(tr("There is nothing in it that can be shown."))
    conversation.leaf = leaf
    title = checking.line(value.get("title"))
    conversation.title = title or _first_words(conversation)
    conversation.titled = bool(title)
    return Taken(
        conversation,
        checking.seconds(value.get("create_time")),
        checking.seconds(value.get("update_time")),
        value.get("is_archived") is True,
    )


def _first_words(conversation: Conversation) -> str:
    return next(
        (line for one in conversation.messages.values() if (line := checking.line(one.text, _TITLE))), ""
    )


@dataclass(frozen=True)
class _Place:
    """A node that waits for its turn: the message that it stands behind, and whether it is the only child."""

    node: str
    parent: str | None
    only: bool


class _Builder:
    """One use."""

    def __init__(self, mapping: dict[str, Any], conversation: Conversation) -> None:
        self._mapping, self._made = mapping, conversation
        self._parents = _parents(mapping)
        self._children: dict[str | None, list[str]] = {}
        for node in _in_order(mapping, self._parents):
            self._children.setdefault(self._parents[node], []).append(node)

    def build(self, current: object) -> str | None:
        """Fill the conversation; the id of the message at the node that was shown last."""
        at: dict[str, str | None] = {}
        waiting = [_Place(node, None, False) for node in reversed(self._children.get(None, []))]
        while waiting:
            place = waiting.pop()
            key = at[place.node] = self._take(place)
            below = self._children.get(place.node, [])
            waiting += [_Place(node, key, len(below) == 1) for node in reversed(below)]
        shown = at.get(current) if isinstance(current, str) else None
        return shown or next(reversed(self._made.messages), None)

    def _take(self, place: _Place) -> str | None:
        """The message that stands for a node: one of its own, its parent's that it joins, or just that."""
        message = checking.mapping(checking.mapping(self._mapping[place.node]).get("message"))
        parts = tuple(parts_of(message))
        if not parts:
            return place.parent
        above = self._made.messages.get(place.parent or "")
        role = checking.mapping(message.get("author")).get("role")
        made = _message(
            checking.identity(place.node, _SOURCE, self._made.id), message, parts, user=role == "user"
        )
        if above is not None and above.role == made.role == "assistant" and place.only:
            self._made.update(_joined(above, made))
            return above.id
        self._made.add(made, place.parent)
        return made.id


def _message(key: str, message: dict[str, Any], parts: tuple[Part, ...], *, user: bool) -> Message:
    metadata = checking.mapping(message.get("metadata"))
    model = checking.line(metadata.get("model_slug"), 100)
    ended = checking.text(checking.mapping(metadata.get("finish_details")).get("type"), 100)
    return Message(
        id=key,
        role="user" if user else "assistant",
        parts=parts,
        mark="" if user else _MARKS.get(ended, ""),
        created=checking.seconds(message.get("create_time")),
        info=AnswerInfo(model=model) if model and not user else None,
    )


def _joined(above: Message, below: Message) -> Message:
    """Two pieces of one answer as one. A blank line keeps what they wrote apart."""
    parts = above.parts
    if parts and below.parts and isinstance(parts[-1], TextPart) and isinstance(below.parts[0], TextPart):
        text = f"{parts[-1].text.rstrip()}\n\n{below.parts[0].text}"
        parts = (*parts[:-1], TextPart(text), *below.parts[1:])
    else:
        parts = (*parts, *below.parts)
    return replace(above, parts=parts, mark=below.mark, info=below.info or above.info)


def _parents(mapping: dict[str, Any]) -> dict[str, str | None]:
    """The parent of each node, such that every way up ends."""
    parents: dict[str, str | None] = {}
    for key, node in mapping.items():
        said = checking.mapping(node).get("parent")
        parents[key] = said if isinstance(said, str) and said in mapping and said != key else None
    for key, node in mapping.items():
        for child in checking.items(checking.mapping(node).get("children")):
            # A child that does not know its parent any more.
            if isinstance(child, str) and child != key and parents.get(child, key) is None:
                parents[child] = key
    sound: set[str] = set()
    for key in mapping:
        way: list[str] = []
        at: str | None = key
        seen: set[str] = set()
        while at is not None and at not in sound:
            if at in seen:
                parents[way[-1]] = None  # a ring is cut where it closes
                break
            seen.add(at)
            way.append(at)
            at = parents[at]
        sound.update(way)
    return parents


def _in_order(mapping: dict[str, Any], parents: dict[str, str | None]) -> list[str]:
    """The nodes such that those of one parent come in the order in which it lists them."""
    order: dict[str, None] = {}
    for key, node in mapping.items():
        for child in checking.items(checking.mapping(node).get("children")):
            if isinstance(child, str) and parents.get(child) == key:
                order[child] = None
    return [*order, *(key for key in mapping if key not in order)]
