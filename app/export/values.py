"""What an export and an import are made of, and what the window and their processes say to each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from app.chat.conversation import ChatSettings, Conversation
from app.chat.parts import Message
from app.wire import Registry

Format = Literal["markdown", "html", "pdf", "json"]
#: The endings of the files, by format.
SUFFIXES: Final[dict[Format, str]] = {"markdown": ".md", "html": ".html", "pdf": ".pdf", "json": ".json"}


@dataclass(frozen=True)
class Options:
    """What goes into the file.

    Attributes:
        whole: every branch, not only the one that is shown; JSON can hold them, nothing else.
        thoughts: the model's thoughts, too.
        documents: the texts of attached documents, not only their names.
    """

    format: Format = "markdown"
    whole: bool = False
    thoughts: bool = False
    documents: bool = False


@dataclass(frozen=True)
class Head:
    """What a conversation has besides its messages. Times in seconds since the epoch, 0 for unknown."""

    id: str
    title: str = ""
    titled: bool = False
    leaf: str | None = None
    settings: ChatSettings = field(default_factory=ChatSettings)
    persona: str = ""
    created: float = 0.0
    updated: float = 0.0
    archived: bool = False


@dataclass(frozen=True)
class Node:
    """A message with the one that it stands behind."""

    message: Message
    parent: str | None


@dataclass
class Taken:
    """A conversation from a file. Times in seconds since the epoch, 0 for unknown."""

    conversation: Conversation
    created: float = 0.0
    updated: float = 0.0
    archived: bool = False


# ---- to and from the process that writes --------------------------------------------------


@dataclass(frozen=True)
class Begin:
    """Write a conversation to a new file; its nodes follow, parents first, then End."""

    target: str
    options: Options
    head: Head


@dataclass(frozen=True)
class End:
    """That was all of the conversation."""


@dataclass(frozen=True)
class Progress:
    """Parts of the work that are done, of all (0 for unknown); conversations that were found."""

    done: int
    total: int
    count: int = 0


@dataclass(frozen=True)
class Written:
    """The file is there. What a person should know of it, one plain sentence each."""

    size: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A UserError's parts."""

    kind: str
    message: str
    hint: str = ""


# ---- from the process that reads ----------------------------------------------------------


@dataclass(frozen=True)
class ReadFile:
    path: str


@dataclass(frozen=True)
class Skipped:
    """A conversation of the file that cannot be read: its title, and why."""

    title: str
    reason: str


@dataclass(frozen=True)
class ReadAll:
    """The end of the file."""


EXPORT: Final = Registry(1, Begin, Node, End, Progress, Written, Refused)
IMPORT: Final = Registry(1, ReadFile, Head, Node, End, Progress, Skipped, ReadAll, Refused)


def head_of(conversation: Conversation, created: float = 0.0, updated: float = 0.0) -> Head:
    """What a conversation has besides its messages; its end is the last of them that counts."""
    leaf = conversation.leaf
    while leaf is not None and conversation.messages[leaf].deleted:
        leaf = conversation.parents[leaf]
    return Head(
        conversation.id, conversation.title, conversation.titled, leaf,
        conversation.settings, conversation.persona, created, updated,
    )  # fmt: skip


def living(conversation: Conversation) -> Conversation:
    """The tree without what a person deleted: what stood behind it stands behind what was before it."""
    gone = {key for key, message in conversation.messages.items() if message.deleted}
    if not gone:
        return conversation

    def above(key: str | None) -> str | None:
        while key in gone:
            key = conversation.parents[key]
        return key

    return Conversation(
        messages={key: one for key, one in conversation.messages.items() if key not in gone},
        parents={key: above(up) for key, up in conversation.parents.items() if key not in gone},
        leaf=above(conversation.leaf),
        id=conversation.id,
        title=conversation.title,
        titled=conversation.titled,
        settings=conversation.settings,
        persona=conversation.persona,
    )


def nodes_of(conversation: Conversation, *, whole: bool) -> Iterator[Node]:
    """The messages that count, parents first: all branches, or the one that is shown."""
    if not whole:
        parent = None
        for message in conversation.branch():
            yield Node(message, parent)
            parent = message.id
        return
    tree = living(conversation)
    waiting = list(reversed(tree.children.get(None, [])))
    while waiting:
        key = waiting.pop()
        yield Node(tree.messages[key], tree.parents[key])
        waiting.extend(reversed(tree.children.get(key, [])))


def weight_of(message: Message) -> int:
    """Characters of a message, for progress."""
    return 1 + sum(len(part.text) for part in message.parts)
