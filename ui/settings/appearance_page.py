"""How the window looks and behaves."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Slot

from app.settings.model import TEXT_SIZES, Settings
from ui.settings.page import SettingsPage
from ui.settings.rows import ChoiceSetting, SwitchSetting
from ui.settings.sample import Sample
from ui.theme import ThemeManager

_THEMES: Final = (
    ("auto", "As the system has them"),
    ("light", "Light"),
    ("dark", "Dark"),
    ("contrast", "High contrast"),
)
_SIZES: Final = ((100, "100 % (normal)"), *((size, f"{size} %") for size in TEXT_SIZES if size != 100))
_WIDTHS: Final = (
    ("normal", "Normal"),
    ("narrow", "Narrow"),
    ("wide", "Wide"),
    ("full", "As wide as the window"),
)
_SPACINGS: Final = (("normal", "Normal"), ("compact", "Compact"), ("roomy", "Roomy"))
_NORMAL: Final = "Back to normal"
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
            "theme", "Colours",
            "Ctrl+Shift+D goes from one to the next. High contrast is light or dark as the system is.",
            _THEMES, theme, back="Back to the system's",
        )  # fmt: skip
        self.size = ChoiceSetting(
            "text_percent", "Size of text",
            "In conversations, questions and documents. Ctrl and + or − change it, Ctrl+0 is normal.",
            _SIZES, theme, back=_NORMAL,
        )  # fmt: skip
        self.size.in_order(TEXT_SIZES)
        self.width_row = ChoiceSetting(
            "line_width", "Width of lines", "How wide the conversation runs at most.", _WIDTHS, theme,
            back=_NORMAL,
        )  # fmt: skip
        self.spacing = ChoiceSetting(
            "spacing", "Spacing", "Room between lines and paragraphs of the conversation.", _SPACINGS, theme,
            back=_NORMAL,
        )  # fmt: skip
        self.motion = SwitchSetting("reduced_motion", "Less motion", "Nothing moves by itself.", theme)
        self.announce = ChoiceSetting(
            "announce", "Read answers out", "Only where a screen reader is at work.", _ANNOUNCE, theme,
            back="Back to while they are written",
        )  # fmt: skip
        self.enter = SwitchSetting(
            "enter_sends", "Enter sends", "If not, Enter begins a new line and Ctrl+Enter sends.", theme
        )
        self._all = (
            *(self.theme_row, self.size, self.width_row, self.spacing),
            *(self.motion, self.announce, self.enter),
        )
        for row in self._all:
            self.add(row)
            row.changed.connect(self._on_changed)
            if row is self.spacing:
                self.sample = Sample(theme, self)
                self.put(self.sample)

    def find(self, words: list[str]) -> int:
        hits = super().find(words)
        self.sample.setVisible(any(not row.isHidden() for row in (self.size, self.spacing)))
        return hits

    def show_settings(self, settings: Settings) -> None:
        for row in self._all:
            row.set_value(getattr(settings.appearance, row.field))

    def values(self) -> dict[str, dict[str, object]]:
        return {"appearance": {row.field: row.value() for row in self._all}}

    @Slot()
    def _on_changed(self) -> None:
        self.want("appearance", **self.values()["appearance"])
