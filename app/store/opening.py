"""Opening the database: whose it is, whether it is sound, what was left behind.

One process holds the lock beside the database and does all that may be done once only:
migrations, recovery, finishing streams that were broken off. Others open it as shared.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import DamagedError, StoreError
from app.language import tr
from app.store import conversations, migrations, recovery, search
from app.store.database import BUSY_S, NAME, PAGE_BYTES, connect, is_damage, prepare, transaction, translated
from app.store.log import read_log

LOCK = "conversations.lock"
#: Beside the database while its owner has reason to doubt it.
SUSPECT = "conversations.suspect"
#: From this size on a check must not hold up the start.
LARGE_BYTES = 64 * 1024 * 1024
SHORT_CHECK_S = 0.3
#: After a close that was not clean; the window waits for it, and what it misses is found when it is read.
LONG_CHECK_S = 2.0
_POLL_S = 0.05


@dataclass(frozen=True)
class OpenReport:
    """How the store was opened.

    Attributes:
        recovered: whether the file was damaged and is a new one now.
        set_aside: the folder with the damaged files.
        lost: what could not be brought back, in words; empty where nothing is known to be lost.
        read_only: whether nothing can be written.
        shared: whether another process has it open.
        messages: how many messages were brought back from a damaged file.
    """

    recovered: bool = False
    set_aside: Path | None = None
    lost: str = ""
    read_only: bool = False
    shared: bool = False
    messages: int = 0


@dataclass
class Opened:
    """A connection with all that is to be given back when it closes."""

    con: sqlite3.Connection
    path: Path
    report: OpenReport
    lock: FileLock | None = None
    copy: contextlib.ExitStack | None = None

    def close(self) -> None:
        try:
            self.con.close()
        finally:
            if self.lock is not None:
                self.lock.release()
            if self.copy is not None:
                self.copy.close()


def open_database(folder: Path) -> Opened:
    """Open or make the database in a folder; raises UserError."""
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not folder.is_dir():
        raise StoreError(
            tr("The folder for conversations could not be made: {folder}", folder=folder),
            tr("Is the disk read-only?"),
        )
    if not writable(folder):
        return _open_read_only(folder)
    lock = FileLock(folder / LOCK, timeout=0, mode=0o600, thread_local=False)
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            lock.acquire()
        except Timeout:
            if (opened := _open_shared(folder, wait=time.monotonic() < deadline)) is not None:
                return opened
            time.sleep(_POLL_S)
            continue
        except PermissionError:
            return _open_read_only(folder)
        except OSError as error:
            if error.errno == errno.EROFS:
                return _open_read_only(folder)
            with translated():
                raise
        try:
            with translated():
                return _open_owned(folder, lock)
        except BaseException:
            lock.release()
            raise


def writable(folder: Path) -> bool:
    """Whether the folder and the database in it can be written."""
    path = folder / NAME
    return os.access(folder, os.W_OK | os.X_OK) and (not path.exists() or os.access(path, os.W_OK))


def _open_owned(folder: Path, lock: FileLock) -> Opened:
    path = folder / NAME
    report = OpenReport()
    recovery.finish_earlier(folder)
    doubtful = _was_open(path) or (folder / SUSPECT).exists()
    try:
        con = _checked(path, doubtful)
    except (sqlite3.Error, DamagedError, UnicodeDecodeError) as error:
        if not (is_damage(error) or _is_unreadable(error)):
            raise
        done = recovery.recover(folder)
        report = OpenReport(True, done.set_aside, done.lost, messages=done.messages)
        con = _checked(path, False)
    try:
        migrations.migrate(con, path)
        with transaction(con):
            conversations.finish_interrupted(con)
    except BaseException:
        con.close()
        raise
    (folder / SUSPECT).unlink(missing_ok=True)
    return Opened(con, path, report, lock)


def _is_unreadable(error: BaseException) -> bool:
    """Whether SQLite stumbles over what it reads: a schema that is none, a version it can't write."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_SCHEMA,
        sqlite3.SQLITE_FORMAT,
    )


