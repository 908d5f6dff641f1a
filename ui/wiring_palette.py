"""Which signals of the palette of commands reach which slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QToolButton

from ui.control.palette import PaletteControl
from ui.control.palette_sources import (
    ActionSource,
    ChatSource,
    ModelSource,
    SearchSource,
    mode_source,
    page_source,
    theme_source,
)
from ui.palette.overlay import PaletteOverlay

if TYPE_CHECKING:
    from ui.application import Application

_KEPT: Final = "recent_commands"


class Palette(QObject):
    """The palette of one window: overlay, control and sources, built when it is first asked for.

    `control.add_source` takes more of them.
    """

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("palette_builder")
        self._desk = desk
        self.control = PaletteControl(self)
        self.chats = ChatSource(desk.chat.open, self)
        self.models = ModelSource(desk.models.open_model, lambda: desk.catalogue.shelf.places, self)
        self._overlay: PaletteOverlay | None = None
        for source in (
            ActionSource(desk.window.actions_by_id, self._in_chat),
            mode_source(self._choose_mode, self._has_mode),
            theme_source(self._choose_theme),
            page_source(self._open_page),
            self.models,
            self.chats,
        ):
            self.control.add_source(source)
        self.control.add_source(SearchSource(self._search), remembered=False)
        desk.library.entries_changed.connect(self.chats.set_entries)
        desk.session.restored.connect(self._on_restored)
        self.control.recent_changed.connect(self._on_recent)
        self.models.scan_wanted.connect(desk.hub_worker.scan)
        desk.hub_worker.scanned.connect(self.models.on_scanned)
        desk.window.actions_by_id["palette"].triggered.connect(self._on_wanted)

    @property
    def overlay(self) -> PaletteOverlay:
        if self._overlay is None:
            made = self._overlay = PaletteOverlay(self._desk.theme, self._desk.window)
            made.query_changed.connect(self.control.find)
            made.chosen.connect(self.control.run)
            self.control.found.connect(made.set_matches)
            self.models.changed.connect(self._on_models)
        return self._overlay

    @Slot()
    def _on_wanted(self) -> None:
        self.overlay.toggle()
        if self.overlay.isVisible():
            self.models.look()

    @Slot()
    def _on_models(self) -> None:
        if self.overlay.isVisible():
            self.control.find_again()

    @Slot(object)
    def _on_restored(self, state: dict[str, object]) -> None:
        kept = state.get(_KEPT)
        if isinstance(kept, list) and not self.control.recent:
            self.control.set_recent(kept)

    @Slot(list)
    def _on_recent(self, ids: list[str]) -> None:
        self._desk.session.keep(_KEPT, ids)

    # ---- what the commands do -------------------------------------------------------------

    def _in_chat(self) -> bool:
        return self._desk.window.pages.currentWidget() is self._desk.window.view

    def _mode_button(self, mode: str) -> QToolButton | None:
        return self._desk.window.composer.modes.findChild(QToolButton, f"mode_{mode}")

    def _has_mode(self, mode: str) -> bool:
        button = self._mode_button(mode)
        return button is not None and button.isEnabled() and not button.isHidden()

    def _choose_mode(self, mode: str) -> None:
        """As by hand: all that follows a click follows."""
        button = self._mode_button(mode)
        if button is not None:
            button.click()

    def _choose_theme(self, theme: str) -> None:
        self._desk.settings.change("appearance", theme=theme)

    def _search(self, text: str) -> None:
        self._desk.commands.search()
        self._desk.window.sidebar.search.setText(text)

    def _open_page(self, page: str) -> None:
        self._desk.settings_dialog.open_page(page)
