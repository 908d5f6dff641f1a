"""The open conversation: opening and leaving one, its draft, place, settings and title. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from app.chat.conversation import ChatSettings, Conversation
from app.chat.exchange import Exchange, Journal, NoJournal, as_now
from app.chat.library import NEW, Saved
from app.chat.transcript import transcript
from app.engine.protocol import Failed
from app.language import tr
from ui.composer.waiting import Waiting
from ui.control.document_notices import given_back, given_back_to
from ui.control.kept import KeptChat
from ui.control.opening import Filler, Opening, Read
from ui.control.showing import Known, branch_of, of_message
from ui.control.store import StoreClient
from ui.control.turns import TurnControl
from ui.control.undo import Undo
from ui.notices import Notice


class ChatControl(KeptChat):
    """Owns the conversation that is open, and those that are still answered behind it.

    Attributes:
        glimpsed: id of a conversation whose end is shown before it is read; the open one is still another.

    Signals:
        conversation_shown: list of Shown, and a Place or None for the end.
        messages_changed: list of Shown of the same conversation; the reader keeps his place.
        leaving: another conversation will be open; what is pending belongs to this one.
        view_filled: the view shows what it should; what is under way can be told to it.
        found: a message and a text to go to, after a search.
        attachments_returned: id of a conversation, documents of a question that was refused in it.
    """

    conversation_shown = Signal(object, object)
    messages_changed = Signal(object)
    message_updated = Signal(object)
    opened = Signal(str)
    found = Signal(str, str)
    title_changed = Signal(str)
    draft_shown = Signal(str)
    edit_resumed = Signal(str, str, bool)
    text_returned = Signal(str)
    attachments_returned = Signal(str, object)
    temporary_changed = Signal(bool)
    busy_changed = Signal(bool)
    context_used = Signal(int, int)
    queue_changed = Signal(object)
    library_changed = Signal()
    view_filled = Signal()
    leaving = Signal()
    notice = Signal(object)

    def __init__(
        self,
        store: StoreClient,
        journal: Journal,
        turns: TurnControl,
        undo: Undo,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(store, turns, parent)
        self.setObjectName("chat_control")
        self._journal, self._undo = journal, undo
        self._live: dict[str, Saved] = {}
        self._errors: dict[str, str] = {}
        self._known: Known = {}
        self._kept_new: Saved | None = None
        self.glimpsed = ""
        self._first_seen = ""  # of what is glimpsed
        self._opening, self._filler = Opening(store, self), Filler(self)
        self._opening.end_read.connect(self._on_end)
        self._opening.whole_read.connect(self._on_read)
        self._opening.failed.connect(self._on_unread)
        self._filler.step.connect(self.messages_changed)
        self.visible: frozenset[str] = frozenset()
        turns.finished.connect(self._on_finished)
        turns.working_changed.connect(self._on_working)
        store.full_changed.connect(self._on_full)
        turns.context_changed.connect(self._tell_context)
        turns.queue_changed.connect(self._on_queue)
        turns.queue_changed.connect(self._filler.finish)

    @property
    def wanted(self) -> str:
        """The id of the conversation that is open, or is being opened."""
        return self._opening.wanted or self.key

    @property
    def seen(self) -> str:
        """The id of the saved conversation that is on the screen, be it read or not; empty for none."""
        return self.glimpsed or self.key

    @property
    def journal(self) -> Journal:
        return NoJournal() if self.conversation.temporary else self._journal

    # ---- opening and leaving --------------------------------------------------------------

    @Slot()
    def new(self) -> None:
        """A new conversation; nothing of it is saved before the first question."""
        self._leave()
        self._opening.wanted = ""
        self._enter(self._new, created=False)

    @property
    def _new(self) -> Saved:
        """The new conversation: left with a draft or settings, it is there again the next time."""
        kept = self._kept_new
        if kept is None or kept.conversation.messages:
            kept = Saved(Conversation(settings=self.defaults))
        own, chosen = kept.conversation.settings, self.defaults
        kept.conversation.settings = replace(own, mode=chosen.mode, thinking_budget=chosen.thinking_budget)
        self._kept_new = kept
        return kept

    def begin(self, draft: str, defaults: ChatSettings) -> bool:
        """The store is there, with the draft of a new conversation; whether the person has begun to write."""
        typed = self.saved.draft
        self.defaults, self._begun = defaults, True
        new = self._new
        new.draft = "\n\n".join(text for text in (draft, typed) if text)
        if typed:
            self.saved = new  # what is being typed is in the field already; only the older draft joins it
            self.new()
            self.set_draft(new.draft)
        return bool(typed)

    @Slot()
    def new_temporary(self) -> None:
        """A conversation that is never saved."""
        self._leave()
        self._opening.wanted = ""
        self._enter(Saved(Conversation(temporary=True, settings=self.defaults)), created=False)

    @Slot(str)
    def open(self, conversation_id: str, message_id: str = "", text: str = "") -> None:
        """Open a saved conversation; at a message of it, where a search found something."""
        self._opening.wanted = conversation_id
        if conversation_id == self.conversation.id:
            if self.glimpsed:
                self._show_again()
            self._go_to(message_id, text)
            return
        live = self._live.get(conversation_id)
        if live is not None:
            self._on_loaded(live, message_id, text)
            return
        self._opening.read(conversation_id, self._errors, message_id, text)

    @Slot(object)
    def _on_end(self, read: Read) -> None:
        """Of a long conversation the end is shown before all of it is there to work with."""
        key = read.saved.conversation.id
        if key == self.conversation.id:
            return
        self.leaving.emit()
        self.glimpsed, self._first_seen = key, read.shown[0].id
        self.visible = frozenset(one.id for one in read.shown)
        self._filler.stop()
        self.conversation_shown.emit(read.shown, read.saved.place)
        self.view_filled.emit()

    @Slot()
    def _on_unread(self) -> None:
        """It cannot be read: what was open is shown again."""
        if self.glimpsed:
            self._show_again()

    def _show_again(self) -> None:
        self._opening.wanted = self.conversation.id
        self._enter(self.saved, created=self.created)

    @Slot(object, str, str)
    def _on_read(self, read: Read, message_id: str, text: str) -> None:
        self._on_loaded(read.saved, message_id, text, read)

    def _on_loaded(self, saved: Saved, message_id: str, text: str, read: Read | None = None) -> None:
        if saved.conversation.id != self._opening.wanted:
            return  # something else was opened meanwhile
        if saved.conversation.id != self.conversation.id:  # asked for twice, it is open already
            self._leave()
            self._enter(saved, created=not saved.conversation.temporary, read=read, around=message_id)
        self._go_to(message_id, text)

    def _go_to(self, message_id: str, text: str) -> None:
        conversation = self.conversation
        if message_id not in conversation.messages:
            return
        if all(message.id != message_id for message in conversation.branch()):
            conversation.show(message_id)
            self.leaf_moved()
        elif not self._filler.has(message_id):
            self.refresh()
        self.found.emit(message_id, text)

    def _leave(self) -> None:
        """Keep what is still answered, and a temporary one for as long as it can be brought back."""
        self.leaving.emit()
        conversation = self.conversation
        if self.turns.exchanges(conversation.id) or (self.created and not self._store.keeps):
            self._live[conversation.id] = self.saved
        saved = self.saved
        if conversation.temporary and (conversation.messages or saved.draft or saved.attached):
            self._undo.offer(
                tr("The temporary chat was closed; it is not saved."), lambda: self._bring_back(saved)
            )

    def _bring_back(self, saved: Saved) -> None:
        self._opening.wanted = saved.conversation.id
        self._on_loaded(saved, "", "")

    def _enter(self, saved: Saved, *, created: bool, read: Read | None = None, around: str = "") -> None:
        self.saved, self.created = saved, created
        self._known = read.known if read is not None else {}
        self._live.pop(saved.conversation.id, None)
        self.opened.emit(self.key)
        self.temporary_changed.emit(saved.conversation.temporary)
        self.title_changed.emit(saved.conversation.title)
        self.settings_shown.emit(saved.conversation.settings, saved.conversation.persona)
        self._fill(around)
        self.draft_shown.emit(saved.draft)
        edited = saved.conversation.messages.get(saved.edit[0])
        if edited is not None:
            self.edit_resumed.emit(*saved.edit, edited.role == "assistant")
        self._tell_busy()
        self._on_queue(self.turns.waiting())
        self._tell_context()

    # ---- what is shown --------------------------------------------------------------------

    def _fill(self, around: str) -> None:
        """Show what is open; a long branch comes into the view a slice at a time."""
        place, glimpsed, self.glimpsed = self.saved.place, self.glimpsed, ""
        branch = self._branch()
        if self.turns.exchanges(
            self.conversation.id
        ):  # what streams must not be shown once more as it is now
            self._filler.stop()
            self.conversation_shown.emit(branch, place)
        elif glimpsed == self.conversation.id:  # its end is shown: the reader may have moved meanwhile
            self.messages_changed.emit(self._filler.go_on(branch, self._first_seen))
        else:
            first = self._filler.begin(branch, around or (place.message_id if place else ""))
            self.conversation_shown.emit(first, place)
        self.view_filled.emit()

    def _branch(self) -> list:  # type: ignore[type-arg]
        shown = branch_of(self.saved, self.turns.exchanges(self.conversation.id), self._errors, self._known)
        self.visible = frozenset(one.id for one in shown)
        return shown

    def refresh(self) -> None:
        """Show the branch as it is now."""
        if self.glimpsed:
            return  # another conversation is about to take its place
        self._filler.stop()
        self.messages_changed.emit(self._branch())
        self.view_filled.emit()
        self._tell_context()

    def leaf_moved(self) -> None:
        """Another branch is shown: the store is told."""
        if self.created:
            self.journal.set_leaf(self.conversation)
        self.refresh()

    def is_visible(self, message_id: str) -> bool:
        return message_id in self.visible

    def see(self, message_id: str) -> None:
        """A message is added to what the view shows."""
        self._filler.finish()
        self.visible |= {message_id}

    def held(self, conversation_id: str) -> Saved | None:
        """A conversation that is open, or still answered behind the open one."""
        is_open = conversation_id == self.conversation.id
        return self.saved if is_open else self._live.get(conversation_id)

    def after_saved(self, then: Callable[[], None]) -> None:
        """Call `then` when all that was handed over so far is saved."""
        self._store.write(lambda _store: None, lambda _done: then())

    def create(self) -> None:
        """Put the open conversation into the store, with all that it has."""
        self.created = True
        copy = self.conversation.copy()
        self._store.write(lambda store: store.create(copy))
        self._store.write(lambda store: store.set_draft(NEW, ""))
        self.opened.emit(copy.id)
        self.library_changed.emit()

    def transcript(self) -> str:
        """The open branch as Markdown."""
        return transcript(as_now(self.conversation, self.turns.exchanges(self.conversation.id)))

    def save_again(self) -> None:
        """The database was repaired: what it lost of the conversations in memory goes back into it."""
        kept = [self.saved] if self.created else []
        for saved in (*kept, *self._live.values()):
            if not saved.conversation.temporary:
                copy = saved.conversation.copy()
                self._store.write(lambda store, copy=copy: store.ensure(copy))  # type: ignore[misc]

    # ---- the library ----------------------------------------------------------------------

    def retitled(self, conversation_id: str, title: str) -> None:
        """The library gave a conversation another title."""
        saved = self.held(conversation_id)
        if saved is not None:
            saved.conversation.title, saved.conversation.titled = title, True
        if saved is self.saved:
            self.title_changed.emit(title)

    def gone(self, conversation_ids: list[str]) -> None:
        """Conversations were deleted: what of them is answered stops, and the open one is left."""
        for conversation_id in conversation_ids:
            self.turns.forget(conversation_id)
        if self.conversation.id in conversation_ids:
            self.new()
        elif self.glimpsed in conversation_ids:
            self._show_again()

    # ---- what becomes of answers ----------------------------------------------------------

    @Slot(object)
    def _on_finished(self, exchange: Exchange) -> None:
        error, conversation = exchange.turn.error, exchange.conversation
        self._errors.pop(exchange.answer.id, None)
        if isinstance(error, Failed) and error.kind != "cancelled":
            self._errors[exchange.answer.id] = " ".join(f"{error.message} {error.hint}".split())
        if exchange.refused:
            self._give_back(exchange)
        if conversation.id != self.conversation.id:
            if not self.turns.exchanges(conversation.id) and self._store.keeps:
                self._live.pop(conversation.id, None)
            return
        if exchange.refused:
            self.refresh()
        elif self.is_visible(exchange.answer.id):
            self.message_updated.emit(
                of_message(self.saved, exchange.answer, self._errors.get(exchange.answer.id, ""))
            )
        self.title_changed.emit(conversation.title)
        self._tell_context()

    def _give_back(self, exchange: Exchange) -> None:
        """A refused question goes to the composer, or waits in the draft of its conversation."""
        conversation, text = exchange.conversation, exchange.refused_text
        if not text:  # it was answered before: only this answer is not there
            self.notice.emit(Notice("refused", self._errors.get(exchange.answer.id, ""), "warning"))
            return
        if exchange.refused_attachments:
            self.attachments_returned.emit(conversation.id, exchange.refused_attachments)
        documents, said = bool(exchange.refused_attachments), ""
        if conversation.id == self.conversation.id:
            self.text_returned.emit(text)
        elif (saved := self._live.get(conversation.id)) is not None:
            saved.draft = draft = "\n\n".join(one for one in (text, saved.draft) if one)
            if not conversation.temporary:
                self._store.write(lambda store: store.set_draft(conversation.id, draft))
            said = given_back_to(conversation.title, documents)
        said = f"{self._errors.get(exchange.answer.id, '')} {said or given_back(documents)}"
        self.notice.emit(Notice("refused", said, "warning"))

    @Slot(bool)
    def _on_full(self, full: bool) -> None:
        """What could not be saved is, or cannot be any more."""
        if not full:
            self._live = {key: one for key, one in self._live.items() if self.turns.exchanges(key)}

    @Slot(object)
    def _on_working(self, _working: frozenset[str]) -> None:
        self._tell_busy()

    @Slot(object)
    def _on_queue(self, items: list[Waiting]) -> None:
        """An answer that can be seen needs no line of its own while nothing waits behind it."""
        seen = len(items) == 1 and items[0].running and items[0].conversation_id == self.conversation.id
        self.queue_changed.emit([] if seen else items)

    def _tell_busy(self) -> None:
        self.busy_changed.emit(bool(self.turns.exchanges(self.conversation.id)))

    @Slot()
    def _tell_context(self) -> None:
        infos = [message.info for message in self.conversation.branch() if message.info is not None]
        size = self.turns.context_size
        self.context_used.emit(max(0, min(infos[-1].context_tokens, size)) if infos else 0, size)