def _was_open(path: Path) -> bool:
    """Whether the last close was not clean: the last to close clears the log away."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _checked(path: Path, doubtful: bool) -> sqlite3.Connection:
    """A connection to a database that is sound or empty."""
    _look_at_header(path)
    _look_at_log(path)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with contextlib.suppress(OSError):
        path.chmod(0o600)
    con = connect(path)
    try:
        prepare(con)
        if version := migrations.version_of(con):
            sound = _check(con, path, doubtful)
            if not migrations.schema_is_ours(con, version):
                raise DamagedError(tr("The saved conversations are damaged."))
            with transaction(con):  # fails where the header forbids to write
                if version == migrations.latest() and not (sound and search.is_sound(con, doubtful)):
                    search.rebuild(con)
    except BaseException:
        con.close()
        raise
    return con


def _look_at_header(path: Path) -> None:
    """What must be known before SQLite opens a file, since that may already change it."""
    head = b""
    if path.exists():
        with path.open("rb") as file:
            head = file.read(100)
    if not head:
        if _was_open(path):  # SQLite would throw the log away
            raise DamagedError(tr("The saved conversations are damaged."))
        return
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0") or not {head[18], head[19]} <= {1, 2}:
        raise DamagedError(tr("The saved conversations are damaged."))
    if int.from_bytes(head[60:64], "big") > migrations.latest():
        with contextlib.closing(connect(path, "ro")) as con:
            migrations.version_of(con)


def _look_at_log(path: Path) -> None:
    """Find commits in the log that SQLite would forget, because there is damage before them."""
    if not _was_open(path) or path.with_name(path.name + "-wal").stat().st_size > LARGE_BYTES:
        return
    for last in (False, True):
        if not read_log(path.with_name(path.name + "-wal").read_bytes(), PAGE_BYTES).damaged:
            return
        if not last:  # another process may just have been writing
            time.sleep(_POLL_S)
    raise DamagedError(tr("The saved conversations are damaged."))


def _check(con: sqlite3.Connection, path: Path, doubtful: bool) -> bool:
    """Let SQLite look over the file: all of it, or for a while where it is large.

    A quick_check would not do: it passes over an index that hides rows. Returns whether the index of the
    search is sound too, as far as this version of SQLite looks at it; DamagedError for other damage.
    """
    timer = threading.Timer(LONG_CHECK_S if doubtful else SHORT_CHECK_S, con.interrupt)
    if path.stat().st_size >= LARGE_BYTES:
        timer.start()
    try:
        found = [str(row[0]) for row in con.execute("PRAGMA integrity_check")]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        found = []
    finally:
        timer.cancel()
        if timer.ident is not None:
            timer.join()
    said = [line for line in found if line not in ("ok", "interrupted")]
    if any("fts5" not in line.lower() for line in said):
        raise DamagedError(tr("The saved conversations are damaged."))
    return not said


def _open_shared(folder: Path, wait: bool) -> Opened | None:
    """Open what another process takes care of; None while its schema is not there yet."""
    path = folder / NAME
    con: sqlite3.Connection | None = None
    try:
        with translated():
            con = connect(path)
            if migrations.version_of(con) == migrations.latest():
                prepare(con)
                return Opened(con, path, OpenReport(shared=True))
            con.close()
    except (StoreError, sqlite3.Error) as error:
        if con is not None:
            con.close()
        told_newer = isinstance(error, StoreError) and not isinstance(error, DamagedError) and con is not None
        if not wait or told_newer:
            raise
    if not wait:
        raise StoreError(
            tr("The saved conversations are in use by another program that has not made them ready yet."),
            tr("Wait a moment and try again."),
        )
    return None


def _open_read_only(folder: Path) -> Opened:
    path = folder / NAME
    if not path.exists():
        raise StoreError(
            tr("Conversations cannot be saved, because this folder is read-only: {folder}", folder=folder),
            tr("Allow writing in it or choose another folder."),
        )
    with contextlib.ExitStack() as stack:
        try:
            with translated():
                copy = None
                if _was_open(path):  # what is in the log only can be read in a copy alone
                    copy = stack.enter_context(tempfile.TemporaryDirectory())
                con = stack.enter_context(contextlib.closing(_connect_to_read(path, copy)))
                version = migrations.version_of(con)
                con.execute("PRAGMA query_only = ON")
        except DamagedError as error:
            raise StoreError(
                tr("The saved conversations are damaged, and their folder is read-only."),
                tr("Allow writing in it, so that they can be repaired."),
            ) from error
        if version != migrations.latest():
            raise StoreError(
                tr("The saved conversations are of an older version, and their folder is read-only."),
                tr("Allow writing in it once."),
            )
        return Opened(con, path, OpenReport(read_only=True), copy=stack.pop_all())


def _connect_to_read(path: Path, copy: str | None) -> sqlite3.Connection:
    if copy is None:
        return connect(path, "ro&immutable=1")
    for name in (path.name, f"{path.name}-wal"):
        shutil.copyfile(path.with_name(name), Path(copy) / name)
    return connect(Path(copy) / path.name)
