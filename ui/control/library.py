"""The library of conversations: its list, search, folders, personas and snippets. GUI thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.chat.conversation import ChatSettings, Conversation, Persona, new_id
from app.chat.library import KEPT_S, Entry, Folder, Snippet
from app.chat.transcript import transcript
from app.language import ntr, tr
from app.store.store import Store
from ui.control.chat import ChatControl
from ui.control.store import StoreClient
from ui.control.undo import Undo
from ui.notices import Notice
from ui.throttle import Throttle
from ui.words import shortened

_REFRESH_MS = 120
_PURGE_MS = 10 * 60 * 1000
#: Characters of a name in a notice.
_SHOWN = 60


@dataclass(frozen=True)
class _Listing:
    entries: list[Entry]
    folders: list[Folder]


class LibraryControl(QObject):
    """Between the sidebar, the settings panel and the store."""

    entries_changed = Signal(object, object)
    deleted_changed = Signal(object)
    hits_found = Signal(str, object)
    personas_changed = Signal(object)
    snippets_changed = Signal(object)
    copied = Signal(str)
    conversation_deleted = Signal(str)
    deleted_found = Signal(list)  # ids of those that were deleted before the app was opened
    notice = Signal(object)

    def __init__(
        self, store: StoreClient, chat: ChatControl, undo: Undo, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("library_control")
        self._store, self._chat, self._undo = store, chat, undo
        self._personas: list[Persona] = []
        self._snippets: list[Snippet] = []
        self.entries: list[Entry] = []
        self._folders: list[Folder] = []
        self._throttle = Throttle(_REFRESH_MS, self)
        self._throttle.due.connect(self.refresh)
        self._purge = QTimer(self)
        self._purge.setInterval(_PURGE_MS)
        self._purge.timeout.connect(self._on_purge)
        chat.library_changed.connect(self.changed)
        store.full_changed.connect(self.changed)  # what waited is in the list now

    def start(self) -> None:
        """Fill everything; what was deleted long enough ago is removed once in a while.

        `deleted_found` follows, since the app may have ended right behind a deletion.
        """
        self.refresh()
        self._read_personas()
        self._read_snippets()
        self._store.read(lambda store: [entry.id for entry in store.deleted()], self.deleted_found.emit)
        self._purge.start()

    @Slot()
    def changed(self) -> None:
        """Something in the list is not as it was; it is read again in a moment."""
        self._throttle.request()

    @Slot()
    def refresh(self) -> None:
        self._store.read(lambda store: _Listing(store.entries(), store.folders()), self._on_listing)

    def _on_listing(self, listing: _Listing) -> None:
        self.entries, self._folders = listing.entries, listing.folders
        self.entries_changed.emit(listing.entries, listing.folders)

    @Slot()
    def _on_purge(self) -> None:
        before = time.time() - KEPT_S
        self._store.write(lambda store: store.purge(before))

    @Slot()
    def read_deleted(self) -> None:
        self._store.read(lambda store: store.deleted(), self.deleted_changed.emit)

    @Slot(str)
    def search(self, text: str) -> None:
        """Find `text` in titles and messages; nothing for an empty one."""
        if text.strip():
            self._store.search(text, lambda hits: self.hits_found.emit(text, hits))

    # ---- conversations --------------------------------------------------------------------

    @Slot(str, str)
    def rename(self, conversation_id: str, title: str) -> None:
        if self._refuses():
            return
        self._chat.retitled(conversation_id, title)
        self._change(lambda store: store.rename(conversation_id, title, True))

    @Slot(list, bool)
    def set_pinned(self, ids: list[str], pinned: bool) -> None:
        self._change(lambda store: store.set_pinned(ids, pinned))

    @Slot(list, bool)
    def set_archived(self, ids: list[str], archived: bool) -> None:
        name = self._name(ids)
        if self._refuses():
            return
        self._change(lambda store: store.set_archived(ids, archived))
        self._undo.offer(
            _archived(name, len(ids)) if archived else _taken_out(name, len(ids)),
            lambda: self._change(lambda store: store.set_archived(ids, not archived)),
        )

    @Slot(list, str)
    def move(self, ids: list[str], folder_id: str) -> None:
        self._change(lambda store: store.move(ids, folder_id))

    @Slot(str)
    def duplicate(self, conversation_id: str) -> None:
        self._change(lambda store: store.duplicate(conversation_id), self._on_duplicated)

    def _on_duplicated(self, entry: Entry | None) -> None:
        if entry is not None:
            self._chat.open(entry.id)

    @Slot(list)
    def delete(self, ids: list[str]) -> None:
        """Delete conversations; they are kept for thirty days, and undo brings them back."""
        if self._refuses():
            return
        was_open, name = self._chat.seen, self._name(ids)
        for conversation_id in ids:
            self.conversation_deleted.emit(conversation_id)
        self._chat.gone(ids)
        self._change(lambda store: store.delete(ids))

        def bring_back() -> None:
            self.restore(ids)
            if was_open in ids:
                self._chat.open(was_open)

        self._undo.offer(_deleted(name, len(ids)), bring_back)

    @Slot(list)
    def restore(self, ids: list[str]) -> None:
        self._change(lambda store: store.restore(ids), lambda _done: self.read_deleted())

    def grown(self, conversation_id: str) -> None:
        """A conversation has more messages in the store; what the window holds of it gets them, too."""
        if self._chat.held(conversation_id) is not None:
            self._store.read(lambda store: store.load(conversation_id).conversation, self._join)

    def _join(self, saved: Conversation) -> None:
        held = self._chat.held(saved.id)
        if held is not None and held.conversation.join(saved) and saved.id == self._chat.key:
            self._chat.refresh()

    @Slot(str)
    def copy(self, conversation_id: str) -> None:
        """The shown branch of a conversation as text, for the clipboard."""
        self._store.read(lambda store: transcript(store.load(conversation_id).conversation), self.copied.emit)

    def _name(self, ids: list[str]) -> str:
        if len(ids) != 1:
            return ""
        title = next((entry.title for entry in self.entries if entry.id == ids[0]), "")
        return tr("“{title}”", title=shortened(title, _SHOWN)) if title else tr("The conversation")

    # ---- folders --------------------------------------------------------------------------

    @Slot(str)
    def add_folder(self, name: str) -> None:
        self._change(lambda store: store.add_folder(name))

    @Slot(str, str)
    def rename_folder(self, folder_id: str, name: str) -> None:
        self._change(lambda store: store.rename_folder(folder_id, name))

    @Slot(str)
    def remove_folder(self, folder_id: str) -> None:
        """Its conversations stay; undo makes it again with those that were in it."""
        if self._refuses():
            return
        name = next((folder.name for folder in self._folders if folder.id == folder_id), "")
        inside = [entry.id for entry in self.entries if entry.folder == folder_id]
        self._change(lambda store: store.remove_folder(folder_id))
        self._undo.offer(
            tr("The folder “{name}” was removed.", name=shortened(name, _SHOWN)),
            lambda: self._change(lambda store: store.move(inside, store.add_folder(name).id)),
        )

    # ---- personas and snippets ------------------------------------------------------------

    @Slot(str)
    def choose_persona(self, persona_id: str) -> None:
        """Use a persona's settings in the open conversation; none: the model's own."""
        found = next((one for one in self._personas if one.id == persona_id), None)
        settings = found.settings if found is not None else ChatSettings()
        before, before_id = self._chat.conversation.settings, self._chat.conversation.persona
        here = self._chat.conversation.id
        self._chat.use_persona(settings, persona_id if found is not None else "")
        known = next((one.settings for one in self._personas if one.id == before_id), ChatSettings())
        if _plain(before) not in (_plain(known), _plain(settings)):  # written by hand, and nowhere else

            def bring_back() -> None:
                if self._chat.conversation.id == here:
                    self._chat.use_persona(before, before_id)

            self._undo.offer(tr("The settings of this chat were replaced."), bring_back)

    @Slot(str, object)
    def save_persona(self, name: str, settings: ChatSettings) -> None:
        if self._refuses():
            return
        persona = Persona(new_id(), name, _plain(settings))
        self._store.write(lambda store: store.save_persona(persona))
        self._read_personas()
        self._chat.use_persona(settings, persona.id)

    @Slot(str, object)
    def update_persona(self, persona_id: str, settings: ChatSettings) -> None:
        found = next((one for one in self._personas if one.id == persona_id), None)
        if found is not None and not self._refuses():
            persona = replace(found, settings=_plain(settings))
            self._store.write(lambda store: store.save_persona(persona))
            self._read_personas()

            def bring_back() -> None:
                self._store.write(lambda store: store.save_persona(found))
                self._read_personas()

            self._undo.offer(
                tr("The persona “{name}” was changed.", name=shortened(found.name, _SHOWN)), bring_back
            )

    @Slot(str)
    def remove_persona(self, persona_id: str) -> None:
        if self._refuses():
            return
        found = [one for one in self._personas if one.id == persona_id]
        self._store.write(lambda store: store.remove_persona(persona_id))
        self._read_personas()
        if self._chat.conversation.persona == persona_id:
            self._chat.use_persona(self._chat.conversation.settings, "")

        def bring_back() -> None:
            self._store.write(lambda store: store.save_persona(found[0]))
            self._read_personas()

        if found:
            self._undo.offer(
                tr("The persona “{name}” was removed.", name=shortened(found[0].name, _SHOWN)), bring_back
            )

    def _read_personas(self) -> None:
        self._store.read(lambda store: store.personas(), self._on_personas)

    def _on_personas(self, personas: list[Persona]) -> None:
        self._personas = personas
        self.personas_changed.emit(personas)

    @Slot(str, str)
    def save_snippet(self, name: str, text: str) -> None:
        if self._refuses():
            return
        snippet = Snippet(new_id(), name, text)
        self._store.write(lambda store: store.save_snippet(snippet))
        self._read_snippets()

    @Slot(str)
    def remove_snippet(self, snippet_id: str) -> None:
        if self._refuses():
            return
        found = [one for one in self._snippets if one.id == snippet_id]
        self._store.write(lambda store: store.remove_snippet(snippet_id))
        self._read_snippets()

        def bring_back() -> None:
            self._store.write(lambda store: store.save_snippet(found[0]))
            self._read_snippets()

        if found:
            self._undo.offer(
                tr("The snippet “{name}” was removed.", name=shortened(found[0].name, _SHOWN)), bring_back
            )

    def _read_snippets(self) -> None:
        self._store.read(lambda store: store.snippets(), self._on_snippets)

    def _on_snippets(self, snippets: list[Snippet]) -> None:
        self._snippets = snippets
        self.snippets_changed.emit(snippets)

    def _refuses(self) -> bool:
        """Whether nothing in the library can be changed; the person is told."""
        if self._store.read_only:
            self.notice.emit(
                Notice("read_only", tr("Your data can only be read here: nothing was changed."), "warning")
            )
        return self._store.read_only

    def _change(self, job: Callable[[Store], object], then: Callable[..., None] | None = None) -> None:
        if not self._refuses():
            self._store.write(job, then)
            self.refresh()


def _archived(name: str, number: int) -> str:
    many = ntr("{count} conversation was archived.", "{count} conversations were archived.", number)
    return tr("{name} was archived.", name=name) if name else many


def _taken_out(name: str, number: int) -> str:
    many = ntr(
        "{count} conversation was taken out of the archive.",
        "{count} conversations were taken out of the archive.",
        number,
    )
    return tr("{name} was taken out of the archive.", name=name) if name else many


def _deleted(name: str, number: int) -> str:
    many = ntr("{count} conversation was deleted.", "{count} conversations were deleted.", number)
    return tr("{name} was deleted.", name=name) if name else many


def _plain(settings: ChatSettings) -> ChatSettings:
    """Mode and budget belong to a conversation, not to a persona."""
    return replace(settings, mode=None, thinking_budget=None)
