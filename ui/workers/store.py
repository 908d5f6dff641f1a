"""The QThread worker that owns the store: everything that touches the database happens here."""

from __future__ import annotations

import contextlib
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import DamagedError, DiskFullError, StoreBusyError, StoreError, UserError
from app.language import mark, tr
from app.store.store import Store

Job = Callable[[Store], object]
_RETRY_MS = 2000
_SHARED_DAMAGE = mark("The saved conversations are damaged, and another window has them open.")
_NOWHERE = mark("Saved conversations cannot be read at present.")


@dataclass(frozen=True)
class StoreReply:
    """What became of a job. `error` None means that `result` counts."""

    ticket: int
    result: object = None
    error: UserError | None = None


class StoreWorker(QObject):
    """Lives in its thread; jobs come by queued signal and are carried out one after the other.

    A write that finds no room, or the database locked, stays in line and is tried again; the
    writes behind it wait, reads don't. `trouble` tells what stands in the way, None when it is gone.
    """

    opened = Signal(object)  # OpenReport; UserError where the data cannot be used at all
    replied = Signal(object)
    trouble = Signal(object)
    closed = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.setObjectName("store_worker")
        self._folder = folder
        self._store: Store | None = None
        self._broken = self._closed = False
        self._outbox: list[tuple[int, Job]] = []
        self._spare: tempfile.TemporaryDirectory[str] | None = None
        self._retry = QTimer(self)
        self._retry.setInterval(_RETRY_MS)
        self._retry.timeout.connect(self._on_retry)

    @Slot()
    def start(self) -> None:
        """Open the store; one in a temporary folder where that is impossible, so that the app works."""
        try:
            self._store = Store.open(self._folder)
        except UserError as error:
            self._fall_back(error)
        else:
            self.opened.emit(self._store.report)

    def _fall_back(self, error: UserError) -> None:
        """Go on without the folder: what is written is kept until the app is closed, if even that."""
        self._store = None
        with contextlib.suppress(UserError, OSError):
            self._spare = self._spare or tempfile.TemporaryDirectory(prefix="cascade-desk-")
            self._store = Store.open(Path(self._spare.name))
        self.opened.emit(error)

    @Slot(int, object, bool)
    def do(self, ticket: int, job: Job, writes: bool) -> None:
        """Carry out a job and reply; `writes` keeps its place among the other writes."""
        if self._closed:
            return  # nobody waits for a reply any more
        if self._store is None:  # `opened` has told that nothing is kept
            self.replied.emit(StoreReply(ticket, error=None if writes else StoreError(tr(_NOWHERE))))
            return
        if writes and self._outbox:
            self._outbox.append((ticket, job))
            return
        self._attempt(ticket, job, writes)

    def interrupt(self) -> None:
        """End the search that is under way. From any thread."""
        store = self._store
        if store is not None:
            store.interrupt()

    def hurry(self) -> None:
        """The app closes: give up what can wait. From any thread."""
        store = self._store
        if store is not None:
            store.interrupt()
            store.hurry()

    @Slot()
    def retry(self) -> None:
        """Try what waits again now."""
        self._on_retry()

    @Slot()
    def close(self) -> None:
        """Write what still can be written and close the database, then say `closed`."""
        self._closed = True
        with contextlib.ExitStack() as ending:  # whatever fails, the thread ends, and nobody waits in vain
            ending.callback(self.closed.emit)
            ending.callback(self._give_up)
            if self._store is not None:
                self._on_retry()
            store, self._store = self._store, None  # by now it may be another one, or none
            if store is not None:
                store.close()

    def _give_up(self) -> None:
        """What could not be written is lost, and so is what was kept in the folder's place."""
        self._retry.stop()
        self._outbox.clear()
        if self._spare is not None:
            self._spare.cleanup()

    def _attempt(self, ticket: int, job: Job, writes: bool) -> bool:
        """Try a job; False where it has to wait."""
        try:
            try:
                result = self._carry_out(job)
            except DamagedError:
                result = self._carry_out(job)
        except (DiskFullError, StoreBusyError) as error:
            if writes:
                self._wait((ticket, job), error)
                return False
            self.replied.emit(StoreReply(ticket, error=error))
        except UserError as error:
            self.replied.emit(StoreReply(ticket, error=error))
        except Exception as error:  # a bug: whoever waits is told, and the worker goes on
            traceback.print_exc()
            said = tr("This could not be done: the app has a fault ({name}).", name=type(error).__name__)
            self.replied.emit(StoreReply(ticket, error=StoreError(said)))
        else:
            self.replied.emit(StoreReply(ticket, result))
        return True

    def _carry_out(self, job: Job) -> object:
        if self._broken:
            self._reopen()
        if self._store is None:
            raise StoreError(tr(_NOWHERE))
        try:
            return job(self._store)
        except DamagedError:
            self._store.close()
            self._broken = True
            raise

    def _reopen(self) -> None:
        """The database is damaged: opening it again sets it aside and recovers what can be read."""
        try:
            self._store = Store.open(self._folder)
        except (DiskFullError, StoreBusyError):
            raise  # for want of room it stays broken, and what waits tries again
        except UserError as error:
            self._fall_back(error)
        else:
            self._repaired()
        self._broken = False

    def _repaired(self) -> None:
        """Tell of it; what is damaged and shared only its owner can repair: trying again is no use."""
        assert self._store is not None
        report = self._store.report
        if report.shared and not report.recovered:
            self._store.close()
            self._fall_back(
                StoreError(tr(_SHARED_DAMAGE), tr("Close both windows and start again to repair them."))
            )
        else:
            self.opened.emit(report)

    def _wait(self, entry: tuple[int, Job], error: UserError) -> None:
        self._outbox.append(entry)
        if not self._retry.isActive():
            self._retry.start()
            self.trouble.emit(error)

    @Slot()
    def _on_retry(self) -> None:
        waiting, self._outbox = self._outbox, []
        for at, (ticket, job) in enumerate(waiting):
            if not self._attempt(ticket, job, writes=True):
                self._outbox += waiting[at + 1 :]
                return
        if self._retry.isActive():
            self._retry.stop()
            self.trouble.emit(None)
