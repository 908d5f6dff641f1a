"""Which version this is, whose work is in it, and what helps where something is wrong."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent

from app.language import tr
from app.settings.model import Settings
from app.version import VERSION
from ui.settings.page import SettingsPage
from ui.settings.rows import SettingRow
from ui.theme import ThemeManager
from ui.words import breakable


class AboutPage(SettingsPage):
    """Nothing is set on it.

    Signals:
        licences_wanted: they are to be opened.
        copy_wanted: the diagnostics are to be gathered and copied.
        logs_wanted: the folder of the logs is to be opened.
    """

    licences_wanted = Signal()
    copy_wanted = Signal()
    logs_wanted = Signal()

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__("about", tr("About"), theme)
        self.foot.hide()
        self._add(
            "version",
            (
                f"Cascade Desk {VERSION}",
                tr("Free software under the Apache License 2.0, with others' work in it."),
            ),
            (tr("Licences"), tr("Open the licences")),
            self.licences_wanted,
        )
        hint = tr(
            "Versions, devices, memory, settings and the last errors, for a report. "
            "No text of your chats is in it, and it is copied, never sent."
        )
        copy = (tr("Copy"), tr("Copy diagnostics"))
        self._add("diagnostics", (tr("Diagnostics"), hint), copy, self.copy_wanted)
        self._add(
            "logs",
            (tr("Log"), tr("What the app did and what failed, without any text of your chats.")),
            (tr("Open folder"), tr("Open the folder of the log")),
            self.logs_wanted,
        )

    def _add(self, field: str, words: tuple[str, str], button: tuple[str, str], signal: Signal) -> None:
        """A row of title and hint, and its button: text and accessible name."""
        row = SettingRow(field, *words, self.theme)
        made = self.push(f"about_{field}", button[0], signal)
        made.setAccessibleName(button[1])
        row.take(made)
        self.add(row)

    def tell(self, field: str, words: str) -> None:
        """Say beside a button what came of it: "diagnostics", "logs", "version"; gone with the page."""
        for row in self.rows:
            if row.field == field:
                row.set_note(breakable(words))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        for row in self.rows:
            row.set_note("")

    def show_settings(self, settings: Settings) -> None:
        """Nothing of the settings is on it."""

    def values(self) -> dict[str, dict[str, object]]:
        return {}
