"""The QThread worker that has conversations read from a file, in a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import ReadingStopped, UserError
from app.export.reading import Importer
from app.export.values import Progress, Skipped
from app.language import tr
from app.store.taking import Arrival

#: So many conversations may wait to be saved; more would only take memory.
_AHEAD = 4
_POLL_S = 0.05


@dataclass(frozen=True)
class ReadConversations:
    ticket: int
    path: str


@dataclass(frozen=True)
class ImportProgress:
    ticket: int
    progress: Progress


@dataclass(frozen=True)
class ImportFound:
    """A conversation that is to be saved; `taken` is to be called for each, once it is."""

    ticket: int
    arrival: Arrival


@dataclass(frozen=True)
class ImportSkipped:
    ticket: int
    skipped: Skipped


@dataclass(frozen=True)
class ImportEnded:
    """The end of the file, or why it was not reached; ReadingStopped where somebody cancelled."""

    ticket: int
    error: UserError | None = None


class ImportWorker(QObject):
    """Lives in its thread. `taken`, `cancel` and `stop` go past the queue, from any thread.

    Signals:
        told: ImportProgress, ImportFound, ImportSkipped, ImportEnded, in the file's order.
    """

    told = Signal(object)

    def __init__(self, command: Sequence[str] | None = None) -> None:
        super().__init__()
        self.setObjectName("import_worker")
        self._importer = Importer(command)
        self._room = threading.Semaphore(_AHEAD)
        self._cancelled_up_to = 0
        self._stopped = False

    @Slot(object)
    def read(self, wanted: ReadConversations) -> None:
        """Read a file to its end; ImportEnded comes last."""
        self._room = threading.Semaphore(_AHEAD)
        if wanted.ticket > self._cancelled_up_to:
            self._importer.resume()
        if self._stopped:  # seen behind `resume`, which takes a cancel back
            return
        try:
            self._read(wanted)
        except UserError as error:
            self.told.emit(ImportEnded(wanted.ticket, error))
        else:
            self.told.emit(ImportEnded(wanted.ticket))

    def taken(self) -> None:
        """A conversation is saved: there is room for another one. From any thread."""
        self._room.release()

    def cancel(self, up_to: int) -> None:
        """Break off what is read for tickets up to this one. From any thread."""
        self._cancelled_up_to = up_to
        self._importer.cancel()

    def stop(self) -> None:
        """The app closes. From any thread."""
        self._stopped = True
        self._importer.cancel()

    def _read(self, wanted: ReadConversations) -> None:
        def tell(progress: Progress) -> None:
            self.told.emit(ImportProgress(wanted.ticket, progress))

        for one in self._importer.conversations(Path(wanted.path), tell):
            if isinstance(one, Skipped):
                self.told.emit(ImportSkipped(wanted.ticket, one))
                continue
            while not self._room.acquire(timeout=_POLL_S):
                self._check(wanted.ticket)
            self._check(wanted.ticket)
            arrival = Arrival(one.conversation, one.created, one.updated, one.archived)
            self.told.emit(ImportFound(wanted.ticket, arrival))

    def _check(self, ticket: int) -> None:
        if self._stopped or ticket <= self._cancelled_up_to:
            raise ReadingStopped(tr("The import was cancelled."))
