"""A conversation as JSON: a tree of messages that can be read in again without loss.

    {
      "format": "cascade-desk-conversation", "version": 1,
      "id", "title", "titled" (a person gave the title), "created", "updated", "persona",
      "settings": only what was set,
      "thoughts", "documents": whether the file has them,
      "leaf": id of the end of the branch that was shown,
      "messages": [
        {"id", "parent" (null at the root), "role", "created", "mark", "edited",
         "info": how an answer was made, or null,
         "parts": [{"kind": "text" | "reasoning" | "attachment", "text", …}]}
      ]
    }

Parents stand before what is behind them. Times are seconds since the epoch, 0 for unknown. `mark` says why a
message is not whole ("cancelled", "length", …). What a person deleted is not in the file.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from typing import Any, Final, TextIO

from app.chat.conversation import ChatSettings
from app.chat.parts import AnswerInfo, AttachmentPart, Message, Part, ReasoningPart
from app.export.values import Head, Node, Options, weight_of

FORMAT: Final = "cascade-desk-conversation"
VERSION: Final = 1


def write_json(
    file: TextIO, head: Head, nodes: Iterable[Node], options: Options, step: Callable[[int], None]
) -> None:
    """Write the conversation; `step` is told the characters of each message that is done.

    `file` takes what is half a surrogate pair as an escape: errors="backslashreplace".
    """
    said = {
        "format": FORMAT,
        "version": VERSION,
        "id": head.id,
        "title": head.title,
        "titled": head.titled,
        "created": head.created,
        "updated": head.updated,
        "persona": head.persona,
        "settings": _set_fields(head.settings, ChatSettings()),
        "thoughts": options.thoughts,
        "documents": options.documents,
        "leaf": head.leaf,
    }
    file.write(_dump(said, indent=1).rstrip("\n}") + ',\n "messages": [')
    for number, node in enumerate(nodes):
        file.write((",\n  " if number else "\n  ") + _dump(_message(node, options)))
        step(weight_of(node.message))
    file.write("\n ]\n}\n")


def _message(node: Node, options: Options) -> dict[str, object]:
    message: Message = node.message
    parts = [_part(part, options) for part in message.parts]
    info = message.info
    return {
        "id": message.id,
        "parent": node.parent,
        "role": message.role,
        "created": message.created,
        "mark": message.mark,
        "edited": message.edited,
        "info": None if info is None else _set_fields(info, AnswerInfo()),
        "parts": [part for part in parts if part is not None],
    }


def _part(part: Part, options: Options) -> dict[str, object] | None:
    if isinstance(part, ReasoningPart):
        if not options.thoughts:
            return None
        return {"kind": "reasoning", "text": part.text, "seconds": part.seconds, "tokens": part.tokens}
    if isinstance(part, AttachmentPart):
        said = {"kind": "attachment", "name": part.name, "type": part.kind, "pages": part.pages}
        said |= {"chosen": part.chosen, "notes": list(part.notes)}
        return {**said, "text": part.text if options.documents else ""}
    return {"kind": "text", "text": part.text}


def _set_fields(value: Any, plain: Any) -> dict[str, object]:
    """The fields that differ from the defaults."""
    names = [one.name for one in dataclasses.fields(value)]
    return {name: getattr(value, name) for name in names if getattr(value, name) != getattr(plain, name)}


def _dump(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)
