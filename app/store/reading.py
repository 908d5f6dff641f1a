"""Conversations as they are read: whole, or first the end that a reader sees."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from app.chat.conversation import Conversation
from app.chat.library import Entry, Saved
from app.chat.parts import Part
from app.errors import StoreError
from app.language import mark, tr
from app.store.rows import (
    entry_of,
    mend_parents,
    message_of,
    part_of,
    place_of,
    settings_of,
    title_of,
    with_chunks,
)

#: A conversation of more messages than this is worth having its end read first.
SMALL: Final = 200
#: Messages that the end has, and the most it has where the reader's place is further up.
END: Final = 60
_FAR: Final = 400
_SLICE: Final = 300  # messages between two breaths

_ENTRIES = """
SELECT c.*, f.id AS folder_id FROM conversation c LEFT JOIN folder f ON f.number = c.folder
WHERE {where} ORDER BY c.updated DESC, c.number DESC
"""
_PATH = """
WITH RECURSIVE up (number, parent, depth) AS (
  SELECT number, parent, 0 FROM message WHERE number = ? AND conversation = ?
  UNION ALL
  SELECT m.number, m.parent, depth + 1 FROM up JOIN message m ON m.number = up.parent
  WHERE depth < ? AND m.number < up.number
) SELECT number FROM up
"""
_PARTS = """
SELECT p.message, p.position, p.number, p.kind, p.extra, p.text
FROM message m JOIN part p ON p.message = m.number WHERE m.conversation = ? ORDER BY m.number
"""


_GONE = {
    "conversation": mark("This conversation is not saved any more."),
    "message": mark("This message is not saved any more."),
    "folder": mark("This folder is not saved any more."),
}


def rows(con: sqlite3.Connection, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
    """Rows that know their columns by name."""
    cursor = con.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(query, values).fetchall()


def number_of(con: sqlite3.Connection, table: str, identity: str) -> int:
    """A row's number; StoreError where there is none."""
    found = con.execute(f"SELECT number FROM {table} WHERE id = ?", (identity,)).fetchone()
    if found is None:
        raise StoreError(tr(_GONE[table]))
    return int(found[0])


def conversation_number(con: sqlite3.Connection, identity: str) -> int:
    return number_of(con, "conversation", identity)


def message_number(con: sqlite3.Connection, identity: str) -> int:
    return number_of(con, "message", identity)


def entries(con: sqlite3.Connection, deleted: bool) -> list[Entry]:
    where = f"c.deleted IS {'NOT ' if deleted else ''}NULL"
    return [entry_of(row) for row in rows(con, _ENTRIES.format(where=where))]


def entry(con: sqlite3.Connection, number: int) -> Entry:
    return entry_of(rows(con, _ENTRIES.format(where="c.number = ?"), (number,))[0])


def draft(con: sqlite3.Connection, identity: str) -> str:
    found = con.execute("SELECT text FROM draft WHERE conversation = ?", (identity,)).fetchone()
    return str(found[0]) if found else ""


def load(con: sqlite3.Connection, identity: str, breathe: Callable[[], None] = lambda: None) -> Saved:
    """A conversation as a sound tree, whatever its rows say. `breathe` is called now and then."""
    number = conversation_number(con, identity)
    row = rows(con, "SELECT * FROM conversation WHERE number = ?", (number,))[0]
    found = rows(con, "SELECT * FROM message WHERE conversation = ? ORDER BY number", (number,))
    breathe()
    return _saved(con, row, found, _parts(con, con.execute(_PARTS, (number,)), number, breathe), breathe)


def load_end(con: sqlite3.Connection, identity: str) -> Saved | None:
    """The end of a long conversation to look at, from above the reader's place on: its messages as a tree of
    their own, without the texts of documents. None where it had better be read whole."""
    number = conversation_number(con, identity)
    count = con.execute("SELECT count(*) FROM message WHERE conversation = ?", (number,)).fetchone()[0]
    row = rows(con, "SELECT * FROM conversation WHERE number = ?", (number,))[0]
    if count <= SMALL or row["leaf"] is None:
        return None
    path = [one[0] for one in con.execute(_PATH, (row["leaf"], number, _FAR))]
    place = row["place"]
    if not path or (place is not None and place not in path):
        return None
    path = path[: max(END, path.index(place) + END // 2 if place is not None else 0)]
    marks = ", ".join("?" * len(path))
    found = rows(
        con,
        "SELECT * FROM message WHERE conversation = ? "
        f"AND (number IN ({marks}) OR parent IN ({marks})) ORDER BY number",
        (number, *path, *path),
    )
    texts = con.execute(
        "SELECT message, position, number, kind, extra, CASE kind WHEN 'attachment' THEN '' ELSE text END "
        f"FROM part WHERE message IN ({marks})",
        path,
    )
    return _saved(con, row, found, _parts(con, texts, number), lambda: None)


def _saved(
    con: sqlite3.Connection,
    row: sqlite3.Row,
    found: Sequence[sqlite3.Row],
    parts: dict[int, tuple[Part, ...]],
    breathe: Callable[[], None],
) -> Saved:
    ids = {one["number"]: str(one["id"]) for one in found}
    parents = mend_parents([(one["number"], one["parent"]) for one in found])
    messages = {}
    for at, one in enumerate(found):
        if at % _SLICE == 0:
            breathe()
        messages[ids[one["number"]]] = message_of(one, parts.get(one["number"], ()))
    conversation = Conversation(
        messages=messages,
        parents={ids[one]: None if up is None else ids[up] for one, up in parents.items()},
        leaf=ids.get(row["leaf"], ids[found[-1]["number"]] if found and row["leaf"] is not None else None),
        id=str(row["id"]),
        title=title_of(row["title"]),
        titled=bool(row["titled"]),
        settings=settings_of(row["settings"]),
        persona=str(row["persona"]),
    )
    place = ids.get(row["place"])
    return Saved(
        conversation,
        draft=draft(con, conversation.id),
        place=None if place is None else place_of(place, row["place_offset"]),
        thoughts={ids[one["number"]]: bool(one["opened"]) for one in found if one["opened"] is not None},
    )


def _parts(
    con: sqlite3.Connection,
    found: sqlite3.Cursor,
    conversation: int,
    breathe: Callable[[], None] = lambda: None,
) -> dict[int, tuple[Part, ...]]:
    """The parts of each message, with those of a stream that still runs."""
    lists: dict[int, list[tuple[int, int, Part]]] = defaultdict(list)
    for at, (message, position, number, *part) in enumerate(found):
        if at % _SLICE == 0:
            breathe()
        # In a damaged file a number may be anything.
        order = position if isinstance(position, int) else 0
        lists[message].append((order, number, part_of(*part)))
    parts = {}
    for number, several in lists.items():
        if len(several) > 1:
            several.sort(key=lambda one: one[:2])
        parts[number] = tuple(one[2] for one in several)
    chunks = defaultdict(list)
    query = (
        "SELECT message, channel, text FROM chunk "
        "WHERE message IN (SELECT number FROM message WHERE conversation = ?) ORDER BY number"
    )
    for number, *chunk in con.execute(query, (conversation,)):
        chunks[number].append((chunk[0], chunk[1]))
    for number, pieces in chunks.items():
        parts[number] = with_chunks(parts.get(number, ()), pieces)
    return parts
