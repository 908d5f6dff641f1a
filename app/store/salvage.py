"""A new database from what can still be read of a damaged one.

Rows are known by the tag in their second column, wherever they are found. Messages keep their numbers,
so that what hangs together is put together again: a lost parent is replaced by the message before, a
lost conversation by one with another title, and text whose message is lost becomes a message.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from app.chat.conversation import new_id
from app.language import mark, ntr, tr
from app.store import migrations, search
from app.store.database import PAGE_BYTES, connect, transaction
from app.store.pages import SIZES, Pages, Row, Value
from app.store.rows import mend_parents

TITLE = mark("Recovered conversation")
_MARK = b"cd."
_LONGEST_ID = 200


@dataclass(frozen=True)
class Salvaged:
    """What came of it; `lost` in words, empty where nothing is known to be lost."""

    lost: str
    messages: int


@dataclass(frozen=True)
class _Shape:
    """What the rows of a table must be like: name, type and whether it may be empty, by column."""

    table: str
    columns: tuple[tuple[str, str, bool], ...]

    def fitting(self, row: Row) -> dict[str, Value] | None:
        """The row's values by column, None where one is of the wrong type; later columns may be missing."""
        found: dict[str, Value] = {}
        for (name, kind, empty), value in zip(self.columns, row.values[2:], strict=False):
            if not (empty if value is None else _is(kind, value)):
                return None
            if name == "id" and not 0 < len(str(value)) <= _LONGEST_ID:
                return None
            found[name] = value
        return found


def _is(kind: str, value: Value) -> bool:
    if kind == "TEXT":
        return isinstance(value, str)
    if kind == "REAL":
        return isinstance(value, int | float) and math.isfinite(value)
    return isinstance(value, int)


def salvage(source: Path, target: Path) -> Salvaged:
    """Fill the empty file `target` with a database of all that can be read of `source` and its log."""
    with contextlib.closing(connect(target)) as con:
        con.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        con.execute("PRAGMA journal_mode = MEMORY")
        con.execute("PRAGMA synchronous = OFF")  # it is no database before its last step
        migrations.advance(con, 0)
        con.execute("PRAGMA foreign_keys = OFF")
        with transaction(con):
            cut = _read_rows(con, source)
            lost = _mend(con)
            search.rebuild(con)
        count: int = con.execute("SELECT count(*) FROM message").fetchone()[0]
    if cut:
        lost.append(ntr("{count} text is cut short", "{count} texts are cut short", cut))
    return Salvaged("; ".join(lost), count)


def _read_rows(con: sqlite3.Connection, source: Path) -> int:
    """Put every row that is found into its table; how many are not whole."""
    shapes = _shapes(con)
    cut = 0
    with Pages(source, _page_size(source)) as pages:
        # What is not sure comes last, so that it takes no number from what is.
        for row in chain(pages.rows(_MARK, sure=True), pages.rows(_MARK, sure=False)):
            shape = shapes.get(row.values[1]) if isinstance(row.values[1], str) else None
            if shape is None or row.values[0] is not None or (values := shape.fitting(row)) is None:
                continue
            names = ", ".join(("number", *values))
            places = ", ".join("?" * (len(values) + 1))
            with contextlib.suppress(sqlite3.IntegrityError):  # a column without default is missing
                query = f"INSERT OR IGNORE INTO {shape.table} ({names}) VALUES ({places})"
                done = con.execute(query, (row.number, *values.values())).rowcount
                cut += done > 0 and not row.whole
    return cut


def _page_size(source: Path) -> int:
    """The size of pages with which most rows are found; the header is asked, not believed."""
    head = b""
    if source.exists():
        with source.open("rb") as file:
            head = file.read(18)
    said = int.from_bytes(head[16:18], "big") if len(head) == 18 else 0
    said = 65536 if said == 1 else said
    for sizes in (dict.fromkeys([PAGE_BYTES, *([said] if said in SIZES else [])]), SIZES):
        counts = {size: _count(source, size) for size in sizes}
        best = max(counts, key=lambda size: counts[size])
        if counts[best]:
            return best
    return PAGE_BYTES


def _count(source: Path, size: int) -> int:
    with Pages(source, size) as pages:
        return sum(1 for _ in pages.rows(_MARK, sure=True))


