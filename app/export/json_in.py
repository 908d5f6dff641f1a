"""A conversation back from the JSON that json_out writes. What the file says is checked, not trusted."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any, Final, TypeVar, get_args, get_type_hints

from app.chat.conversation import ChatSettings, Conversation
from app.chat.parts import AnswerInfo, AttachmentPart, Message, Part, ReasoningPart, Role, TextPart
from app.export import checking
from app.export.checking import MOST_MESSAGES, UnreadableError
from app.export.json_out import FORMAT, VERSION
from app.export.values import Taken

_ROLES: Final[tuple[Role, ...]] = get_args(Role)
_MARKS: Final = ("", "cancelled", "length", "context_full", "engine_stopped", "error", "interrupted")
_MOST_PARTS: Final = 10_000
_MOST_NOTES: Final = 100
_MOST_NUMBER: Final = 2**53

T = TypeVar("T", ChatSettings, AnswerInfo)


def is_own(value: object) -> bool:
    """Whether JSON says that it is a conversation of this program."""
    return isinstance(value, dict) and value.get("format") == FORMAT


def read_own(value: dict[str, Any]) -> Taken:
    """The conversation.

    Raises:
        UnreadableError: a newer program wrote it, or its messages are none.
    """
    version = value.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise UnreadableError("It does not say which version of the format it is.")
    if version > VERSION:
        raise UnreadableError("A newer version of Cascade Desk wrote it.")
    found = value.get("messages")
    if not isinstance(found, list) or len(found) > MOST_MESSAGES:
        raise UnreadableError("Its messages are missing.")
    key = checking.identity(
        value.get("id") if value.get("id") else json.dumps(value, sort_keys=True)[:100_000]
    )
    messages, parents, ids = _tree(found)
    leaf = value.get("leaf")
    conversation = Conversation(
        messages=messages,
        parents=parents,
        leaf=ids.get(leaf if isinstance(leaf, str) else "", next(reversed(messages), None)),
        id=key,
        title=checking.line(value.get("title")),
        titled=value.get("titled") is True,
        settings=_fields(ChatSettings, value.get("settings")),
        persona=checking.text(value.get("persona"), 100),
    )
    return Taken(
        conversation,
        checking.seconds(value.get("created")),
        checking.seconds(value.get("updated")),
    )


def _tree(found: list[Any]) -> tuple[dict[str, Message], dict[str, str | None], dict[str, str]]:
    """Messages and parents by id, and the ids by those of the file. A parent is always an earlier message."""
    messages: dict[str, Message] = {}
    parents: dict[str, str | None] = {}
    ids: dict[str, str] = {}
    before: str | None = None
    for one in found:
        said = one.get("id") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(said, str) or not said:
            raise UnreadableError("One of its messages is damaged.")
        key = checking.identity(said)
        if key in messages:
            raise UnreadableError("Two of its messages are the same one.")
        parent = one.get("parent")
        # One that is missing or comes later would make a ring, or a branch that begins nowhere.
        above = ids.get(parent, before) if isinstance(parent, str) else None
        messages[key], parents[key], ids[said] = _message(key, one), above, key
        before = key
    return messages, parents, ids


def _message(key: str, one: dict[str, Any]) -> Message:
    role = one.get("role")
    if role not in _ROLES:
        raise UnreadableError("One of its messages is damaged.")
    mark = one.get("mark")
    info = one.get("info")
    return Message(
        id=key,
        role=role,
        parts=tuple(_part(part) for part in checking.items(one.get("parts"))[:_MOST_PARTS]),
        mark=mark if mark in _MARKS else "",
        created=checking.seconds(one.get("created")),
        info=_fields(AnswerInfo, info) if isinstance(info, dict) else None,
        edited=one.get("edited") is True,
    )


def _part(said: object) -> Part:
    part = checking.mapping(said)
    text = checking.text(part.get("text"))
    if part.get("kind") == "reasoning":
        tokens = part.get("tokens")
        return ReasoningPart(text, checking.seconds(part.get("seconds")), _count(tokens))
    if part.get("kind") == "attachment":
        notes = tuple(
            note for note in checking.items(part.get("notes"))[:_MOST_NOTES] if isinstance(note, str)
        )
        return AttachmentPart(
            checking.text(part.get("name"), 1000), text, checking.text(part.get("type"), 100),
            _count(part.get("pages")), checking.text(part.get("chosen"), 1000), notes,
        )  # fmt: skip
    return TextPart(text)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0


def _fields(kind: type[T], said: object) -> T:
    """The fields that fit their types; the others keep their defaults."""
    found = checking.mapping(said)
    hints = get_type_hints(kind)
    names = [one.name for one in dataclasses.fields(kind)]
    return kind(**{name: found[name] for name in names if name in found and _fits(found[name], hints[name])})


def _fits(value: object, hint: Any) -> bool:
    kinds = get_args(hint) or (hint,)
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) < _MOST_NUMBER):
        return False
    return any(isinstance(value, kind) or (kind is float and isinstance(value, int)) for kind in kinds)
