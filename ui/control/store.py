"""The window's side of the store: jobs go out, replies come back to the GUI thread."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.chat.conversation import Conversation
from app.chat.library import Saved
from app.chat.parts import Message
from app.errors import UserError
from app.language import tr
from app.store.opening import OpenReport
from app.store.store import Store
from ui.notices import Notice
from ui.workers.store import StoreReply

Then = Callable[[Any], None]


class StoreClient(QObject):
    """Sends jobs to the worker. Every method returns at once; `then` gets the result later.

    Jobs are carried out in the order of the calls. They run on the worker's thread: what they
    hold must not change any more (frozen values, copies).
    """

    wanted = Signal(int, object, bool)
    opened = Signal(object)
    full_changed = Signal(bool)  # whether something waits to be written
    notice = Signal(object)
    notice_gone = Signal(str)

    def __init__(self, interrupt: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("store_client")
        self._interrupt = interrupt
        self._tickets = itertools.count(1)
        self._then: dict[int, Then] = {}
        self._failed: dict[int, Callable[[], None]] = {}
        self._search = 0
        self.read_only = False
        self.in_trouble = False
        self._opened = False

    @property
    def keeps(self) -> bool:
        """Whether what is handed over can be read back: nothing waits, and things are written at all."""
        return not (self.in_trouble or self.read_only)

    @property
    def lasting(self) -> bool:
        """Whether what is written will be there when the app is opened again."""
        return self._opened and not self.read_only

    def write(self, job: Callable[[Store], object], then: Then | None = None) -> None:
        """Change something; nothing happens where the data can only be read."""
        if self.read_only:
            if then is not None:
                then(None)
            return
        self._send(job, True, then)

    def read(
        self, job: Callable[[Store], object], then: Then, failed: Callable[[], None] | None = None
    ) -> None:
        """Ask for something; where that fails it is told of, and `failed` is called in place of `then`."""
        self._send(job, False, then, failed)

    def search(self, text: str, then: Then) -> None:
        """Search; a search that is under way gives up for this one."""
        self._search = number = self._search + 1
        self._interrupt()

        def job(store: Store) -> object:
            return store.search(text) if number == self._search else None

        def fresh(hits: object) -> None:
            if number == self._search and hits is not None:
                then(hits)

        self._send(job, False, fresh)

    def _send(
        self,
        job: Callable[[Store], object],
        writes: bool,
        then: Then | None,
        failed: Callable[[], None] | None = None,
    ) -> None:
        ticket = next(self._tickets)
        if then is not None:
            self._then[ticket] = then
        if failed is not None:
            self._failed[ticket] = failed
        self.wanted.emit(ticket, job, writes)

    @Slot(object)
    def on_reply(self, reply: StoreReply) -> None:
        then, failed = self._then.pop(reply.ticket, None), self._failed.pop(reply.ticket, None)
        if reply.error is not None:
            self.notice.emit(Notice("store", str(reply.error), "error"))
            if failed is not None:
                failed()
        elif then is not None:
            then(reply.result)

    @Slot(object)
    def on_opened(self, outcome: OpenReport | UserError) -> None:
        """Say what is to be said of the data, then let the window fill."""
        self._opened = not isinstance(outcome, UserError)
        if isinstance(outcome, UserError):
            text = tr("{outcome} What you write now is not saved.", outcome=outcome)
            self.notice.emit(Notice("store_opened", text, "error"))
        else:
            self.read_only = outcome.read_only
            text = _words(outcome)
            if text:
                level = "error" if outcome.recovered else "warning"
                self.notice.emit(Notice("store_opened", text, level))  # type: ignore[arg-type]
        self.opened.emit(outcome)

    @Slot(object)
    def on_trouble(self, error: UserError | None) -> None:
        """Something waits to be saved, or no longer does."""
        self.in_trouble = error is not None
        if error is None:
            self.notice_gone.emit("store_full")
        else:
            text = tr(
                "{error} What you wrote is kept in the window and is saved as soon as that works.",
                error=error,
            )
            self.notice.emit(Notice("store_full", text, "error", "ask_unsaved", tr("Ask without saving")))
        self.full_changed.emit(self.in_trouble)


class StoreJournal:
    """Keeps conversations by way of the client (app.chat.exchange.Journal)."""

    def __init__(self, store: StoreClient, changed: Callable[[], None]) -> None:
        self._store, self._changed = store, changed

    @property
    def lasting(self) -> bool:
        return self._store.lasting

    def add_message(self, conversation: Conversation, message: Message, parent: str | None) -> None:
        key = conversation.id
        self._store.write(lambda store: store.add_message(key, message, parent))
        self._changed()

    def append(self, message_id: str, channel: str, text: str) -> None:
        self._store.write(lambda store: store.append(message_id, channel, text))

    def finish(self, message: Message) -> None:
        self._store.write(lambda store: store.finish(message))
        self._changed()

    def set_deleted(self, message_id: str, deleted: bool) -> None:
        self._store.write(lambda store: store.set_message_deleted(message_id, deleted))

    def set_leaf(self, conversation: Conversation) -> None:
        key, leaf = conversation.id, conversation.leaf
        self._store.write(lambda store: store.set_leaf(key, leaf))

    def rename(self, conversation: Conversation) -> None:
        key, title, titled = conversation.id, conversation.title, conversation.titled
        self._store.write(lambda store: store.rename(key, title, titled))
        self._changed()


def _words(report: OpenReport) -> str:
    """What a person has to know of the data that was found."""
    if report.recovered:
        where = (
            tr("The damaged file is kept in {set_aside}.", set_aside=report.set_aside)
            if report.set_aside
            else ""
        )
        found = tr(
            "Your conversations were damaged. {messages} messages were recovered.", messages=report.messages
        )
        lost = f"{report.lost.rstrip('.')}." if report.lost else ""
        return " ".join(part for part in (found, lost, where) if part)
    if report.read_only:
        return tr("Your data can be read but not written here: nothing new is saved.")
    if report.shared:
        return tr("Cascade Desk is open in another window, too. Both save to the same place.")
    return ""


def edit_key(conversation_id: str) -> str:
    """Where the store keeps the message that is being edited in a conversation."""
    return f"edit:{conversation_id}"


def load_saved(store: Store, conversation_id: str, breathe: Callable[[], None] = lambda: None) -> Saved:
    """A conversation, with the message that was being edited in it and what is attached there."""
    saved = store.load(conversation_id, breathe)
    edit = store.state(edit_key(conversation_id))
    if isinstance(edit, list) and len(edit) == 2 and all(isinstance(part, str) for part in edit):
        saved.edit = (edit[0], edit[1])
    saved.attached = store.attached(conversation_id)
    return saved