def _shapes(con: sqlite3.Connection) -> dict[Value, _Shape]:
    """The shape of each table by its tag, as the schema says."""
    shapes: dict[Value, _Shape] = {}
    tables = con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        _number, *columns = con.execute(f"PRAGMA table_info({table})").fetchall()
        if columns and columns[0][1] == "tag" and table != "about":
            tag = str(columns[0][4]).strip("'")
            kept = tuple((name, kind, not needed) for _, name, kind, needed, *_ in columns[1:])
            shapes[tag] = _Shape(table, kept)
    return shapes


# ---- putting it together again ------------------------------------------------------------


def _mend(con: sqlite3.Connection) -> list[str]:
    """Make the rows fit one another; what was missing, in words."""
    con.execute("DELETE FROM message WHERE conversation < 1")
    con.execute("DELETE FROM chunk WHERE message NOT IN (SELECT number FROM message)")
    texts = _adopt_parts(con)
    conversations = _adopt_messages(con) - bool(texts)
    parents = _mend_trees(con)
    con.execute("UPDATE conversation SET folder = NULL WHERE folder NOT IN (SELECT number FROM folder)")
    con.execute("UPDATE conversation SET place = NULL WHERE place NOT IN (SELECT number FROM message)")
    said = [
        (
            conversations,
            ntr("{count} conversation lost the title", "{count} conversations lost the title", conversations),
        ),
        (texts, ntr("{count} message lost its place", "{count} messages lost their place", texts)),
        (
            parents,
            ntr("{count} message lost what stood before", "{count} messages lost what stood before", parents),
        ),
    ]
    return [words for number, words in said if number]


def _adopt_parts(con: sqlite3.Connection) -> int:
    """Make messages for parts whose message is lost, all in one new conversation; how many."""
    query = (
        "SELECT message, max(kind = 'reasoning') FROM part "
        "WHERE message NOT IN (SELECT number FROM message) AND message > 0 GROUP BY message ORDER BY message"
    )
    lost = con.execute(query).fetchall()
    taken = "SELECT number AS n FROM conversation UNION SELECT conversation FROM message"
    home = con.execute(f"SELECT ifnull(max(n), 0) + 1 FROM ({taken})").fetchone()[0]
    before = None
    for number, thought in lost:
        role = "assistant" if thought else "user"
        con.execute(
            "INSERT INTO message (number, id, conversation, parent, role, mark, created, edited, deleted) "
            "VALUES (?, ?, ?, ?, ?, '', 0, 0, 0)",
            (number, new_id(), home, before, role),
        )
        before = number
    con.execute("DELETE FROM part WHERE message NOT IN (SELECT number FROM message)")
    return len(lost)


def _adopt_messages(con: sqlite3.Connection) -> int:
    """Make conversations for messages whose conversation is lost; how many."""
    lost = con.execute(
        "SELECT conversation, min(created), max(created) FROM message "
        "WHERE conversation NOT IN (SELECT number FROM conversation) GROUP BY conversation"
    ).fetchall()
    con.executemany(
        "INSERT INTO conversation (number, id, title, titled, created, updated, leaf) "
        "VALUES (?, ?, ?, 0, ?, ?, 0)",
        [(number, new_id(), tr(TITLE), first, last) for number, first, last in lost],
    )
    return len(lost)


def _mend_trees(con: sqlite3.Connection) -> int:
    """Let each parent be an earlier message of its conversation, and each leaf one of its messages."""
    changed = 0
    for number, leaf in con.execute("SELECT number, leaf FROM conversation").fetchall():
        query = "SELECT number, parent FROM message WHERE conversation = ? ORDER BY number"
        found: list[tuple[int, int | None]] = con.execute(query, (number,)).fetchall()
        mended = mend_parents(found)
        new = [(mended[one], one) for one, parent in found if mended[one] != parent]
        con.executemany("UPDATE message SET parent = ? WHERE number = ?", new)
        changed += len(new)
        if leaf is not None and leaf not in mended:
            last = found[-1][0] if found else None
            con.execute("UPDATE conversation SET leaf = ? WHERE number = ?", (last, number))
    return changed
