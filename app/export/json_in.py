"""A conversation back from the JSON that json_out writes. What the file says is checked, not trusted."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final, get_args

from app.chat.conversation import ChatSettings, Conversation
from app.chat.parts import AnswerInfo, AttachmentPart, Message, Part, ReasoningPart, Role, TextPart
from app.export import checking
from app.export.checking import MOST_MESSAGES, UnreadableError
from app.export.json_out import FORMAT, VERSION
from app.export.values import Taken
from app.language import tr

_ROLES: Final[tuple[Role, ...]] = get_args(Role)
_MARKS: Final = (
    *("", "cancelled", "length", "context_full", "engine_stopped"),
    *("error", "interrupted", "only_thought", "empty"),
)
_MOST_PARTS: Final = 10_000
_MOST_NOTES: Final = 100
_MOST_NUMBER: Final = 2**53
_MODES: Final = ("thinking", "instruct")
#: What the fields of the settings take.
_MOST_WHOLE: Final = 2**31 - 1
_MOST_REAL: Final = 1000.0
_MOST_SYSTEM: Final = 1_000_000


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
        raise UnreadableError(tr("It does not say which version of the format it is."))
    if version > VERSION:
        raise UnreadableError(tr("A newer version of Cascade Desk wrote it."))
    found = value.get("messages")
    if not isinstance(found, list):
        raise UnreadableError(tr("Its messages are missing."))
    if len(found) > MOST_MESSAGES:
        raise UnreadableError(tr("It has too many messages."))
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
        settings=_settings(value.get("settings")),
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
            raise UnreadableError(tr("One of its messages is damaged."))
        key = checking.identity(said)
        if key in messages:
            raise UnreadableError(tr("Two of its messages are the same one."))
        parent = one.get("parent")
        # One that is missing or comes later would make a ring, or a branch that begins nowhere.
        above = ids.get(parent, before) if isinstance(parent, str) else None
        messages[key], parents[key], ids[said] = _message(key, one), above, key
        before = key
    return messages, parents, ids


def _message(key: str, one: dict[str, Any]) -> Message:
    role = one.get("role")
    if role not in _ROLES:
        raise UnreadableError(tr("One of its messages is damaged."))
    mark = one.get("mark")
    info = one.get("info")
    return Message(
        id=key,
        role=role,
        parts=tuple(_part(part) for part in checking.items(one.get("parts"))[:_MOST_PARTS]),
        mark=mark if isinstance(mark, str) and mark in _MARKS else "",
        created=checking.seconds(one.get("created")),
        info=_info(info) if isinstance(info, dict) else None,
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


def _settings(said: object) -> ChatSettings:
    """What was set, as far as it can be: a mode that there is, numbers within their bounds."""
    found = checking.mapping(said)
    system, mode = found.get("system"), found.get("mode")

    def whole(name: str) -> int | None:
        number = _number(found.get(name), int, _MOST_WHOLE)
        return None if number is None else int(number)

    def real(name: str) -> float | None:
        return _number(found.get(name), float, _MOST_REAL)

    return ChatSettings(
        system=system[:_MOST_SYSTEM] if isinstance(system, str) else None,
        mode=mode if isinstance(mode, str) and mode in _MODES else None,
        thinking_budget=whole("thinking_budget"),
        temperature=real("temperature"),
        top_k=whole("top_k"),
        top_p=real("top_p"),
        min_p=real("min_p"),
        repeat_penalty=real("repeat_penalty"),
        seed=whole("seed"),
    )


def _info(said: dict[str, Any]) -> AnswerInfo:
    """How an answer was made: short names, and numbers of 0 or more."""
    plain = AnswerInfo()
    made: dict[str, Any] = {}
    for one in dataclasses.fields(AnswerInfo):
        default, value = getattr(plain, one.name), said.get(one.name)
        if isinstance(default, str):
            made[one.name] = checking.line(value)
        else:
            number = _number(value, type(default), _MOST_NUMBER)
            made[one.name] = default if number is None else type(default)(number)
    return AnswerInfo(**made)


def _number(value: object, kind: type, most: float) -> float | None:
    """A number from 0 to `most`; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if kind is int and not isinstance(value, int):
        return None
    return value if 0 <= value <= most else None  # what is no number is not
