"""What is kept of the open conversation while it is read and written in. GUI thread."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from app.chat.conversation import ChatSettings, Conversation
from app.chat.library import NEW, Place, Saved
from ui.control.store import StoreClient, edit_key
from ui.control.turns import TurnControl


class KeptChat(QObject):
    """The open conversation, with its draft, the reader's place and its settings.

    Attributes:
        created: whether it is in the store.
        defaults: what a new conversation begins with.
    """

    settings_shown = Signal(object, str)

    def __init__(self, store: StoreClient, turns: TurnControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self.turns = store, turns
        self.saved = Saved(Conversation())
        self.created = False
        self.defaults = ChatSettings()
        self._begun = False  # whether the store is there

    @property
    def conversation(self) -> Conversation:
        return self.saved.conversation

    @property
    def key(self) -> str:
        """The id under which the store knows the open conversation: none for a new one."""
        return self.conversation.id if self.created else NEW

    @Slot(str)
    def set_draft(self, text: str) -> None:
        """What is written and not sent."""
        self.saved.draft = text
        if not self.conversation.temporary and (self.created or self._begun):
            key = self.key
            self._store.write(lambda store: store.set_draft(key, text))

    @Slot(str, str)
    def set_edit(self, message_id: str, text: str) -> None:
        """What an edited message says so far; no id when the editing is over."""
        before, self.saved.edit = self.saved.edit, (message_id, text)
        if self.created and not self.conversation.temporary and (message_id or before[0]):
            key = edit_key(self.conversation.id)
            self._store.write(lambda store: store.set_state(key, [message_id, text]))

    def set_place(self, found: Place | None) -> None:
        """Where the reader is; None for the end."""
        self.saved.place = found
        if self.created and not self.conversation.temporary:
            key = self.conversation.id
            self._store.write(lambda store: store.set_place(key, found))

    @Slot(str, bool)
    def set_thought_open(self, message_id: str, opened: bool) -> None:
        self.saved.thoughts[message_id] = opened
        if self.created:
            self._store.write(lambda store: store.set_thought_open(message_id, opened))

    @Slot(object)
    def set_settings(self, settings: ChatSettings) -> None:
        """System prompt and sampling of this conversation; its mode and budget stay."""
        before = self.conversation.settings
        self._set_settings(
            replace(settings, mode=before.mode, thinking_budget=before.thinking_budget),
            self.conversation.persona,
        )

    def set_defaults(self, defaults: ChatSettings) -> None:
        """What new conversations begin with; one that is open and has no message is new."""
        if defaults == self.defaults:
            return
        self.defaults = defaults
        if not self.created and not self.conversation.messages:
            mine = replace(
                self.conversation.settings, mode=defaults.mode, thinking_budget=defaults.thinking_budget
            )
            self._set_settings(mine, self.conversation.persona)
            self.settings_shown.emit(mine, self.conversation.persona)

    def use_persona(self, settings: ChatSettings, persona_id: str) -> None:
        before = self.conversation.settings
        found = replace(settings, mode=before.mode, thinking_budget=before.thinking_budget)
        self._set_settings(found, persona_id)
        self.settings_shown.emit(found, persona_id)

    @Slot(str)
    def set_mode(self, mode: str) -> None:
        """The mode of the next answers here, and of new conversations."""
        self.defaults = replace(self.defaults, mode=mode)
        self._set_settings(replace(self.conversation.settings, mode=mode), self.conversation.persona)

    @Slot(object)
    def set_budget(self, budget: int | None) -> None:
        self.defaults = replace(self.defaults, thinking_budget=budget)
        settings = replace(self.conversation.settings, thinking_budget=budget)
        self._set_settings(settings, self.conversation.persona)

    def _set_settings(self, settings: ChatSettings, persona_id: str) -> None:
        self.conversation.settings, self.conversation.persona = settings, persona_id
        if self.created:
            key = self.conversation.id
            self._store.write(lambda store: store.set_settings(key, settings, persona_id))
