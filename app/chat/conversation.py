"""A conversation is a tree of messages; a branch is the way from its root to a leaf."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from app.chat.parts import Message, Part, Role


def new_id() -> str:
    """An id that no other message has."""
    return uuid.uuid4().hex


@dataclass
class Conversation:
    """Messages by id, each with its parent; `leaf` is the end of the branch that is shown."""

    messages: dict[str, Message] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    leaf: str | None = None

    def append(self, role: Role, *parts: Part, mark: str = "", id: str | None = None) -> Message:
        """Add a message behind the leaf and make it the leaf."""
        message = Message(id or new_id(), role, parts, mark)
        self.messages[message.id] = message
        self.parents[message.id] = self.leaf
        self.leaf = message.id
        return message

    def branch(self) -> list[Message]:
        """The messages from the root to the leaf."""
        found: list[Message] = []
        at = self.leaf
        while at is not None:
            found.append(self.messages[at])
            at = self.parents[at]
        return found[::-1]
