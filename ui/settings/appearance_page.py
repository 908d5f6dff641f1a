"""How the window looks and behaves."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Slot

from app.settings.model import Settings
from ui.settings.page import SettingsPage
from ui.settings.rows import ChoiceSetting, SwitchSetting
from ui.theme import ThemeManager

_THEMES: Final = (("auto", "As the system has them"), ("light", "Light"), ("dark", "Dark"))
_ANNOUNCE: Final = (
    ("written", "While they are written"),
    ("finished", "When they are finished"),
    ("never", "Never"),
)


class AppearancePage(SettingsPage):
    """All of it holds at once."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__("appearance", "Appearance", theme)
        self.theme_row = ChoiceSetting(
            "theme", "Colours", "Ctrl+Shift+D goes from one to the next.", _THEMES, theme,
            back="Back to the system's",
        )  # fmt: skip
        self.motion = SwitchSetting("reduced_motion", "Less motion", "Nothing moves by itself.", theme)
        self.announce = ChoiceSetting(
            "announce", "Read answers out", "Only where a screen reader is at work.", _ANNOUNCE, theme,
            back="Back to while they are written",
        )  # fmt: skip
        self.enter = SwitchSetting(
            "enter_sends", "Enter sends", "If not, Enter begins a new line and Ctrl+Enter sends.", theme
        )
        self._all = (self.theme_row, self.motion, self.announce, self.enter)
        for row in self._all:
            self.add(row)
            row.changed.connect(self._on_changed)

    def show_settings(self, settings: Settings) -> None:
        for row in self._all:
            row.set_value(getattr(settings.appearance, row.field))

    def values(self) -> dict[str, dict[str, object]]:
        return {"appearance": {row.field: row.value() for row in self._all}}

    @Slot()
    def _on_changed(self) -> None:
        self.want("appearance", **self.values()["appearance"])
