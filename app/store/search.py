"""The full-text index, and what it finds."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence

from app.chat.library import Hit
from app.errors import DamagedError
from app.language import tr
from app.store.database import is_index_damage
from app.store.folding import fold, indexed, words
from app.store.migrations import SEARCH_TABLES
from app.store.rows import real
from app.store.snippets import Term, cut

_LONGEST_QUERY = 1000
_MOST_WORDS = 48

_TEXT_OF = "SELECT text FROM part WHERE message = ? AND kind = 'text' ORDER BY position, number"

_TITLES = """
SELECT c.id, c.title, c.updated, c.archived FROM found_title f
CROSS JOIN conversation c ON c.number = f.rowid
WHERE found_title MATCH ? AND c.deleted IS NULL ORDER BY f.rowid DESC LIMIT ?
"""

_MESSAGES = """
SELECT m.number, m.id, m.role, m.created, c.id, c.title, c.archived FROM found_message f
CROSS JOIN message m ON m.number = f.rowid
CROSS JOIN conversation c ON c.number = m.conversation
WHERE found_message MATCH ? AND m.deleted = 0 AND c.deleted IS NULL ORDER BY f.rowid DESC LIMIT ?
"""


# ---- the index ----------------------------------------------------------------------------


def index_title(con: sqlite3.Connection, number: int, title: str) -> None:
    """Put a conversation's title in the place of the one that the index has."""
    _index(con, "found_title", number, title)


def index_message(con: sqlite3.Connection, number: int) -> None:
    """Put the text that a message has now into the index."""
    _index(con, "found_message", number, text_of(con, number))


def forget(con: sqlite3.Connection, conversations: Sequence[int]) -> None:
    """Take conversations and their messages, which are still there, out of the index."""
    try:
        for number in conversations:
            con.execute("DELETE FROM found_title WHERE rowid = ?", (number,))
            inside = "rowid IN (SELECT number FROM message WHERE conversation = ?)"
            con.execute(f"DELETE FROM found_message WHERE {inside}", (number,))
    except sqlite3.DatabaseError as error:
        if not is_index_damage(error):
            raise
        rebuild(con, without=conversations)


def flush(con: sqlite3.Connection) -> None:
    """Let the index write what it has gathered, while damage in it can still be mended."""
    try:
        con.execute("SAVEPOINT gathered")
        con.execute("RELEASE gathered")
    except sqlite3.DatabaseError as error:
        if not is_index_damage(error):
            raise
        rebuild(con)


def shrink(con: sqlite3.Connection) -> None:
    """Rewrite the index without the words that were taken out; until then it holds them still."""
    try:
        for table in SEARCH_TABLES:
            con.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
    except sqlite3.DatabaseError as error:
        if not is_index_damage(error):
            raise
        rebuild(con)


def rebuild(con: sqlite3.Connection, without: Sequence[int] = ()) -> None:
    """Make the index anew from titles and messages, inside the running transaction.

    Raises DamagedError where the old one cannot even be thrown away.
    """
    try:
        for table, definition in SEARCH_TABLES.items():
            con.execute(f"DROP TABLE IF EXISTS {table}")
            con.execute(definition)
    except sqlite3.DatabaseError as error:
        if is_index_damage(error):
            raise DamagedError(tr("The saved conversations are damaged.")) from error
        raise
    for number, title in con.execute("SELECT number, title FROM conversation").fetchall():
        con.execute("INSERT INTO found_title (rowid, text) VALUES (?, ?)", (number, indexed(title)))
    con.executemany("INSERT INTO found_message (rowid, text) VALUES (?, ?)", _indexed_messages(con))
    if without:
        forget(con, without)


def is_sound(con: sqlite3.Connection, thorough: bool) -> bool:
    """Whether the index can be used; thoroughly, whether it agrees with itself and has all texts."""
    try:
        for table in SEARCH_TABLES:
            con.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH 'a' LIMIT 1").fetchall()
        if not thorough:
            return True
        for table in SEARCH_TABLES:
            con.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        titles = con.execute("SELECT count(*) FROM found_title_content").fetchone()[0]
        texts = con.execute("SELECT count(*) FROM found_message_content").fetchone()[0]
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False
    wanted = con.execute(
        "SELECT (SELECT count(*) FROM conversation), "
        "(SELECT count(DISTINCT message) FROM part WHERE kind = 'text' AND text != '')"
    ).fetchone()
    return bool((titles, texts) == wanted)


def text_of(con: sqlite3.Connection, number: int) -> str:
    """What was written in a message, thoughts and attachments left out."""
    return "".join(str(row[0]) for row in con.execute(_TEXT_OF, (number,)))


def _index(con: sqlite3.Connection, table: str, number: int, text: str) -> None:
    try:
        con.execute(f"DELETE FROM {table} WHERE rowid = ?", (number,))
        if text or table == "found_title":
            con.execute(f"INSERT INTO {table} (rowid, text) VALUES (?, ?)", (number, indexed(text)))
    except sqlite3.DatabaseError as error:
        if not is_index_damage(error):
            raise
        rebuild(con)  # which has the new text: it was stored before


def _indexed_messages(con: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    at: int | None = None
    pieces: list[str] = []
    query = (
        "SELECT message, text FROM part WHERE kind = 'text' AND text != '' ORDER BY message, position, number"
    )
    for number, text in con.execute(query):
        if at is not None and number != at:
            yield at, indexed("".join(pieces))
            pieces = []
        at = number
        pieces.append(str(text))
    if at is not None:
        yield at, indexed("".join(pieces))


# ---- the query ----------------------------------------------------------------------------


def terms_of(text: str) -> list[Term]:
    """The words and "quoted phrases" of a query; the last word may go on."""
    terms: list[Term] = []
    left = _MOST_WORDS
    for found in re.finditer(r'"([^"]*)"?|([^\s"]+)', text[:_LONGEST_QUERY]):
        quoted, word = found.groups()
        folded = fold(quoted if word is None else word)
        parts = tuple(one.text for one in words(folded))[:left]
        left -= len(parts)
        if parts:
            terms.append(Term(parts, open_ended=word is not None and found.end() == len(text.rstrip())))
    return terms


def _match(terms: Sequence[Term]) -> str:
    """The query in FTS5's words. A folded word has letters and digits only, so nothing is syntax."""
    return " AND ".join(f'"{" ".join(term.words)}"{" *" if term.open_ended else ""}' for term in terms)


def search(con: sqlite3.Connection, text: str, limit: int) -> Iterator[Hit]:
    """Titles, then messages, the newest first; raises sqlite3.OperationalError when interrupted."""
    terms = terms_of(text)
    if not terms or limit < 1:
        return
    match = _match(terms)
    found = 0
    for identity, title, updated, archived in con.execute(_TITLES, (match, limit)):
        found += 1
        snippet, matches = cut(str(title), terms)
        yield Hit(str(identity), str(title), snippet, matches, when=real(updated), archived=bool(archived))
    for number, message_id, role, created, *conversation in con.execute(_MESSAGES, (match, limit - found)):
        snippet, matches = cut(text_of(con, number), terms)
        identity, title, archived = conversation
        yield Hit(
            str(identity),
            str(title),
            snippet,
            matches,
            message_id=str(message_id),
            role=str(role),
            when=real(created),
            archived=bool(archived),
        )
