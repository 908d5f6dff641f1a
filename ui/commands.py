"""What the window's actions do. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from app.chat.presets import mode_for, preferred_for, sampling_for, system_for
from app.engine.values import Mode, ModelInfo
from app.language import tr
from ui.notices import Notice

if TYPE_CHECKING:
    from ui.application import Application

_MODES: tuple[Mode, ...] = ("thinking", "instruct")


class Commands(QObject):
    """Connects each action to what carries it out."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("commands")
        self._desk = desk
        window, messages = desk.window, desk.messages
        slots = {
            "new_chat": desk.chat.new,
            "new_temporary": desk.chat.new_temporary,
            "search": self.search,
            "previous_chat": self.previous_chat,
            "next_chat": self.next_chat,
            "rename_chat": self.rename_chat,
            "archive_chat": self.archive_chat,
            "delete_chat": self.delete_chat,
            "undo_delete": desk.undo.undo_last,
            "regenerate": messages.regenerate_last,
            "continue_answer": messages.continue_last,
            "copy_answer": self.copy_answer,
            "copy_code": self.copy_code,
            "copy_conversation": self.copy_conversation,
            "focus_sidebar": self.focus_sidebar,
            "settings": self.open_settings,
            "reading_memory": self.reading_memory,
            "zoom_in": self.larger_text,
            "zoom_out": self.smaller_text,
            "zoom_reset": self.normal_text,
        }
        for name, slot in slots.items():
            window.actions_by_id[name].triggered.connect(slot)
        window.text_size.step_wanted.connect(self.step_text)
        window.notices.acted.connect(self.act)
        window.settings.all_settings_requested.connect(self.open_settings)
        desk.models.model_changed.connect(self.on_model)
        desk.chat.settings_shown.connect(self._on_settings)
        desk.store.full_changed.connect(self._on_full)

    # ---- chats ----------------------------------------------------------------------------

    @Slot()
    def search(self) -> None:
        self._desk.window.show_sidebar(True)
        self._desk.window.sidebar.focus_search()

    @Slot()
    def focus_sidebar(self) -> None:
        self._desk.window.show_sidebar(True)
        self._desk.window.sidebar.focus_list()

    @Slot()
    def previous_chat(self) -> None:
        self._step(-1)

    @Slot()
    def next_chat(self) -> None:
        self._step(1)

    def _step(self, way: int) -> None:
        """The conversation above or below the open one in the list of those not archived."""
        ids = self._desk.window.sidebar.order()
        if not ids:
            return
        key = self._desk.chat.wanted
        at = ids.index(key) + way if key in ids else 0
        if 0 <= at < len(ids):
            self._desk.chat.open(ids[at])

    @Slot()
    def rename_chat(self) -> None:
        """Rename the open conversation; what the keyboard is at, when that is in the list."""
        sidebar = self._desk.window.sidebar
        if sidebar.list.hasFocus():
            sidebar.rename_place()
        elif self._desk.chat.seen:
            self._desk.window.show_sidebar(True)
            sidebar.begin_rename(self._desk.chat.seen)
        elif self._desk.chat.conversation.temporary:
            self._desk.window.notices.show_notice(
                Notice("temporary", tr("A temporary chat has no title to keep."))
            )

    @Slot()
    def archive_chat(self) -> None:
        if self._desk.chat.seen:
            self._desk.library.set_archived([self._desk.chat.seen], True)

    @Slot()
    def delete_chat(self) -> None:
        if self._desk.chat.seen:
            self._desk.library.delete([self._desk.chat.seen])
        elif self._desk.chat.conversation.temporary:
            self._desk.chat.new()

    # ---- copying --------------------------------------------------------------------------

    @Slot()
    def copy_answer(self) -> None:
        answer = self._desk.messages.last_answer()
        if answer is not None and answer.text:  # one that has just begun leaves the clipboard as it is
            self._desk.window.view.copy(answer.text)

    @Slot()
    def copy_code(self) -> None:
        """The last block of code of the last answer that has one."""
        code = self._desk.messages.last_code()
        if code:
            self._desk.window.view.copy(code)

    @Slot()
    def copy_conversation(self) -> None:
        chat = self._desk.chat
        if chat.glimpsed:
            self._desk.library.copy(chat.glimpsed)
        else:
            QGuiApplication.clipboard().setText(chat.transcript())

    @Slot()
    def open_settings(self) -> None:
        self._desk.settings_dialog.open_dialog()

    @Slot()
    def reading_memory(self) -> None:
        self._desk.settings_dialog.open_page("storage")

    # ---- size of text ---------------------------------------------------------------------

    @Slot(int)
    def step_text(self, steps: int) -> None:
        """Text so many sizes larger, or smaller."""
        size = self._desk.settings.settings.appearance.text_step(steps)
        self._desk.settings.change("appearance", text_percent=size)

    @Slot()
    def larger_text(self) -> None:
        self.step_text(1)

    @Slot()
    def smaller_text(self) -> None:
        self.step_text(-1)

    @Slot()
    def normal_text(self) -> None:
        self._desk.settings.change("appearance", text_percent=100)

    # ---- the rest -------------------------------------------------------------------------

    @Slot(str)
    def act(self, action: str) -> None:
        """Actions of notices that belong to nobody else."""
        if action == "ask_unsaved":
            self._desk.turns.allow_unsaved()

    @Slot(object)
    def on_model(self, info: ModelInfo | None) -> None:
        """What applies where the person sets nothing."""
        panel = self._desk.window.settings
        for one in _MODES if self._desk.has_settings_dialog else ():
            recommended = sampling_for(info, one) if info is not None and one in info.modes else None
            self._desk.settings_dialog.mode.set_recommended(one, recommended)
        if info is None:
            panel.set_defaults(None, "")
            return
        mode = mode_for(info, self._desk.chat.conversation.settings.mode)
        preferred = self._desk.turns.preferred
        by_settings = preferred.sampling(mode).given()
        panel.set_defaults(preferred_for(info, mode, preferred), system_for(info), tuple(by_settings))

    @Slot(object, str)
    def _on_settings(self, _settings: object, _persona: str) -> None:
        chosen = self._desk.chat.conversation.settings
        self._desk.window.composer.set_choice(chosen.mode, chosen.thinking_budget)
        self.on_model(self._desk.models.info)

    @Slot(bool)
    def _on_full(self, full: bool) -> None:
        if not full:
            self._desk.turns.disallow_unsaved()
