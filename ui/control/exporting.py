"""What a person exports: which conversations, where to, and how it went. GUI thread."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.chat.conversation import Conversation
from app.chat.exchange import as_now
from app.chat.library import Entry
from app.errors import ReadingStopped
from app.export.values import Options
from app.language import ntr, tr
from ui.control.chat import ChatControl
from ui.control.library import LibraryControl
from ui.control.store import StoreClient
from ui.dialogs.export_offer import Offer
from ui.notices import Level, Notice
from ui.words import shortened
from ui.workers.exporting import ExportFinished, ExportProgress, WriteConversation, file_stem

OPEN_FOLDER = "export_folder:"
_KEY = "export"
_SHOWN = 60
_MOST_FAILURES = 50


@dataclass
class _Run:
    """An export that is under way; `ids` are still to be written."""

    ids: list[str]
    target: str
    options: Options
    count: int
    folder: bool
    conversation: Conversation | None = None
    written: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ticket: int = 0
    ended: bool = False
    reading: bool = False  # the store has not given the conversation yet


class ExportControl(QObject):
    """Between menus, the dialog and the worker.

    Signals:
        offered: Offer: the dialog is to ask.
        wanted: WriteConversation, for the worker.
        rested: the worker has nothing more to do.
        progressed: a share from 0 to 1, and the conversations that are done, of all.
        ended: the export has ended, however.
    """

    offered = Signal(object)
    wanted = Signal(object)
    rested = Signal()
    progressed = Signal(float, int, int)
    ended = Signal()
    notice = Signal(object)
    notice_gone = Signal(str)
    folder_wanted = Signal(str)

    def __init__(
        self,
        chat: ChatControl,
        library: LibraryControl,
        store: StoreClient,
        cancel: Callable[[int], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("export_control")
        self._chat, self._library, self._store, self._cancel = chat, library, store, cancel
        self._tickets = itertools.count(1)
        self._ids: list[str] = []
        self._open: Conversation | None = None
        self._run: _Run | None = None

    @property
    def busy(self) -> bool:
        return self._run is not None

    @Slot()
    def offer_open(self) -> None:
        """Export the conversation that is seen, also a temporary one, and one that is still being read."""
        if self._chat.glimpsed:
            self.offer([self._chat.glimpsed])
            return
        conversation = self._chat.conversation
        if not conversation.messages:
            self.notice.emit(Notice(_KEY, tr("There is nothing to export yet: this chat is empty.")))
            return
        self._ids, self._open = [conversation.id], conversation
        self._offer(conversation.title)

    @Slot(list)
    def offer(self, ids: Sequence[str]) -> None:
        """Export conversations of the list."""
        if not ids:
            return
        self._ids, self._open = list(ids), None
        held = self._chat.held(ids[0]) if len(ids) == 1 else None
        if held is not None:
            self._open = held.conversation
        self._offer(self._entry(ids[0]).title if len(ids) == 1 else "")

    @Slot(str, object)
    def write(self, target: str, options: Options) -> None:
        """Write what was offered to a file; into a folder where it is several conversations."""
        if self._run is not None or not self._ids:
            return
        several = len(self._ids) > 1
        opened = self._open
        conversation = as_now(opened, self._chat.turns.exchanges(opened.id)) if opened is not None else None
        self._run = _Run(list(self._ids), target, options, len(self._ids), several, conversation)
        self.progressed.emit(0.0, 0, len(self._ids))
        self._next()

    @Slot()
    def cancel(self) -> None:
        """Break off; files that are whole stay."""
        run = self._run
        if run is None:
            return
        run.ids.clear()
        if run.reading:
            run.ended = True
            self._finish(run)
        else:
            self._cancel(run.ticket)

    def _offer(self, title: str) -> None:
        self.notice_gone.emit(_KEY)
        self.offered.emit(Offer(len(self._ids), shortened(title, _SHOWN), file_stem(title)))

    def _entry(self, conversation_id: str) -> Entry:
        found = (one for one in self._library.entries if one.id == conversation_id)
        return next(found, Entry(conversation_id, "", 0.0, 0.0))

    def _next(self) -> None:
        run = self._run
        assert run is not None
        if not run.ids:
            self._finish(run)
            return
        key = run.ids.pop(0)
        run.ticket = next(self._tickets)
        conversation, run.conversation = run.conversation, None
        if conversation is not None:
            self._hand_over(run.ticket, conversation)
        else:
            ticket, run.reading = run.ticket, True
            self._store.read(lambda store: _loaded(store, key), lambda found: self._hand_over(ticket, found))

    def _hand_over(self, ticket: int, conversation: Conversation | None) -> None:
        run = self._run
        if run is None or run.ticket != ticket:
            return
        run.reading = False
        if conversation is None:
            run.failed.append(tr("A conversation: it cannot be read."))
            self._next()
            return
        entry = self._entry(conversation.id)
        self.wanted.emit(
            WriteConversation(
                ticket, run.target, conversation, run.options, entry.created, entry.updated, run.folder
            )
        )

    @Slot(object)
    def on_progress(self, told: ExportProgress) -> None:
        run = self._run
        if run is not None and told.ticket == run.ticket:
            done = len(run.written) + len(run.failed)
            share = told.done / max(1, told.total)
            self.progressed.emit((done + share) / run.count, done, run.count)

    @Slot(object)
    def on_finished(self, told: ExportFinished) -> None:
        run = self._run
        if run is None or told.ticket != run.ticket:
            return
        if told.error is None:
            run.written.append(told.path)
        elif isinstance(told.error, ReadingStopped):
            run.ids.clear()
            run.ended = True
        else:
            run.failed.append(f"{Path(told.path).name}: {told.error}")
        self.progressed.emit((len(run.written) + len(run.failed)) / run.count, len(run.written), run.count)
        self._next()

    def _finish(self, run: _Run) -> None:
        self._run = None
        self.rested.emit()
        self.ended.emit()
        self.notice.emit(_summary(run))

    @Slot(str)
    def act(self, action: str) -> None:
        """The button of the notice."""
        if action.startswith(OPEN_FOLDER):
            self.folder_wanted.emit(action.removeprefix(OPEN_FOLDER))


def _loaded(store: object, key: str) -> Conversation | None:
    """On the store's thread: the conversation, None where it is not there any more."""
    from app.errors import DamagedError, StoreError
    from app.store.store import Store

    assert isinstance(store, Store)
    try:
        return store.load(key).conversation
    except DamagedError:
        raise  # the worker repairs it
    except StoreError:
        return None


