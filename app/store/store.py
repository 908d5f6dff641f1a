"""The store of conversations."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from app.chat.conversation import ChatSettings, Conversation, new_id
from app.chat.library import Entry, Folder, Hit, KeptDocument, Place, Saved
from app.chat.parts import Message
from app.errors import DamagedError, StoreError
from app.language import tr
from app.store import attached, conversations, migrations, reading, search, taking
from app.store.belongings import Belongings
from app.store.database import connect, is_damage, is_index_damage, transaction, translated
from app.store.opening import SUSPECT, Opened, OpenReport, open_database
from app.store.reading import conversation_number, message_number
from app.store.rows import clean, place_value
from app.store.syncing import Syncer
from app.store.taking import Arrival, Outcome


class Store(Belongings):
    """Conversations, personas, snippets and the window's state in one database.

    Used from the thread that opened it, save `interrupt`. A method that writes has written when it
    returns; when it raises a UserError nothing was changed. After a DamagedError the store is closed:
    open it again, which repairs the file.

    Attributes:
        report: how it was opened.
    """

    def __init__(self, opened: Opened) -> None:
        self.report: OpenReport = opened.report
        self._opened: Opened | None = opened
        self._searching: sqlite3.Connection | None = None
        self._search_number = 0
        self._vacuuming: sqlite3.Connection | None = None
        self._syncer = None if self.report.read_only else Syncer(opened.path)
        if self._syncer is not None:
            self._syncer.start()

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open the database in `folder`, or make one; a damaged one is repaired.

        Raises:
            StoreError: a newer program wrote it, or it cannot be read at all.
            DiskFullError: there is no room to make or repair it.
        """
        return cls(open_database(folder))

    def close(self) -> None:
        """Give the database back; a second time does nothing."""
        syncer, self._syncer = self._syncer, None
        if syncer is not None:
            syncer.stop()
        searching, self._searching = self._searching, None
        opened, self._opened = self._opened, None
        if searching is not None:
            searching.close()
        if opened is not None:
            opened.close()

    # ---- library --------------------------------------------------------------------------

    def entries(self) -> list[Entry]:
        """Conversations that are not deleted, archived ones too, the last changed first."""
        with self._reading() as con:
            return reading.entries(con, deleted=False)

    def deleted(self) -> list[Entry]:
        """Conversations that are deleted and can be restored."""
        with self._reading() as con:
            return reading.entries(con, deleted=True)

    def folders(self) -> list[Folder]:
        """The folders by name."""
        with self._reading() as con:
            found = con.execute("SELECT id, name FROM folder ORDER BY name COLLATE NOCASE, number")
            return [Folder(*row) for row in found]

    def add_folder(self, name: str) -> Folder:
        folder = Folder(new_id(), clean(name))
        with self._writing() as con:
            con.execute("INSERT INTO folder (id, name) VALUES (?, ?)", (folder.id, folder.name))
        return folder

    def rename_folder(self, id: str, name: str) -> None:
        with self._writing() as con:
            con.execute("UPDATE folder SET name = ? WHERE id = ?", (clean(name), id))

    def remove_folder(self, id: str) -> None:
        """Remove a folder; what was in it is in none."""
        with self._writing() as con:
            con.execute("DELETE FROM folder WHERE id = ?", (id,))

    def create(self, conversation: Conversation) -> Entry:
        """Save a new conversation with every message that it has."""
        with self._writing() as con:
            return conversations.create(con, conversation)

    def ensure(self, conversation: Conversation) -> None:
        """Save what of a conversation is not there, as after a repair that lost some of it."""
        with self._writing() as con:
            conversations.ensure(con, conversation)

    def load(self, conversation_id: str, breathe: Callable[[], None] = lambda: None) -> Saved:
        """A conversation with all its branches; StoreError where it is not saved. `breathe` is called all
        along: it may let others go first, or end the reading by what it raises."""
        with self._reading() as con:
            return reading.load(con, conversation_id, breathe)

    def load_end(self, conversation_id: str) -> Saved | None:
        """The end of a long conversation, to look at until all of it is there; None for a shorter one."""
        with self._reading() as con:
            return reading.load_end(con, conversation_id)

    def rename(self, conversation_id: str, title: str, titled: bool) -> None:
        """Give a title; `titled` says that a person gave it."""
        with self._writing() as con:
            conversations.rename(con, conversation_id, title, titled)

    def set_pinned(self, ids: Sequence[str], pinned: bool) -> None:
        self._set(ids, "pinned", pinned)

    def set_archived(self, ids: Sequence[str], archived: bool) -> None:
        self._set(ids, "archived", archived)

    def move(self, ids: Sequence[str], folder_id: str) -> None:
        """Put conversations into a folder, into none where the id is empty."""
        with self._writing() as con:
            number = reading.number_of(con, "folder", folder_id) if folder_id else None
            con.executemany("UPDATE conversation SET folder = ? WHERE id = ?", [(number, one) for one in ids])

    def delete(self, ids: Sequence[str]) -> None:
        """Take conversations out of the library; they can be restored until they are purged."""
        self._set(ids, "deleted", time.time())

    def restore(self, ids: Sequence[str]) -> None:
        self._set(ids, "deleted", None)

    def purge(self, before: float) -> int:
        """Really remove what was deleted before a time; how many conversations that were.

        Backups from before that time are removed too, since they may still have it. When anything was
        removed the whole file is written anew, which takes seconds for hundreds of megabytes.

        A store that is shared leaves this to the other process.
        """
        if self.report.shared:
            return 0
        with self._writing() as con:
            count = conversations.purge(con, before)
        with self._guarded():
            migrations.remove_backups(self._open().path, before)
        if count:
            self._wipe()
        return count

    def _wipe(self) -> None:
        """Write the file anew. SQLite zeroes what it frees, but not what it left behind in a page whose
        rows it moved to another one; and the log still has all of it."""
        with self._reading() as con:
            try:
                self._vacuuming = con
                con.execute("VACUUM")
            except sqlite3.OperationalError as error:
                # Without the room for it, or while another process reads, the rows are gone all the same.
                if is_damage(error):
                    raise
            finally:
                self._vacuuming = None
            con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def hurry(self) -> None:
        """Give up writing the file anew, which can wait. From any thread."""
        vacuuming = self._vacuuming
        if vacuuming is not None:
            with contextlib.suppress(sqlite3.ProgrammingError):
                vacuuming.interrupt()

    def take_in(self, arrival: Arrival) -> Outcome:
        """Save a conversation from a file, or what is missing of it; see app.store.taking."""
        with self._writing() as con:
            return taking.take_in(con, arrival)

    def duplicate(self, conversation_id: str) -> Entry:
        """Save a conversation once more, with all its branches."""
        with self._writing() as con:
            return conversations.duplicate(con, conversation_id)

    # ---- messages -------------------------------------------------------------------------

    def add_message(self, conversation_id: str, message: Message, parent: str | None) -> None:
        """Save a message behind its parent and make it the leaf."""
        with self._writing() as con:
            conversations.add_message(con, conversation_id, message, parent)

    def append(self, message_id: str, channel: str, text: str) -> None:
        """Save a piece of a stream; channel "answer" or "reasoning"."""
        with self._writing() as con:
            conversations.append(con, message_id, channel, text)

    def finish(self, message: Message) -> None:
        """Save a message as it is now, in the place of what was saved of it."""
        with self._writing() as con:
            conversations.finish(con, message)

    def set_leaf(self, conversation_id: str, leaf: str | None) -> None:
        with self._writing() as con:
            number = None if leaf is None else message_number(con, leaf)
            self._update(con, conversation_id, "leaf = ?", number)

    def set_message_deleted(self, message_id: str, deleted: bool) -> None:
        with self._writing() as con:
            number = message_number(con, message_id)
            con.execute("UPDATE message SET deleted = ? WHERE number = ?", (deleted, number))

    def set_thought_open(self, message_id: str, opened: bool) -> None:
        """Keep whether the reader opened the message's thought."""
        with self._writing() as con:
            number = message_number(con, message_id)
            con.execute("UPDATE message SET opened = ? WHERE number = ?", (opened, number))

    def set_draft(self, conversation_id: str, text: str) -> None:
        """Keep what was written and not sent; the draft of a new chat has the id ""."""
        with self._writing() as con:
            conversations.set_draft(con, conversation_id, text)

    def draft(self, conversation_id: str) -> str:
        with self._reading() as con:
            return reading.draft(con, conversation_id)

    def keep_attached(self, conversation_id: str, kept: Sequence[KeptDocument]) -> None:
        """Keep the documents that wait for a question, in place of those before; a new chat has the id ""."""
        with self._writing() as con:
            attached.keep(con, conversation_id, kept)

    def attached(self, conversation_id: str) -> tuple[KeptDocument, ...]:
        with self._reading() as con:
            return attached.load(con, conversation_id)

    def set_place(self, conversation_id: str, place: Place | None) -> None:
        """Keep where the reader was."""
        with self._writing() as con:
            number = None if place is None else message_number(con, place.message_id)
            offset = 0 if place is None else place_value(place)
            self._update(con, conversation_id, "place = ?, place_offset = ?", number, offset)

    def set_settings(self, conversation_id: str, settings: ChatSettings, persona_id: str) -> None:
        with self._writing() as con:
            conversations.set_settings(con, conversation_id, settings, persona_id)

    # ---- search ---------------------------------------------------------------------------

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Titles and messages that have all words of the query, the last word as a beginning.

        An interrupted search gives what it had found.
        """
        hits: list[Hit] = []
        with self._guarded():
            try:
                self._search(text, limit, hits)
                return hits
            except sqlite3.DatabaseError as error:
                if not is_index_damage(error):
                    raise
        if self.report.read_only:
            return []
        with self._writing() as con:
            search.rebuild(con)
        hits = []
        with self._guarded():
            self._search(text, limit, hits)
        return hits

    def _search(self, text: str, limit: int, hits: list[Hit]) -> None:
        con = self._search_connection()
        number = self._search_number
        try:
            for hit in search.search(con, text, limit):
                hits.append(hit)
                if number != self._search_number:
                    break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise

    def interrupt(self) -> None:
        """End the search that runs now, if any. From any thread."""
        self._search_number += 1
        searching = self._searching
        if searching is not None:
            with contextlib.suppress(sqlite3.ProgrammingError):  # it was closed just now
                searching.interrupt()

    def _search_connection(self) -> sqlite3.Connection:
        """A connection of its own, so that interrupting a search never meets a write."""
        opened = self._open()
        if self.report.read_only:
            return opened.con
        if self._searching is None:
            self._searching = connect(opened.path)
            self._searching.execute("PRAGMA query_only = ON")
        return self._searching

    # ---- the connection -------------------------------------------------------------------

    def _set(self, ids: Sequence[str], column: str, value: object) -> None:
        with self._writing() as con:
            con.executemany(
                f"UPDATE conversation SET {column} = ? WHERE id = ?", [(value, one) for one in ids]
            )

    def _update(self, con: sqlite3.Connection, identity: str, what: str, *values: object) -> None:
        number = conversation_number(con, identity)
        con.execute(f"UPDATE conversation SET {what} WHERE number = ?", (*values, number))

    def _open(self) -> Opened:
        if self._opened is None:
            raise StoreError(tr("The saved conversations are closed."), tr("Start the program again."))
        return self._opened

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Errors in a person's words; on damage the store closes, so that it can be opened anew."""
        try:
            with translated():
                yield
        except DamagedError:
            self._give_up()
            raise

    def _give_up(self) -> None:
        if self._opened is not None:
            with contextlib.suppress(OSError):
                self._opened.path.with_name(SUSPECT).touch(mode=0o600)
        with contextlib.suppress(sqlite3.Error, OSError):
            self.close()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        opened = self._open()
        with self._guarded():
            yield opened.con

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        opened = self._open()
        if self.report.read_only:
            raise StoreError(
                tr("The saved conversations cannot be changed."), tr("Their folder is read-only.")
            )
        with self._guarded(), transaction(opened.con):
            yield opened.con
            search.flush(opened.con)
        if self._syncer is not None:
            self._syncer.changed()
