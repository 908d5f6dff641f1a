"""How the window looks and behaves."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Slot

from app.language import mark, tr
from app.settings.model import TEXT_SIZES, Settings
from ui.settings.page import SettingsPage
from ui.settings.rows import ChoiceSetting, SwitchSetting, spoken
from ui.settings.sample import Sample
from ui.speaking import names_of_languages
from ui.theme import ThemeManager

_THEMES: Final = (
    ("auto", mark("As the system has them")),
    ("light", mark("Light")),
    ("dark", mark("Dark")),
    ("contrast", mark("High contrast")),
)
_WIDTHS: Final = (
    ("normal", mark("Normal")),
    ("narrow", mark("Narrow")),
    ("wide", mark("Wide")),
    ("full", mark("As wide as the window")),
)
_SPACINGS: Final = (("normal", mark("Normal")), ("compact", mark("Compact")), ("roomy", mark("Roomy")))
_NORMAL: Final = mark("Back to normal")
_ANNOUNCE: Final = (
    ("written", mark("While they are written")),
    ("finished", mark("When they are finished")),
    ("never", mark("Never")),
)


def _sizes() -> list[tuple[object, str]]:
    others = [(size, tr("{percent} %", percent=size)) for size in TEXT_SIZES if size != 100]
    return [(100, tr("{percent} % (normal)", percent=100)), *others]


class AppearancePage(SettingsPage):
    """All of it holds at once."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__("appearance", tr("Appearance"), theme)
        self.theme_row = ChoiceSetting(
            "theme", tr("Colours"),
            tr("Ctrl+Shift+D goes from one to the next. High contrast is light or dark as the system is."),
            spoken(_THEMES), theme, back=tr("Back to the system's"),
        )  # fmt: skip
        self._make_reading(theme)
        self.motion = SwitchSetting(
            "reduced_motion", tr("Less motion"), tr("Nothing moves by itself."), theme
        )
        self.announce = ChoiceSetting(
            "announce", tr("Read answers out"), tr("Only where a screen reader is at work."),
            spoken(_ANNOUNCE), theme, back=tr("Back to while they are written"),
        )  # fmt: skip
        hint = tr("If not, Enter begins a new line and Ctrl+Enter sends.")
        self.enter = SwitchSetting("enter_sends", tr("Enter sends"), hint, theme)
        self.language = ChoiceSetting(
            "language", tr("Language"), tr("Holds from the next start on."),
            [("", tr("System")), *names_of_languages()], theme, back=tr("Back to the system's"),
        )  # fmt: skip
        self._all = (
            *(self.theme_row, self.size, self.width_row, self.spacing),
            *(self.motion, self.announce, self.enter, self.language),
        )
        for row in self._all:
            self.add(row)
            row.changed.connect(self._on_changed)
            if row is self.spacing:
                self.sample = Sample(theme, self)
                self.put(self.sample)

    def _make_reading(self, theme: ThemeManager) -> None:
        self.size = ChoiceSetting(
            "text_percent", tr("Size of text"),
            tr("In conversations, questions and documents. Ctrl and + or − change it, Ctrl+0 is normal."),
            _sizes(), theme, back=tr(_NORMAL),
        )  # fmt: skip
        self.size.in_order(TEXT_SIZES)
        self.width_row = ChoiceSetting(
            "line_width", tr("Width of lines"), tr("How wide the conversation runs at most."),
            spoken(_WIDTHS), theme, back=tr(_NORMAL),
        )  # fmt: skip
        self.spacing = ChoiceSetting(
            "spacing", tr("Spacing"), tr("Room between lines and paragraphs of the conversation."),
            spoken(_SPACINGS), theme, back=tr(_NORMAL),
        )  # fmt: skip

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
