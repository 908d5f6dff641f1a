"""Takes one download through all its files, with waits and repeated attempts in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.errors import NetworkError
from app.models.download_entry import Entry, State
from app.models.listing import HubFile
from app.models.pacing import Retry
from app.models.partial import kept_bytes
from app.models.room import check_room

if TYPE_CHECKING:
    from app.models.hub import Hub
    from app.models.transfer import Progress, Transfer

#: From so many bytes on an attempt has brought something, and failures are counted anew.
_WORTH_BYTES = 64 * 1024


class Board(Protocol):
    """Where a worker writes down how it goes. Any thread."""

    def change(self, entry: Entry, **values: object) -> None:
        """Set attributes of the entry and tell; `state` only where nobody has commanded another."""

    def progress(self, entry: Entry, state: State, current: int) -> None:
        """Bytes of the current file; told now and then."""


class Worker:
    """Runs downloads, one after the other. One thread each; the objects it is given are shared.

    Args:
        folder: of all models.
        make_hub: the hub as the settings are now; may raise HubError.
        free: free bytes at a folder.
        promised: bytes that other downloads, that run too, have still to fetch.
    """

    def __init__(
        self,
        board: Board,
        *,
        folder: Path,
        make_hub: Callable[[], Hub],
        retry: Retry,
        free: Callable[[Path], int],
        promised: Callable[[Entry], int],
    ) -> None:
        self._board, self._folder, self._make_hub = board, folder, make_hub
        self._retry, self._free, self._promised = retry, free, promised

    def run(self, entry: Entry) -> bool:
        """Fetch all that is missing; False if it was stopped. Raises UserError."""
        # Here, on the worker's thread: the libraries below take their time to be imported.
        from app.models.transfer import RemoteFile, Transfer

        download = entry.download
        self._board.change(entry, finished=0, current=0, error=None, retry_at=None)
        self._check_room(entry)
        for file in download.files:
            remote = RemoteFile(download.repo, download.revision, file)
            target = download.target(self._folder, file)
            there = target.exists()
            with Transfer(remote, target, self._free) as transfer:
                if not self._fetch(entry, transfer):
                    return False
            fetched = entry.fetched if there else (*entry.fetched, file.path)
            finished = entry.finished + file.size
            self._board.change(entry, finished=finished, current=0, fetched=fetched)
        return True

    def _fetch(self, entry: Entry, transfer: Transfer) -> bool:
        """Attempts until the file is there (True) or it was stopped (False)."""
        failures, best = 0, 0

        def progress(now: Progress) -> None:
            state = State.VERIFYING if now.verifying else State.RUNNING
            self._board.progress(entry, state, now.done)

        while not entry.stop.is_set():
            try:
                return transfer.attempt(self._make_hub(), entry.stop, progress)
            except NetworkError as error:
                failures = 1 if entry.current >= best + _WORTH_BYTES else failures + 1
                best = max(best, entry.current)
                delay = self._retry.delay_s(failures, error)
                if delay is None:
                    raise
                retry_at = time.monotonic() + delay
                self._board.change(entry, state=State.WAITING, error=error, retry_at=retry_at)
                entry.stop.wait(delay)
                self._board.change(entry, state=State.RUNNING, error=None, retry_at=None)
        return False

    def _check_room(self, entry: Entry) -> None:
        """Raise DiskFullError before anything is fetched that will not fit."""
        missing = sum(self._missing(entry, file) for file in entry.download.files)
        check_room(missing + self._promised(entry), self._free(self._folder))

    def _missing(self, entry: Entry, file: HubFile) -> int:
        target = entry.download.target(self._folder, file)
        return 0 if target.exists() else max(0, file.size - kept_bytes(target))
