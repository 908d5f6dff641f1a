"""Values of the library of conversations: what the sidebar lists and what a search finds."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.chat.conversation import Conversation

#: The draft of a conversation that does not exist yet is kept under this id.
NEW = ""
#: Deleted conversations are kept so long, in seconds.
KEPT_S = 30 * 24 * 3600.0


@dataclass(frozen=True)
class Entry:
    """A conversation as a line of the sidebar. Times in seconds since the epoch.

    Attributes:
        folder: id of its folder, empty for none.
        deleted: when it was deleted, None where it was not.
    """

    id: str
    title: str
    created: float
    updated: float
    pinned: bool = False
    archived: bool = False
    folder: str = ""
    deleted: float | None = None


@dataclass(frozen=True)
class Folder:
    id: str
    name: str


@dataclass(frozen=True)
class Snippet:
    """A prompt that is put in by its name behind a slash."""

    id: str
    name: str
    text: str


@dataclass(frozen=True)
class Hit:
    """Something that a search found.

    Attributes:
        message_id: the message that has it, empty for a title.
        snippet: a piece of one line around the first match.
        matches: start and end of each match in the snippet, in characters.
    """

    conversation_id: str
    title: str
    snippet: str
    matches: tuple[tuple[int, int], ...]
    message_id: str = ""
    role: str = ""
    when: float = 0.0
    archived: bool = False


@dataclass(frozen=True)
class Place:
    """Where a reader was, told such that it is the same place at another width or size of the text.

    Attributes:
        message_id: the message at the top of the view.
        offset: px from the top of the view down to the line with `char`; mostly negative.
        section: which part of the message, as the view counts them; -1: `offset` leads to the message's top.
        row: a block of that part; `char`: a place in its text.
    """

    message_id: str
    offset: int = 0
    section: int = -1
    row: int = 0
    char: int = 0


@dataclass(frozen=True)
class KeptDocument:
    """A document that is attached to a question which is not sent yet.

    Attributes:
        path: where it was read, empty for a pasted text.
        state: "ready" with its `text`; "reading" and "password" are read again; "failed": `status` says why.
        text: all of it, also where only some of its pages are `chosen`; None where it is not read.
    """

    id: str
    name: str
    path: str = ""
    kind: str = ""
    state: str = "ready"
    status: str = ""
    text: str | None = None
    pages: int = 0
    chosen: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Saved:
    """A conversation with what belongs to its reader.

    Attributes:
        edit: a message that was being edited, and its text so far; empty for none.
        attached: documents that wait for the question that is being written.
        thoughts: which thoughts the reader opened (True) or folded (False), by message id.
    """

    conversation: Conversation
    draft: str = ""
    place: Place | None = None
    edit: tuple[str, str] = ("", "")
    attached: tuple[KeptDocument, ...] = ()
    thoughts: dict[str, bool] = field(default_factory=dict)
