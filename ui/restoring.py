"""The window as it was: what is kept while it is open, and put back when it opens. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from app.chat.conversation import ChatSettings
from app.chat.library import NEW
from app.store import Store
from ui.theme import MODES
from ui.throttle import Throttle

if TYPE_CHECKING:
    from ui.application import Application

_PLACE_MS = 200
_MOST_WIDTH = 1000  # px
_MOST_BUDGET = 2**31


class Restoring(QObject):
    """Between the session's small values and the widgets that they belong to."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("restoring")
        self._desk = desk
        self._restored = False
        self._place = Throttle(_PLACE_MS, self)
        self._place.due.connect(self._keep_place)
        self._reading = Throttle(_PLACE_MS, self)
        self._reading.due.connect(self._keep_reading)
        desk.store.opened.connect(self._on_opened)
        desk.session.restored.connect(self._on_restored)
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
        else:
            self._desk.session.start()
        self._desk.library.start()

    @Slot(object)
    def _on_restored(self, state: dict[str, object]) -> None:
        self._restored = True
        self._restore_window(state)
        mode, budget, open_id = state.get("mode"), state.get("thinking_budget"), state.get("open")
        defaults = ChatSettings(
            mode=mode if isinstance(mode, str) and mode else None,
            thinking_budget=budget if isinstance(budget, int) and 0 < budget < _MOST_BUDGET else None,
        )
        key = open_id if isinstance(open_id, str) else ""

        def job(store: Store) -> tuple[bool, str]:
            return any(entry.id == key for entry in store.entries()), store.draft(NEW)

        self._desk.store.read(job, lambda found: self._begin(*found, key, defaults))

    def _begin(self, there: bool, draft: str, key: str, defaults: ChatSettings) -> None:
        """Open what was open, unless the person has begun to write already."""
        chat = self._desk.chat
        self._desk.window.composer.flush_draft()
        if chat.begin(draft, defaults):
            return
        if there:
            chat.open(key)
        else:
            chat.new()

    def _restore_window(self, state: dict[str, object]) -> None:
        """Put the window back; each value is checked, since a file may say anything."""
        window, place, theme = self._desk.window, state.get("window"), state.get("theme")
        if isinstance(place, str):
            window.restore_place(place)
        if theme in MODES:
            self._desk.theme.set_mode(theme)  # type: ignore[arg-type]
        folded, width = state.get("folded"), state.get("sidebar_width")
        if isinstance(folded, list):
            window.sidebar.set_folded([key for key in folded if isinstance(key, str)])
        fits = isinstance(width, int) and 0 < width < _MOST_WIDTH
        window.show_sidebar(bool(state.get("sidebar_shown", True)), width if fits else 0)  # type: ignore[arg-type]
        window.composer.set_enter_sends(bool(state.get("enter_sends", True)))

    @Slot()
    def _keep_place(self) -> None:
        self._desk.session.keep("window", self._desk.window.place())

    @Slot()
    def _keep_reading(self) -> None:
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
        defaults = self._desk.chat.defaults
        self._desk.session.keep("mode", defaults.mode or "")
        self._desk.session.keep("thinking_budget", defaults.thinking_budget or 0)

    @Slot(bool)
    def _on_enter_sends(self, sends: bool) -> None:
        self._desk.session.keep("enter_sends", sends)

    @Slot()
    def _on_theme(self) -> None:
        self._desk.session.keep("theme", self._desk.theme.mode)
