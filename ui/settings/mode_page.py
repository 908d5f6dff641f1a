"""How new conversations are answered: mode, thinking, sampling."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Slot

from app.engine.values import Sampling
from app.language import mark, ntr, tr
from app.settings.model import SamplingSettings, Settings
from app.settings.sampling import PRESETS, preset_of
from ui import words
from ui.composer.mode_picker import BUDGETS
from ui.dialogs.chat_settings import NUMBERS
from ui.settings.page import SettingsPage
from ui.settings.rows import ChoiceSetting, NumberSetting, spoken
from ui.theme import ThemeManager

_OWN: Final = {"own": mark("Recommended"), "back": mark("Back to what is recommended")}
_NUMBERS: Final = tuple(replace(number, **_OWN) for number in NUMBERS if number.field != "seed")
_MODES: Final = (
    ("", mark("The model's own")),
    ("thinking", mark("Thinking")),
    ("instruct", mark("Instruct")),
)
_NAMES: Final = {"thinking": mark("Sampling when thinking"), "instruct": mark("Sampling in instruct mode")}
_CUSTOM: Final = "custom"


def _budget(value: int) -> str:
    return tr("{number} tokens", number=words.compact(value)) if value else tr("No limit")


class ModePage(SettingsPage):
    """Mode, thinking budget, and sampling for either mode."""

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__("mode", tr("Mode"), theme)
        self.mode = ChoiceSetting(
            "mode", tr("Mode of new chats"),
            tr("What you choose below the text field counts from then on, too."),
            spoken(_MODES), theme, back=tr("Back to the model's own"),
        )  # fmt: skip
        self.budget = ChoiceSetting(
            "thinking_budget", tr("Thinking budget"),
            tr("After so many tokens of thought the model has to answer."),
            [(value or 0, _budget(value or 0)) for value in BUDGETS], theme, back=tr("Back to no limit"),
        )  # fmt: skip
        for row in (self.mode, self.budget):
            self.add(row)
            row.changed.connect(self._on_choice)
        self.presets: dict[str, ChoiceSetting] = {}
        self.numbers: dict[str, dict[str, NumberSetting]] = {}
        for mode, heading in _NAMES.items():
            self._add_sampling(mode, heading)

    def _add_sampling(self, mode: str, heading: str) -> None:
        self.heading(tr(heading))
        choices = [(preset.id, tr(preset.name)) for preset in PRESETS]
        hint = tr("Where a chat sets none of its own (Ctrl+Shift+P).")
        preset = ChoiceSetting(
            f"{mode}_preset", tr("Preset"), hint, choices, self.theme, back=tr(_OWN["back"])
        )
        preset.setProperty("mode", mode)
        preset.changed.connect(self._on_preset)
        self.presets[mode] = preset
        self.add(preset)
        self.numbers[mode] = {}
        for number in _NUMBERS:
            row = NumberSetting(number, self.theme)
            row.setProperty("mode", mode)
            row.spin.setObjectName(f"setting_{mode}_{number.field}")
            name = tr("{setting}, {mode}", setting=row.words, mode=tr(words.MODES[mode]))
            row.spin.setAccessibleName(name)
            row.spin.lineEdit().setAccessibleName(name)
            row.reset.setAccessibleName(f"{name}: {tr(_OWN['back']).lower()}")
            row.changed.connect(self._on_number)
            self.numbers[mode][number.field] = row
            self.add(row)

    # ---- what is shown --------------------------------------------------------------------

    def show_settings(self, settings: Settings) -> None:
        modes = settings.mode
        self.mode.set_value(modes.mode)
        self.budget.set_value(
            modes.thinking_budget,
            ntr("{count} token", "{count} tokens", modes.thinking_budget),
        )
        for mode, rows in self.numbers.items():
            values = modes.sampling(mode)
            for field, row in rows.items():
                row.refresh(getattr(values, field))
            self._show_preset(mode, values)

    def _show_preset(self, mode: str, values: SamplingSettings) -> None:
        self.presets[mode].set_value(preset_of(values) or _CUSTOM, tr("Your own"))

    def set_recommended(self, mode: str, sampling: Sampling | None) -> None:
        """What the loaded model's values are in a mode, None where that is not known."""
        for field, row in self.numbers[mode].items():
            row.set_own(getattr(sampling, field, None))

    def values(self) -> dict[str, dict[str, object]]:
        own = {mode: self._sampling(mode) for mode in self.numbers}
        return {"mode": {"mode": self.mode.value(), "thinking_budget": self.budget.value(), **own}}

    def _sampling(self, mode: str) -> SamplingSettings:
        return SamplingSettings(**{field: row.value() for field, row in self.numbers[mode].items()})

    # ---- what the person does -------------------------------------------------------------

    @Slot()
    def _on_choice(self) -> None:
        self.want("mode", mode=self.mode.value(), thinking_budget=self.budget.value())

    @Slot()
    def _on_preset(self) -> None:
        mode = str(self.sender().property("mode"))
        chosen = self.presets[mode].value()
        self.flush()
        values = next((preset.values for preset in PRESETS if preset.id == chosen), None)
        if values is not None:
            self.want("mode", **{mode: values})

    @Slot()
    def _on_number(self) -> None:
        mode = str(self.sender().property("mode"))
        values = self._sampling(mode)
        self._show_preset(mode, values)
        self.want("mode", **{mode: values})
