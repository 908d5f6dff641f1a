"""A conversation is a tree of messages; a branch is the way from its root to a leaf.

A deleted message stays in the tree, so that undo can put it back: the branch leads through it
and leaves it out.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.chat.parts import Message, Part, Role


def new_id() -> str:
    """An id that no other message or conversation has."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class ChatSettings:
    """What a person chose for a conversation; None is the model's own value.

    Attributes:
        thinking_budget: tokens; None for no limit.
    """

    system: str | None = None
    mode: str | None = None
    thinking_budget: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Persona:
    """Settings under a name, to be used again."""

    id: str
    name: str
    settings: ChatSettings


@dataclass
class Conversation:
    """Messages by id, each with its parent; `leaf` is the end of the branch that is shown.

    Attributes:
        titled: whether a person gave the title; such a title is never made anew.
        temporary: never saved.
    """

    messages: dict[str, Message] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    leaf: str | None = None
    id: str = field(default_factory=new_id)
    title: str = ""
    titled: bool = False
    temporary: bool = False
    settings: ChatSettings = ChatSettings()
    persona: str = ""
    children: dict[str | None, list[str]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.children = {}
        for message_id, parent in self.parents.items():
            self.children.setdefault(parent, []).append(message_id)

    # ---- building -------------------------------------------------------------------------

    def append(self, role: Role, *parts: Part, mark: str = "", id: str | None = None) -> Message:
        """Add a message behind the leaf and make it the leaf."""
        message = Message(id or new_id(), role, parts, mark, created=time.time())
        self.add(message, self.leaf)
        return message

    def add(self, message: Message, parent: str | None) -> None:
        """Add a message behind `parent` and make it the leaf."""
        self.messages[message.id] = message
        self.parents[message.id] = parent
        self.children.setdefault(parent, []).append(message.id)
        self.leaf = message.id

    def update(self, message: Message) -> None:
        """Put `message` in the place of the one with its id."""
        if message.id not in self.messages:
            raise KeyError(message.id)
        self.messages[message.id] = message

    def set_deleted(self, message_id: str, deleted: bool) -> None:
        """Leave a message out, or put it back; the branch stays where it is."""
        self.update(replace(self.messages[message_id], deleted=deleted))

    def delete(self, message_id: str) -> None:
        """Leave a message out; where nothing follows it, another version of it is shown."""
        path, versions = self.branch(), self.versions(message_id)
        place = versions.index(message_id) if message_id in versions else 0
        self.set_deleted(message_id, True)
        last = bool(path) and path[-1].id == message_id
        others = [one for one in versions if one != message_id]
        if last and others:
            self.show(others[max(0, place - 1)])

    def join(self, other: Conversation) -> bool:
        """Add the messages that only another state of this conversation has; whether there were any.

        The branch that is shown stays, unless the other one's goes on where it ends.
        """
        shown, leaf, before = self.branch(), self.leaf, len(self.messages)
        goes_on = not shown or (other.leaf is not None and shown[-1].id in other.line(other.leaf))
        for message_id in other.parents_first():
            parent = other.parents[message_id]
            if message_id not in self.messages and (parent is None or parent in self.messages):
                self.add(other.messages[message_id], parent)
        self.leaf = other.leaf if goes_on and other.leaf in self.messages else leaf
        return len(self.messages) > before

    def copy(self) -> Conversation:
        """The conversation as it is now; changes of one don't reach the other."""
        return replace(self, messages=dict(self.messages), parents=dict(self.parents))

    # ---- reading --------------------------------------------------------------------------

    def line(self, message_id: str) -> set[str]:
        """The ids of a message and all that it stands behind."""
        found: set[str] = set()
        at: str | None = message_id
        while at is not None:
            found.add(at)
            at = self.parents[at]
        return found

    def parents_first(self) -> Iterator[str]:
        """The ids of all messages in the order they were made, save that a parent always comes first."""
        given: set[str | None] = {None}
        for message_id in self.messages:
            way: list[str] = []
            at: str | None = message_id
            while at not in given and at in self.messages and at is not None:
                given.add(at)
                way.append(at)
                at = self.parents.get(at)
            yield from reversed(way)

    def path(self, leaf: str | None = None) -> list[Message]:
        """The messages from the root to `leaf` (by default the conversation's), deleted ones too."""
        found: list[Message] = []
        at = self.leaf if leaf is None else leaf
        while at is not None:
            found.append(self.messages[at])
            at = self.parents[at]
        return found[::-1]

    def branch(self, leaf: str | None = None) -> list[Message]:
        """The messages that count from the root to the leaf."""
        return [message for message in self.path(leaf) if not message.deleted]

    def before(self, message_id: str) -> list[Message]:
        """The messages that count before one of them."""
        parent = self.parents[message_id]
        return self.branch(parent) if parent is not None else []

    def versions(self, message_id: str) -> list[str]:
        """The message and those that could stand in its place, in the order they were made."""
        parent = self.parents[message_id]
        if len(self.children[parent]) == 1 and (parent is None or not self.messages[parent].deleted):
            return [] if self.messages[message_id].deleted else [message_id]
        while parent is not None and self.messages[parent].deleted:
            parent = self.parents[parent]
        return list(self._standing_below(parent))

    def _standing_below(self, parent: str | None) -> Iterator[str]:
        """The nearest messages below `parent` that are not deleted."""
        stack = list(reversed(self.children.get(parent, [])))
        while stack:
            one = stack.pop()
            if not self.messages[one].deleted:
                yield one
            else:
                stack.extend(reversed(self.children.get(one, [])))

    def show(self, message_id: str) -> None:
        """Make the branch lead through a message, to the newest end below it."""
        at = message_id
        while self.children.get(at):
            at = self.children[at][-1]
        self.leaf = at

    def switch(self, message_id: str, way: int) -> str | None:
        """Show the next (1) or previous (-1) version of a message; its id, None at the end."""
        versions = self.versions(message_id)
        place = versions.index(message_id) + way
        if not 0 <= place < len(versions):
            return None
        self.show(versions[place])
        return versions[place]
