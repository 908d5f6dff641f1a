"""What a person imports: conversations from a file into the library, and how it went. GUI thread."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import ReadingStopped, UserError
from app.export.values import Skipped
from app.language import mark, ntr, tr
from app.store.taking import Arrival
from ui.control.library import LibraryControl
from ui.control.store import StoreClient
from ui.control.undo import Undo
from ui.notices import Level, Notice
from ui.words import shortened
from ui.workers.importing import (
    ImportEnded,
    ImportFound,
    ImportProgress,
    ImportSkipped,
    ImportWorker,
    ReadConversations,
)

CANCEL = "import_cancel"
_KEY, _UNDER_WAY = "import", "import_runs"
_SHOWN = 60
_MOST_DETAILS = 100
_READ_ONLY = mark("Nothing can be imported: the saved conversations can only be read here.")


@dataclass
class _Run:
    ticket: int
    name: str
    outcomes: Counter[str] = field(default_factory=Counter)
    new: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    waiting: int = 0
    ended: bool = False
    error: UserError | None = None


class ImportControl(QObject):
    """Between the menu, the worker and the store. Each conversation is saved whole or not at all.

    Signals:
        wanted: ReadConversations, for the worker.
    """

    wanted = Signal(object)
    notice = Signal(object)
    notice_gone = Signal(str)

    def __init__(
        self,
        store: StoreClient,
        library: LibraryControl,
        undo: Undo,
        worker: ImportWorker,
    ) -> None:
        super().__init__(library)
        self.setObjectName("import_control")
        self._store, self._library, self._undo = store, library, undo
        self._worker = worker
        self._tickets = itertools.count(1)
        self._run: _Run | None = None

    @property
    def busy(self) -> bool:
        return self._run is not None

    @Slot(str)
    def read(self, path: str) -> None:
        """Import a file; one at a time."""
        if self._run is not None:
            self.notice.emit(
                Notice(_KEY, tr("Another file is still being imported. Wait for it, or stop it."))
            )
            return
        if self._store.read_only:
            self.notice.emit(Notice(_KEY, tr(_READ_ONLY), "warning"))
            return
        self._run = _Run(next(self._tickets), shortened(Path(path).name, _SHOWN))
        self.notice_gone.emit(_KEY)
        self._tell_progress("")
        self.wanted.emit(ReadConversations(self._run.ticket, path))

    @Slot(str)
    def act(self, action: str) -> None:
        """The button of the notice."""
        if action == CANCEL and self._run is not None:
            self._worker.cancel(self._run.ticket)

    @Slot(object)
    def on_told(self, told: ImportProgress | ImportFound | ImportSkipped | ImportEnded) -> None:
        run = self._run
        if run is None or told.ticket != run.ticket:
            return
        if isinstance(told, ImportProgress):
            total = told.progress.total
            share = tr("{percent} % read", percent=100 * told.progress.done // total) if total else ""
            self._tell_progress(share)
        elif isinstance(told, ImportFound):
            self._save(run, told.arrival)
        elif isinstance(told, ImportSkipped):
            run.skipped.append(told.skipped)
        else:
            run.ended, run.error = True, told.error
            self._finish_when_saved()

    def _save(self, run: _Run, arrival: Arrival) -> None:
        run.waiting += 1
        self._store.write(
            lambda store: _taken_in(store, arrival),
            lambda outcome: self._on_saved(run, arrival, outcome),
        )

    def _on_saved(self, run: _Run, arrival: Arrival, outcome: str) -> None:
        self._worker.taken()
        run.waiting -= 1
        if outcome in ("new", "there", "grown", "restored"):
            run.outcomes[outcome] += 1
            if outcome == "new":
                run.new.append(arrival.conversation.id)
        else:
            run.skipped.append(Skipped(arrival.conversation.title, outcome or tr("It cannot be saved.")))
        if outcome != "there":
            self._library.changed()
            self._library.grown(arrival.conversation.id)
        self._finish_when_saved()

    def _finish_when_saved(self) -> None:
        run = self._run
        if run is None or not run.ended or run.waiting:
            return
        self._run = None
        self.notice_gone.emit(_UNDER_WAY)
        self._library.changed()
        self._tell_end(run)

    def _tell_progress(self, share: str) -> None:
        run = self._run
        assert run is not None
        count = sum(run.outcomes.values())
        so_far = ntr("{count} conversation so far", "{count} conversations so far", count) if count else ""
        measures = ", ".join(part for part in (share, so_far) if part)
        if measures:
            text = tr("Importing {name}: {measures}…", name=run.name, measures=measures)
        else:
            text = tr("Importing {name}…", name=run.name)
        self.notice.emit(Notice(_UNDER_WAY, text, "info", CANCEL, tr("Stop")))

    def _tell_end(self, run: _Run) -> None:
        text = _summary(run)
        several = len(run.skipped) > 1  # one is told in the text
        details = "\n".join(_skipped(one) for one in run.skipped[:_MOST_DETAILS]) if several else ""
        failed = run.error is not None and not isinstance(run.error, ReadingStopped)
        level: Level = (
            "error" if failed and not run.outcomes else "warning" if failed or run.skipped else "info"
        )
        new = run.new
        if new:  # one notice: what came in, what did not, and the way back
            self._undo.offer(text, lambda: self._library.delete(new), level, details)
        else:
            self.notice.emit(Notice(_KEY, text, level, details=details))


def _taken_in(store: object, arrival: Arrival) -> str:
    """On the store's thread: what became of it, or the words of why it cannot be saved."""
    from app.errors import DamagedError, DiskFullError, StoreBusyError
    from app.store.store import Store

    assert isinstance(store, Store)
    try:
        return store.take_in(arrival)
    except (DiskFullError, StoreBusyError, DamagedError):
        raise  # it waits in line, or the store is repaired, and it is tried again
    except UserError as error:
        return str(error)


def _summary(run: _Run) -> str:
    """One or more sentences: what came in, what was there, what could not be read."""
    said = []
    counts = run.outcomes
    if not (counts or run.skipped or run.error):
        return tr("There is no conversation in {name}.", name=run.name)
    if counts["new"] or not (counts or run.error):
        said.append(ntr("Imported {count} conversation", "Imported {count} conversations", counts["new"]))
    said += _known_already(counts)
    if len(run.skipped) == 1:
        reason = _skipped(run.skipped[0]).rstrip(".")
        said.append(tr("1 could not be read: {reason}", reason=reason))
    elif run.skipped:
        said.append(ntr("{count} could not be read", "{count} could not be read", len(run.skipped)))
    text = f"{', '.join(said)}." if said else ""
    if isinstance(run.error, ReadingStopped):
        return tr("The import was stopped. {counts}", counts=text).strip()
    if run.error is None:
        return text
    return f"{run.name}: {run.error} {text if counts else ''}".strip()


def _known_already(counts: Counter[str]) -> list[str]:
    """What became of conversations that had been here before."""
    grown, restored, there = counts["grown"], counts["restored"], counts["there"]
    said = [
        ntr("{count} conversation got new messages", "{count} conversations got new messages", grown),
        ntr(
            "{count} conversation came back from those deleted",
            "{count} conversations came back from those deleted",
            restored,
        ),
        ntr("{count} conversation was there already", "{count} conversations were there already", there),
    ]
    return [words for words, number in zip(said, (grown, restored, there), strict=True) if number]


def _skipped(one: Skipped) -> str:
    return f"“{shortened(one.title, _SHOWN)}”: {one.reason}" if one.title else one.reason
