"""The window as it was: what is kept while it is open, and put back when it opens. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from app.chat.conversation import ChatSettings
from app.chat.library import NEW, KeptDocument
from app.settings.model import AppearanceSettings, ModeSettings, Settings
from app.store import Store
from ui.theme import Reading
from ui.throttle import Throttle

if TYPE_CHECKING:
    from ui.application import Application

_PLACE_MS = 200
_MOST_WIDTH = 1000  # px


class Restoring(QObject):
    """Between what is kept, in settings and session, and the widgets that it belongs to."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("restoring")
        self._desk = desk
        self._restored = False
        self._state: dict[str, object] | None = None
        self._place = Throttle(_PLACE_MS, self)
        self._place.due.connect(self._keep_place)
        self._reading = Throttle(_PLACE_MS, self)
        self._reading.due.connect(self._keep_reading)
        desk.store.opened.connect(self._on_opened)
        desk.session.restored.connect(self._on_session)
        desk.settings.restored.connect(self._on_settings)
        desk.settings.changed.connect(self._on_changed)
        desk.chat.opened.connect(self._on_chat_opened)
        desk.chat.leaving.connect(self._on_leaving)
        desk.chat.view_filled.connect(desk.show_window)
        desk.window.place_changed.connect(self._place.request)
        desk.window.view.place_changed.connect(self._reading.request)
        desk.window.sidebar_changed.connect(self._on_sidebar)
        desk.window.sidebar.folded_changed.connect(self._on_folded)
        desk.window.composer.mode_chosen.connect(self._on_choice)
        desk.window.composer.budget_chosen.connect(self._on_choice)
        desk.window.composer.enter_sends_changed.connect(self._on_enter_sends)
        desk.theme.changed.connect(self._on_theme)

    @Slot()
    def _on_leaving(self) -> None:
        """What is still to be kept belongs to the conversation that is left."""
        self._place.flush()
        self._reading.flush()
        self._desk.window.composer.flush_draft()
        self._desk.window.settings.flush()

    @Slot(object)
    def _on_opened(self, _outcome: object) -> None:
        """The store is there, for the first time or once more after a repair."""
        if self._restored:
            self._desk.chat.save_again()
            self._desk.attachments.save_again()
        else:
            self._desk.session.start()
        self._desk.library.start()

    @Slot(object)
    def _on_session(self, state: dict[str, object]) -> None:
        self._state = state
        self._desk.settings.on_session(state)
        self._restore()

    @Slot(object)
    def _on_settings(self, settings: Settings) -> None:
        self._show_appearance(settings.appearance)
        self._restore()

    def _restore(self) -> None:
        """Both are there: the window as it was, and what was open in it."""
        state = self._state
        if self._restored or state is None or not self._desk.settings.ready:
            return
        self._restored = True
        self._restore_window(state)
        self._desk.turns.preferred = self._desk.settings.settings.mode
        open_id = state.get("open")
        key = open_id if isinstance(open_id, str) else ""

        def job(store: Store) -> tuple[str, str, tuple[KeptDocument, ...]]:
            there = any(entry.id == key for entry in store.entries())
            return key if there else "", store.draft(NEW), store.attached(NEW)

        self._desk.store.read(job, lambda found: self._begin(*found))

    def _begin(self, key: str, draft: str, attached: tuple[KeptDocument, ...]) -> None:
        """Open what was open, unless the person has begun to write or to attach already."""
        chat, documents = self._desk.chat, self._desk.attachments
        self._desk.window.composer.flush_draft()
        busy = not documents.empty
        documents.begin(attached)
        if chat.begin(draft, _defaults(self._desk.settings.settings.mode)):
            return
        if key and not busy:
            chat.open(key)
        else:
            chat.new()

    def _restore_window(self, state: dict[str, object]) -> None:
        """Put the window back; each value is checked, since a file may say anything."""
        window, place = self._desk.window, state.get("window")
        if isinstance(place, str) and not window.placed:  # or it jumped
            window.restore_place(place)
        folded, width = state.get("folded"), state.get("sidebar_width")
        if isinstance(folded, list):
            window.sidebar.set_folded([key for key in folded if isinstance(key, str)])
        fits = isinstance(width, int) and 0 < width < _MOST_WIDTH
        window.show_sidebar(bool(state.get("sidebar_shown", True)), width if fits else 0)  # type: ignore[arg-type]

    # ---- settings -------------------------------------------------------------------------

    @Slot(str, object, object)
    def _on_changed(self, _group: str, _before: object, after: object) -> None:
        """A change of settings holds at once."""
        if isinstance(after, AppearanceSettings):
            self._show_appearance(after)
        elif isinstance(after, ModeSettings):
            self._desk.turns.preferred = after
            self._desk.chat.set_defaults(_defaults(after))
            self._desk.commands.on_model(self._desk.models.info)

    def _show_appearance(self, appearance: AppearanceSettings) -> None:
        self._desk.theme.reduced_motion = appearance.reduced_motion
        self._desk.theme.set_mode(appearance.theme)
        zoom = appearance.text_percent / 100
        self._desk.theme.set_reading(Reading(zoom, appearance.line_width, appearance.spacing))
        self._desk.window.view.access.announcer.mode = appearance.announce
        self._desk.window.composer.set_enter_sends(appearance.enter_sends)

    # ---- what is kept ---------------------------------------------------------------------

    @Slot()
    def _keep_place(self) -> None:
        self._desk.session.keep("window", self._desk.window.place())

    @Slot()
    def _keep_reading(self) -> None:
        if not self._desk.chat.glimpsed:  # or it were the place in another conversation
            self._desk.chat.set_place(self._desk.window.view.place())

    @Slot(str)
    def _on_chat_opened(self, conversation_id: str) -> None:
        self._desk.session.keep("open", conversation_id)

    @Slot(bool, int)
    def _on_sidebar(self, shown: bool, width: int) -> None:
        self._desk.session.keep("sidebar_shown", shown)
        if shown and width > 0:
            self._desk.session.keep("sidebar_width", width)

    @Slot(list)
    def _on_folded(self, keys: list[str]) -> None:
        self._desk.session.keep("folded", keys)

    @Slot()
    def _on_choice(self) -> None:
        """What is chosen below the text field is also what new conversations begin with."""
        defaults = self._desk.chat.defaults
        self._desk.settings.change(
            "mode", mode=defaults.mode or "", thinking_budget=defaults.thinking_budget or 0
        )

    @Slot(bool)
    def _on_enter_sends(self, sends: bool) -> None:
        self._desk.settings.change("appearance", enter_sends=sends)

    @Slot()
    def _on_theme(self) -> None:
        self._desk.settings.change("appearance", theme=self._desk.theme.mode)


def _defaults(modes: ModeSettings) -> ChatSettings:
    return ChatSettings(mode=modes.mode or None, thinking_budget=modes.thinking_budget or None)
