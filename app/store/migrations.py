"""The tables, and the steps that bring an older file up to them.

Each table has a constant of its own in the column `tag`: by it a row is known again when the file
around it is damaged (see salvage). A column that is added later goes to the end of its table. The
table `about` repeats the version, so that a damaged header is not taken for a newer version.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from app.errors import DamagedError, StoreError
from app.language import tr
from app.store.database import connect, translated

#: "CaDe": what says that an SQLite file is ours.
APPLICATION_ID = 0x43614465

Step = Callable[[sqlite3.Connection], None]


def _table(name: str, tag: str, columns: str) -> str:
    return (
        f"CREATE TABLE {name} (number INTEGER PRIMARY KEY, "
        f"tag TEXT NOT NULL DEFAULT '{tag}' CHECK (tag = '{tag}'), {columns})"
    )


_FIRST = (
    _table("about", "cd.about", "version INTEGER NOT NULL"),
    _table("folder", "cd.folder", "id TEXT NOT NULL UNIQUE, name TEXT NOT NULL"),
    _table(
        "conversation",
        "cd.conv",
        "id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, titled INTEGER NOT NULL, created REAL NOT NULL, "
        "updated REAL NOT NULL, pinned INTEGER NOT NULL DEFAULT 0, archived INTEGER NOT NULL DEFAULT 0, "
        "folder INTEGER REFERENCES folder (number) ON DELETE SET NULL, deleted REAL, leaf INTEGER, "
        "persona TEXT NOT NULL DEFAULT '', settings TEXT NOT NULL DEFAULT '{}', place INTEGER, "
        "place_offset INTEGER NOT NULL DEFAULT 0",
    ),
    _table(
        "message",
        "cd.msg",
        "id TEXT NOT NULL UNIQUE, "
        "conversation INTEGER NOT NULL REFERENCES conversation (number) ON DELETE CASCADE, "
        "parent INTEGER, role TEXT NOT NULL, mark TEXT NOT NULL, created REAL NOT NULL, "
        "edited INTEGER NOT NULL, deleted INTEGER NOT NULL, opened INTEGER, info TEXT",
    ),
    # The text stands last: when only its beginning can be read, that much is kept.
    _table(
        "part",
        "cd.part",
        "message INTEGER NOT NULL REFERENCES message (number) ON DELETE CASCADE, "
        "position INTEGER NOT NULL, kind TEXT NOT NULL, extra TEXT NOT NULL, text TEXT NOT NULL",
    ),
    _table(
        "chunk",
        "cd.chunk",
        "message INTEGER NOT NULL REFERENCES message (number) ON DELETE CASCADE, "
        "channel TEXT NOT NULL, text TEXT NOT NULL",
    ),
    _table("draft", "cd.draft", "conversation TEXT NOT NULL UNIQUE, text TEXT NOT NULL"),
    _table("persona", "cd.persona", "id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, settings TEXT NOT NULL"),
    _table("snippet", "cd.snippet", "id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, text TEXT NOT NULL"),
    _table("state", "cd.state", "key TEXT NOT NULL UNIQUE, value TEXT NOT NULL"),
    "CREATE INDEX message_conversation ON message (conversation)",
    "CREATE INDEX part_message ON part (message)",
    "CREATE INDEX chunk_message ON chunk (message)",
    "CREATE INDEX conversation_folder ON conversation (folder)",
)

#: The index of a search: text that was folded and cut into words before (see folding). The
#: tokenizer takes everything beyond ASCII for part of a word, which is what folding leaves.
SEARCH_TABLES = {
    name: f"CREATE VIRTUAL TABLE {name} USING fts5 "
    "(text, tokenize = 'ascii', prefix = '1 2 3', columnsize = 0)"
    for name in ("found_title", "found_message")
}


def _first(con: sqlite3.Connection) -> None:
    for statement in (*_FIRST, *SEARCH_TABLES.values()):
        con.execute(statement)
    con.execute("INSERT INTO about (version) VALUES (0)")


#: The versions in their order, each with what leads to it from the one before.
MIGRATIONS: list[tuple[int, Step]] = [(1, _first)]


def latest() -> int:
    """The version that this program writes."""
    return MIGRATIONS[-1][0]


def version_of(con: sqlite3.Connection) -> int:
    """The version of a database, 0 for an empty one.

    Raises:
        DamagedError: header and content do not say the same.
        StoreError: a newer program wrote it.
    """
    application = con.execute("PRAGMA application_id").fetchone()[0]
    version: int = con.execute("PRAGMA user_version").fetchone()[0]
    if not con.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        if version == 0:
            return 0
        raise DamagedError(tr("The saved conversations are damaged."))
    try:
        said = [row[0] for row in con.execute("SELECT version FROM about")]
    except sqlite3.OperationalError as error:
        raise DamagedError(tr("The saved conversations are damaged.")) from error
    if application != APPLICATION_ID or said != [version] or version < 1:
        raise DamagedError(tr("The saved conversations are damaged."))
    if version > latest():
        raise StoreError(
            tr("This data was written by a newer version of Cascade Desk, and nothing in it was changed."),
            tr("Install the newer version to go on with it."),
        )
    return version


def migrate(con: sqlite3.Connection, path: Path) -> None:
    """Bring a database up to the latest version, with a backup of an older one beside it."""
    version = version_of(con)
    if version == latest():
        return
    if version:
        with translated():
            back_up(con, path.with_name(f"{path.stem}.v{version}.bak"))
    advance(con, version)


def advance(con: sqlite3.Connection, version: int, to: int | None = None) -> None:
    """All steps after `version`, up to the latest or the one named, in one transaction."""
    to = latest() if to is None else to
    con.execute("PRAGMA foreign_keys = OFF")  # a step may rebuild a table that others refer to
    con.execute("BEGIN IMMEDIATE")
    try:
        for step_version, step in MIGRATIONS:
            if version < step_version <= to:
                step(con)
        con.execute("UPDATE about SET version = ?", (to,))
        con.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        con.execute(f"PRAGMA user_version = {to}")
        if con.execute("PRAGMA foreign_key_check").fetchall():
            raise StoreError(
                tr("The saved conversations could not be brought up to date."), tr("Nothing was changed.")
            )
        con.execute("COMMIT")
    finally:
        if con.in_transaction:
            con.execute("ROLLBACK")
        con.execute("PRAGMA foreign_keys = ON")


def back_up(con: sqlite3.Connection, target: Path) -> None:
    """Copy a database; the copy is checked before it gets its name."""
    new = target.with_name(target.name + ".new")
    try:
        new.unlink(missing_ok=True)
        os.close(os.open(new, os.O_CREAT | os.O_RDWR, 0o600))
        with contextlib.closing(connect(new)) as copy:
            con.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            if copy.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise DamagedError(tr("The saved conversations are damaged."))
        new.replace(target)
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def remove_backups(path: Path, before: float) -> None:
    """Remove the backups of a database that were made before a time."""
    for backup in path.parent.glob(f"{path.stem}.v*.bak"):
        if backup.stat().st_mtime < before:
            backup.unlink()


def schema_is_ours(con: sqlite3.Connection, version: int) -> bool:
    """Whether the tables and indexes are the ones that the steps up to a version make, to the letter."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        advance(fresh, 0, version)
        return _definitions(con) == _definitions(fresh)


def _definitions(con: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """What the schema says, without the tables that the index of the search makes for itself."""
    rows = con.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    return {
        (str(kind), str(name), str(sql))
        for kind, name, of, sql in rows
        if not str(of).startswith(tuple(f"{table}_" for table in SEARCH_TABLES))
    }
