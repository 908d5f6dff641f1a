"""Connections to the database, and what its errors mean to a person."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from app.errors import DamagedError, DiskFullError, StoreBusyError, StoreError
from app.language import mark, tr

NAME = "conversations.db"
PAGE_BYTES = 4096
#: How long a writer waits for another one, in seconds.
BUSY_S = 5.0


def connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """Open a database that exists; `mode` is "rw", "ro", or "ro&immutable=1"."""
    con = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=BUSY_S
    )
    # Damaged text is better shown with marks than not at all.
    con.text_factory = _text
    return con


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def prepare(con: sqlite3.Connection) -> None:
    """Set what every writing connection has: no half commits, and no trace of what was removed."""
    for pragma in (
        f"page_size = {PAGE_BYTES}",
        "secure_delete = ON",
        "journal_mode = WAL",
        "synchronous = NORMAL",  # app.store.syncing does the rest
        "wal_autocheckpoint = 0",
        "foreign_keys = ON",
        "cell_size_check = ON",
        "temp_store = MEMORY",
    ):
        con.execute(f"PRAGMA {pragma}")


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file is damaged."""
    # An error that quotes a damaged schema cannot even be decoded by the sqlite3 module.
    if isinstance(error, DamagedError | UnicodeDecodeError):
        return True
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_index_damage(error: BaseException) -> bool:
    """Whether an error of a statement on the index of the search may come from this index alone.

    The plain error is what SQLite says where one of the index's own tables is missing.
    """
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)


def _code(error: BaseException) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what SQLite raises into what a person can act on; a bug stays what it is."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        found = _told(error)
        if found is None:
            raise
        raise found from error


def _told(error: Exception) -> StoreError | DiskFullError | None:
    code = _code(error)
    if isinstance(error, OSError) or code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return DiskFullError(
            tr("This could not be saved: the disk is full or cannot be written."),
            tr("What was saved before is safe. Make some room and try again."),
        )
    if is_damage(error):
        return DamagedError(tr("The file of saved conversations is damaged."), tr("It is being repaired."))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusyError(
            tr("The saved conversations are in use by another program."),
            tr("Nothing was changed. Try again in a moment."),
        )
    told = {
        sqlite3.SQLITE_READONLY: (
            mark("The saved conversations cannot be changed."),
            mark("Is their folder read-only?"),
        ),
        sqlite3.SQLITE_PERM: (
            mark("The saved conversations cannot be changed."),
            mark("Is their folder read-only?"),
        ),
        sqlite3.SQLITE_CANTOPEN: (
            mark("The saved conversations cannot be opened."),
            mark("Is their folder readable?"),
        ),
        sqlite3.SQLITE_TOOBIG: (mark("This text is too long to be saved."), ""),
        sqlite3.SQLITE_CONSTRAINT: (
            mark("This could not be saved: it is there already, or what it belongs to is gone."),
            "",
        ),
    }
    return StoreError(*map(tr, told[code])) if code in told else None


@contextlib.contextmanager
def transaction(con: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Everything inside is committed, or nothing is and it raises."""
    con.execute("BEGIN IMMEDIATE")
    try:
        yield con
        con.execute("COMMIT")
    except BaseException:
        if con.in_transaction:
            # The first error is the one that tells; the connection is rolled back when it closes.
            with contextlib.suppress(sqlite3.Error):
                con.execute("ROLLBACK")
        raise