def _summary(run: _Run) -> Notice:
    """What was written, and what was not."""
    written = len(run.written)
    details = "\n".join([*run.written[:_MOST_FAILURES], *run.failed[:_MOST_FAILURES]])
    if not written:
        if run.ended and not run.failed:
            return Notice(_KEY, tr("The export was cancelled. No file was written."))
        none = ntr(
            "None of {count} conversation was exported.",
            "None of {count} conversations was exported.",
            run.count,
        )
        said = run.failed[0] if len(run.failed) == 1 else none
        return Notice(_KEY, said, "error", details=details if len(run.failed) > 1 else "")
    folder = str(Path(run.written[0]).parent)
    if run.count == 1:
        said = tr("Exported to “{name}”.", name=shortened(Path(run.written[0]).name, _SHOWN))
    else:
        name = shortened(Path(folder).name or folder, _SHOWN)
        if written < run.count:
            said = tr(
                "Exported {written} of {number} conversations to the folder “{name}”.",
                written=written,
                number=run.count,
                name=name,
            )
        else:
            said = ntr(
                "Exported {count} conversation to the folder “{name}”.",
                "Exported {count} conversations to the folder “{name}”.",
                written,
                name=name,
            )
    level: Level = "warning" if run.failed else "info"
    return Notice(_KEY, said, level, OPEN_FOLDER + folder, tr("Open folder"), details)
