"""Takes in conversations from a file. A caller brings the transaction.

The same file gives the same ids each time: by them it is told what is there already.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import Literal

from app.chat.conversation import Conversation, new_id
from app.store import conversations
from app.store.rows import real

Outcome = Literal["new", "there", "grown", "restored"]


@dataclass(frozen=True)
class Arrival:
    """A conversation that comes in. Times in seconds since the epoch, 0 for unknown."""

    conversation: Conversation
    created: float = 0.0
    updated: float = 0.0
    archived: bool = False


def take_in(con: sqlite3.Connection, arrival: Arrival) -> Outcome:
    """Save a conversation, or of one that is there the messages that are not: nothing is written over.

    One that was deleted is restored.
    """
    conversation = arrival.conversation
    found = con.execute(
        "SELECT number, deleted FROM conversation WHERE id = ?", (conversation.id,)
    ).fetchone()
    if found is None:
        _create(con, arrival)
        return "new"
    number, deleted = int(found[0]), found[1]
    grown = _add_missing(con, number, conversation)
    if deleted is not None:
        con.execute("UPDATE conversation SET deleted = NULL WHERE number = ?", (number,))
        return "restored"
    return "grown" if grown else "there"


def _create(con: sqlite3.Connection, arrival: Arrival) -> None:
    conversation = _with_free_ids(con, arrival.conversation)
    entry = conversations.create(con, conversation)
    created = real(arrival.created) or entry.created
    latest = max((one.created for one in conversation.messages.values()), default=0.0)
    updated = min(real(arrival.updated) or real(latest) or entry.updated, entry.updated)
    con.execute(
        "UPDATE conversation SET created = ?, updated = ?, archived = ? WHERE id = ?",
        (min(created, updated), updated, arrival.archived, conversation.id),
    )


def _with_free_ids(con: sqlite3.Connection, conversation: Conversation) -> Conversation:
    """The conversation with new ids for messages whose id one of another conversation has."""
    taken = [key for key in conversation.messages if _exists(con, key)]
    if not taken:
        return conversation
    ids: dict[str | None, str | None] = {key: key for key in (None, *conversation.messages)}
    ids |= {key: new_id() for key in taken}
    messages = (replace(one, id=str(ids[key])) for key, one in conversation.messages.items())
    return replace(
        conversation,
        messages={one.id: one for one in messages},
        parents={str(ids[key]): ids[up] for key, up in conversation.parents.items()},
        leaf=ids.get(conversation.leaf),
    )


def _add_missing(con: sqlite3.Connection, number: int, conversation: Conversation) -> bool:
    """Insert messages that the saved conversation does not have; its end moves where they go on from it."""
    numbers: dict[str | None, int] = dict(
        con.execute("SELECT id, number FROM message WHERE conversation = ?", (number,))
    )
    before = len(numbers)
    for message_id in conversation.parents_first():
        message, parent = conversation.messages[message_id], conversation.parents[message_id]
        if message.id in numbers or _exists(con, message.id):
            continue
        if parent is not None and parent not in numbers:
            continue  # what it stood behind belongs to another conversation
        numbers[message.id] = conversations.insert(con, number, message, numbers.get(parent))
    if len(numbers) == before:
        return False
    leaf = numbers.get(conversation.leaf)
    if leaf is not None and _goes_on(con, number, conversation):
        con.execute("UPDATE conversation SET leaf = ? WHERE number = ?", (leaf, number))
    return True


def _goes_on(con: sqlite3.Connection, number: int, conversation: Conversation) -> bool:
    """Whether the branch that comes in leads through the end of the one that is shown."""
    at = con.execute("SELECT leaf FROM conversation WHERE number = ?", (number,)).fetchone()[0]
    passed: set[object] = set()
    while at is not None and at not in passed:
        passed.add(at)
        row = con.execute("SELECT id, parent, deleted FROM message WHERE number = ?", (at,)).fetchone()
        if row is None or not row[2]:
            break
        at = row[1]
    else:
        return True  # nothing is shown
    return row is None or (conversation.leaf is not None and row[0] in conversation.line(conversation.leaf))


def _exists(con: sqlite3.Connection, message_id: str) -> bool:
    return con.execute("SELECT 1 FROM message WHERE id = ?", (message_id,)).fetchone() is not None
