"""Conversations and their messages as they are written. A caller brings the transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import replace

from app.chat.conversation import ChatSettings, Conversation, new_id
from app.chat.library import NEW, Entry
from app.chat.parts import Message, Part
from app.store import attached, search
from app.store.reading import conversation_number, entry, load, message_number
from app.store.rows import clean, dump_value, part_of, part_row, with_chunks

# ---- conversations ------------------------------------------------------------------------


def create(con: sqlite3.Connection, conversation: Conversation) -> Entry:
    """A row for the conversation and one for each of its messages, parents first."""
    if conversation.temporary:
        raise ValueError("a temporary conversation is never saved")
    now = time.time()
    first = min((one.created for one in conversation.messages.values() if one.created), default=now)
    number = con.execute(
        "INSERT INTO conversation (id, title, titled, created, updated, persona, settings) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            conversation.id,
            clean(conversation.title),
            conversation.titled,
            min(first, now),
            now,
            clean(conversation.persona),
            dump_value(conversation.settings),
        ),
    ).lastrowid
    assert number is not None
    search.index_title(con, number, clean(conversation.title))
    numbers: dict[str | None, int] = {}
    for message_id in conversation.parents_first():
        parent = numbers.get(conversation.parents.get(message_id))
        numbers[message_id] = insert(con, number, conversation.messages[message_id], parent)
    leaf = numbers.get(conversation.leaf)
    con.execute("UPDATE conversation SET leaf = ? WHERE number = ?", (leaf, number))
    return entry(con, number)


def ensure(con: sqlite3.Connection, conversation: Conversation) -> None:
    """Insert the conversation, or those of its messages that are not there or not the same.

    The leaf is set anew. A message that still streams is left to its stream.
    """
    found = con.execute("SELECT number FROM conversation WHERE id = ?", (conversation.id,)).fetchone()
    found = found or _renamed(con, conversation)
    if found is None:
        create(con, conversation)
        return
    numbers: dict[str | None, int] = dict(
        con.execute("SELECT id, number FROM message WHERE conversation = ?", (found[0],))
    )
    stored = load(con, conversation.id).conversation.messages
    for message_id in conversation.parents_first():
        message = conversation.messages[message_id]
        if message_id not in numbers:
            parent = numbers.get(conversation.parents.get(message_id))
            numbers[message_id] = insert(con, found[0], message, parent)
        elif message.parts and stored.get(message_id) != message:
            finish(con, message)
    leaf = numbers.get(conversation.leaf)
    con.execute("UPDATE conversation SET leaf = ? WHERE number = ?", (leaf, found[0]))


def _renamed(con: sqlite3.Connection, conversation: Conversation) -> tuple[int] | None:
    """The row that a repair made for the messages of a conversation whose own row was lost, as that again."""
    for message_id in conversation.messages:
        found: tuple[int] | None = con.execute(
            "SELECT conversation FROM message WHERE id = ?", (message_id,)
        ).fetchone()
        if found is not None:
            con.execute(
                "UPDATE conversation SET id = ?, persona = ?, settings = ? WHERE number = ?",
                (conversation.id, clean(conversation.persona), dump_value(conversation.settings), *found),
            )
            rename(con, conversation.id, conversation.title, conversation.titled)
            return found
    return None


def duplicate(con: sqlite3.Connection, identity: str) -> Entry:
    """The conversation once more with all branches, under ids of its own."""
    saved = load(con, identity)
    source = saved.conversation
    ids = {one: new_id() for one in source.messages}
    copies = {new: _finished(con, replace(source.messages[old], id=new), old) for old, new in ids.items()}
    copy = Conversation(
        messages=copies,
        parents={ids[one]: None if up is None else ids[up] for one, up in source.parents.items()},
        leaf=None if source.leaf is None else ids[source.leaf],
        title=f"{source.title} (copy)",
        titled=source.titled,
        settings=source.settings,
        persona=source.persona,
    )
    create(con, copy)
    con.execute(
        "UPDATE conversation SET folder = (SELECT folder FROM conversation WHERE id = ?) WHERE id = ?",
        (identity, copy.id),
    )
    for message_id, opened in saved.thoughts.items():
        con.execute("UPDATE message SET opened = ? WHERE id = ?", (opened, ids[message_id]))
    return entry(con, conversation_number(con, copy.id))


def _finished(con: sqlite3.Connection, copy: Message, original: str) -> Message:
    """A copy of a message that nobody goes on with: an answer in mid-stream is marked as one."""
    query = "SELECT 1 FROM chunk WHERE message = (SELECT number FROM message WHERE id = ?)"
    streams = con.execute(query, (original,)).fetchone() is not None
    unfinished = streams or (copy.role == "assistant" and not copy.parts)
    return replace(copy, mark="interrupted") if unfinished and not copy.mark else copy


def purge(con: sqlite3.Connection, before: float) -> int:
    """Remove what was deleted before a time, from the index too; how many conversations."""
    query = "SELECT number, id FROM conversation WHERE deleted < ?"
    gone: list[tuple[int, str]] = con.execute(query, (before,)).fetchall()
    if gone:
        search.forget(con, [number for number, _ in gone])
        con.executemany("DELETE FROM draft WHERE conversation = ?", [(identity,) for _, identity in gone])
        con.executemany("DELETE FROM state WHERE key = ?", [(f"edit:{identity}",) for _, identity in gone])
        attached.forget(con, [identity for _, identity in gone])
        con.executemany("DELETE FROM conversation WHERE number = ?", [(number,) for number, _ in gone])
        search.shrink(con)
    return len(gone)


# ---- messages -----------------------------------------------------------------------------


def add_message(con: sqlite3.Connection, identity: str, message: Message, parent: str | None) -> None:
    conversation = conversation_number(con, identity)
    above = None if parent is None else message_number(con, parent)
    number = insert(con, conversation, message, above)
    con.execute(
        "UPDATE conversation SET leaf = ?, updated = max(updated, ?) WHERE number = ?",
        (number, time.time(), conversation),
    )


def insert(con: sqlite3.Connection, conversation: int, message: Message, parent: int | None) -> int:
    """A row for a message and those of its parts; its number."""
    number = con.execute(
        "INSERT INTO message (id, conversation, parent, role, mark, created, edited, deleted, info) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (message.id, conversation, parent, message.role, message.mark, message.created, *_rest(message)),
    ).lastrowid
    assert number is not None
    _put_parts(con, number, message.parts)
    return number


def _rest(message: Message) -> tuple[bool, bool, str | None]:
    info = None if message.info is None else dump_value(message.info)
    return message.edited, message.deleted, info


def _put_parts(con: sqlite3.Connection, number: int, parts: Iterable[Part]) -> None:
    con.execute("DELETE FROM part WHERE message = ?", (number,))
    con.executemany(
        "INSERT INTO part (message, position, kind, extra, text) VALUES (?, ?, ?, ?, ?)",
        [(number, position, *part_row(part)) for position, part in enumerate(parts)],
    )
    search.index_message(con, number)


def append(con: sqlite3.Connection, identity: str, channel: str, text: str) -> None:
    if channel not in ("answer", "reasoning"):
        raise ValueError(f"no such channel: {channel}")
    number = message_number(con, identity)
    con.execute("INSERT INTO chunk (message, channel, text) VALUES (?, ?, ?)", (number, channel, clean(text)))


def finish(con: sqlite3.Connection, message: Message) -> None:
    number = message_number(con, message.id)
    con.execute("DELETE FROM chunk WHERE message = ?", (number,))
    con.execute(
        "UPDATE message SET mark = ?, edited = ?, deleted = ?, info = ? WHERE number = ?",
        (message.mark, *_rest(message), number),
    )
    _put_parts(con, number, message.parts)


def finish_interrupted(con: sqlite3.Connection) -> int:
    """Make messages of the streams that nobody will go on with; how many."""
    query = (
        "SELECT number FROM message WHERE number IN (SELECT message FROM chunk) OR (role = 'assistant' "
        "AND mark = '' AND NOT EXISTS (SELECT 1 FROM part WHERE part.message = message.number))"
    )
    broken = [row[0] for row in con.execute(query)]
    for number in broken:
        stored = con.execute(
            "SELECT kind, extra, text FROM part WHERE message = ? ORDER BY position, number", (number,)
        )
        parts = [part_of(*part) for part in stored]
        chunks = con.execute("SELECT channel, text FROM chunk WHERE message = ? ORDER BY number", (number,))
        _put_parts(con, number, with_chunks(parts, chunks.fetchall()))
        con.execute("DELETE FROM chunk WHERE message = ?", (number,))
        con.execute("UPDATE message SET mark = 'interrupted' WHERE number = ?", (number,))
    return len(broken)


def set_draft(con: sqlite3.Connection, identity: str, text: str) -> None:
    if identity != NEW:
        conversation_number(con, identity)
    con.execute("DELETE FROM draft WHERE conversation = ?", (identity,))
    if text:
        con.execute("INSERT INTO draft (conversation, text) VALUES (?, ?)", (identity, clean(text)))


def set_settings(con: sqlite3.Connection, identity: str, settings: ChatSettings, persona_id: str) -> None:
    con.execute(
        "UPDATE conversation SET settings = ?, persona = ? WHERE number = ?",
        (dump_value(settings), clean(persona_id), conversation_number(con, identity)),
    )


def rename(con: sqlite3.Connection, identity: str, title: str, titled: bool) -> None:
    number = conversation_number(con, identity)
    values = (clean(title), titled, number)
    con.execute("UPDATE conversation SET title = ?, titled = ? WHERE number = ?", values)
    search.index_title(con, number, clean(title))
