"""Brings what was committed to the disk, behind the back of whoever writes.

A commit is in the system's hands when it returns, so that killing this process loses nothing.
Only a power cut could; against that the log is synced within a second, on a thread of its own:
on a busy disk a sync takes longer than a stream may wait.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from pathlib import Path

from app.store.database import connect

#: So much may be lost in a power cut.
INTERVAL_S = 1.0
#: Where SQLite itself would copy the log into the database: 1,000 pages.
_LOG_BYTES = 4 * 1024 * 1024


class Syncer(threading.Thread):
    """Syncs the log of one database and copies it over when it has grown. Stop it with `stop`."""

    def __init__(self, path: Path) -> None:
        super().__init__(name="store-sync", daemon=True)
        self._path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._changed, self._ended = threading.Event(), threading.Event()

    def changed(self) -> None:
        """Something was committed. From any thread."""
        self._changed.set()

    def stop(self) -> None:
        """End it; returns when it has."""
        self._ended.set()
        self._changed.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        while not self._ended.is_set():
            self._changed.wait()
            self._changed.clear()
            # What cannot be synced or copied now (a full disk, a repair) is tried again later;
            # damage is found by whoever reads.
            with contextlib.suppress(OSError, sqlite3.Error):
                self._sync()
            self._ended.wait(INTERVAL_S)

    def _sync(self) -> None:
        with self._log.open("r+b") as log:
            os.fsync(log.fileno())
            grown = os.fstat(log.fileno()).st_size > _LOG_BYTES
        if grown:
            with contextlib.closing(connect(self._path)) as con:
                con.execute("PRAGMA wal_checkpoint(PASSIVE)")
