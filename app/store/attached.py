"""Documents that wait for a question that is not sent yet. A caller brings the transaction.

What is known of them is one row of the table `state`; a text is written once, in pieces, into its own rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from app.chat.library import KeptDocument
from app.store.rows import clean, dump, parse, whole_number

#: Characters of a piece: one call over all of a long text would hold up every other thread.
_PIECE = 1 << 20
_PUT = "INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)"
_MOST = 1000
_STATES = ("ready", "reading", "password", "failed")


def keep(con: sqlite3.Connection, identity: str, kept: Sequence[KeptDocument]) -> None:
    """Write what is not there yet, remove what is not wanted any more."""
    wanted = {one.id for one in kept if one.text is not None}
    there = set()
    for key in _text_keys(con, identity):
        of = _id_in(key, identity)
        there.add(of)
        if of not in wanted:
            con.execute("DELETE FROM state WHERE key = ?", (key,))
    for one in kept:
        if one.text is not None and one.id not in there:
            for number, start in enumerate(range(0, len(one.text), _PIECE)):
                piece = clean(one.text[start : start + _PIECE])
                con.execute(_PUT, (f"{_texts(identity)}{one.id}:{number:06}", piece))
    if kept:
        con.execute(_PUT, (_head(identity), dump([_said(one) for one in kept])))
    else:
        con.execute("DELETE FROM state WHERE key = ?", (_head(identity),))


def load(con: sqlite3.Connection, identity: str) -> tuple[KeptDocument, ...]:
    """What was kept; a document whose text is not whole is to be read again, or left out without a path."""
    found = con.execute("SELECT value FROM state WHERE key = ?", (_head(identity),)).fetchone()
    said = parse(found[0]) if found else None
    documents = [_document(con, identity, one) for one in said[:_MOST]] if isinstance(said, list) else []
    return tuple(one for one in documents if one is not None)


def forget(con: sqlite3.Connection, identities: Iterable[str]) -> None:
    """Remove all that was kept for conversations."""
    for identity in identities:
        keep(con, identity, ())


def _head(identity: str) -> str:
    return f"attached:{identity}"


def _texts(identity: str) -> str:
    return f"attached:{identity}:"


def _text_keys(con: sqlite3.Connection, identity: str, document: str = "") -> list[str]:
    """Keys of the pieces, in their order."""
    begins = _texts(identity) + (f"{document}:" if document else "")
    # The character behind a colon ends what begins so.
    query = "SELECT key FROM state WHERE key >= ? AND key < ? ORDER BY key"
    return [str(row[0]) for row in con.execute(query, (begins, begins[:-1] + ";"))]


def _id_in(key: str, identity: str) -> str:
    return key[len(_texts(identity)) :].rpartition(":")[0]


def _said(one: KeptDocument) -> list[object]:
    length = None if one.text is None else len(one.text)
    notes = [clean(note) for note in one.notes]
    names = [one.id, clean(one.name), clean(one.path), one.kind, one.state, clean(one.status)]
    return [*names, length, one.pages, one.chosen, notes]


def _document(con: sqlite3.Connection, identity: str, said: object) -> KeptDocument | None:
    if not isinstance(said, list) or len(said) != 10 or not all(isinstance(one, str) for one in said[:6]):
        return None
    document, name, path, kind, state, status = said[:6]
    length, pages, chosen, notes = said[6:]
    text = None
    if isinstance(length, int):
        keys = _text_keys(con, identity, document)
        query = "SELECT value FROM state WHERE key = ?"
        text = "".join([str(con.execute(query, (key,)).fetchone()[0]) for key in keys])
    whole = text is not None and len(text) == length
    if state not in _STATES or (state == "ready" and not whole):
        state = "reading"
    if not document or (state == "reading" and not path):
        return None
    return KeptDocument(
        document, name, path, kind, state, status,
        text if whole else None,
        max(0, whole_number(pages)),
        chosen if isinstance(chosen, str) else "",
        tuple(note for note in notes if isinstance(note, str)) if isinstance(notes, list) else (),
    )  # fmt: skip
