"""The QThread worker that reads documents, in the process of its reader."""

from __future__ import annotations

import queue
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.documents.client import DocumentReader
from app.documents.pages import choose, named, page_starts, parse_pages
from app.documents.values import Extracted, Progress
from app.errors import ReadingStopped, UserError
from app.language import tr

#: Progress is told no more often.
_PROGRESS_S = 0.1


@dataclass(frozen=True)
class ReadDocument:
    """Read a file or a folder. `ticket` is that of this attempt; all that is said of it has it too.

    `keep` says whether its text may be on the disk.
    """

    ticket: int
    path: str
    password: str = ""
    keep: bool = True


@dataclass(frozen=True)
class ChoosePages:
    """Take the text of some pages out of the text of all. Answered also while a document is read."""

    ticket: int
    text: str
    kind: str
    pages: str


@dataclass(frozen=True)
class DocumentProgress:
    ticket: int
    progress: Progress


@dataclass(frozen=True)
class DocumentRead:
    ticket: int
    document: Extracted


@dataclass(frozen=True)
class PagesChosen:
    """`pages` in one spelling ("1-20, 40"), "" for all of them."""

    ticket: int
    text: str
    pages: str


@dataclass(frozen=True)
class DocumentRefused:
    """A UserError's parts. kind "password": it opens with one; "reading_stopped": somebody cancelled."""

    ticket: int
    kind: str
    message: str
    hint: str = ""


class DocumentWorker(QObject):
    """Lives in its thread; what is to be read comes by queued signal, one after the other.

    `cancel`, `choose` and `stop` go past the queue, from any thread.

    Signals:
        told: DocumentProgress, DocumentRead, PagesChosen or DocumentRefused.
        kept_measured: bytes on the disk of what was read out of documents.
    """

    told = Signal(object)
    kept_measured = Signal(object)
    _asked = Signal()

    def __init__(self, reader: DocumentReader) -> None:
        super().__init__()
        self.setObjectName("document_worker")
        self._reader = reader
        self._cancelled: set[int] = set()
        self._choices: queue.SimpleQueue[ChoosePages] = queue.SimpleQueue()
        self._stopped = False
        self._asked.connect(self._on_asked, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def extract(self, wanted: ReadDocument) -> None:
        """Read it; `told` brings progress now and then, and one last word."""
        reports = _Reports(self, wanted.ticket)

        def cancelled() -> bool:
            self._on_asked()
            return self._is_over(wanted.ticket)

        try:
            if cancelled():
                raise ReadingStopped(tr("Reading was stopped."))
            found = self._reader.extract(
                Path(wanted.path), wanted.password, reports.on_progress, cancelled, keep=wanted.keep
            )
        except UserError as error:
            self._say(DocumentRefused(wanted.ticket, error.kind, error.message, error.hint))
        except Exception as error:  # a bug: the next document is read all the same
            traceback.print_exc()
            said = tr("It cannot be read: the app has a fault ({name}).", name=type(error).__name__)
            self._say(DocumentRefused(wanted.ticket, "bug", said))
        else:
            self._say(DocumentRead(wanted.ticket, found))
        self._cancelled.discard(wanted.ticket)

    @Slot()
    def measure_kept(self) -> None:
        """Say with kept_measured what the texts of documents take."""
        self.kept_measured.emit(self._reader.kept_bytes())

    @Slot()
    def delete_kept(self) -> None:
        """Delete what was read out of documents, but for what chats have of it; kept_measured follows."""
        self._reader.forget_kept()
        self.measure_kept()

    def choose(self, wanted: ChoosePages) -> None:
        """Choose pages; `told` brings PagesChosen, or DocumentRefused. From any thread."""
        self._choices.put(wanted)
        self._asked.emit()

    def cancel(self, ticket: int) -> None:
        """What is read under this ticket, or waits to be, ends within 0.1 s. From any thread."""
        self._cancelled.add(ticket)

    def stop(self) -> None:
        """The app closes: nothing is read any more. From any thread."""
        self._stopped = True

    def close(self) -> None:
        """End the reader's process. From any thread, once `stop` was called."""
        self._reader.close()

    def _is_over(self, ticket: int) -> bool:
        return self._stopped or ticket in self._cancelled

    def _say(self, what: object) -> None:
        if not self._stopped:
            self.told.emit(what)

    @Slot()
    def _on_asked(self) -> None:
        while not self._stopped:
            try:
                wanted = self._choices.get_nowait()
            except queue.Empty:
                return
            self._choose(wanted)

    def _choose(self, wanted: ChoosePages) -> None:
        try:
            count = len(page_starts(wanted.text, wanted.kind))
            text = choose(wanted.text, wanted.kind, wanted.pages)
            pages = parse_pages(wanted.pages, count)
        except UserError as error:
            self._say(DocumentRefused(wanted.ticket, error.kind, error.message, error.hint))
            return
        except Exception as error:  # a bug: what is read meanwhile is none of its business
            traceback.print_exc()
            said = tr("Pages cannot be chosen: the app has a fault ({name}).", name=type(error).__name__)
            self._say(DocumentRefused(wanted.ticket, "bug", said))
            return
        whole = len(pages) == count
        found = (wanted.text, "") if whole else (text, named(pages))
        self._say(PagesChosen(wanted.ticket, *found))


class _Reports:
    """Passes progress on, not more often than anybody can see."""

    def __init__(self, worker: DocumentWorker, ticket: int) -> None:
        self._worker, self._ticket, self._told = worker, ticket, 0.0

    def on_progress(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._told >= _PROGRESS_S:
            self._told = now
            self._worker._say(DocumentProgress(self._ticket, progress))
