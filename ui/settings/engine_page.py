"""How models are loaded: what is left to the app, and what is set by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel

from app.engine.threads import MOST_THREADS
from app.language import mark, tr
from app.settings.model import ENGINE_OPTIONS, MOST_IDLE_MINUTES, EngineSettings, Settings
from ui.dialogs.own_spin import Number
from ui.settings.page import SettingsPage
from ui.settings.rows import ChoiceSetting, NumberSetting, SwitchSetting, spoken
from ui.theme import ThemeManager

_AUTOMATIC: Final = {"own": mark("Automatic"), "back": mark("Back to automatic")}
_LAYERS: Final = Number(
    "n_gpu_layers", mark("Layers on the GPU"), 0, 10_000, 1, 0, 0,
    mark("More are faster and take more of the GPU's memory; 0 leaves the GPU alone."), **_AUTOMATIC,
)  # fmt: skip
_EXPERTS: Final = Number(
    "cpu_experts", mark("Blocks with experts on the CPU"), 0, 10_000, 1, 0, 0,
    mark("For mixture-of-experts models: frees much of the GPU's memory and costs some speed."), **_AUTOMATIC,
)  # fmt: skip
_THREADS: Final = Number(
    "n_threads", mark("Threads"), 1, MOST_THREADS, 1, 0, 4,
    mark("As many as the processor has real cores is best as a rule."), **_AUTOMATIC,
)  # fmt: skip
_BATCH: Final = Number(
    "n_batch", mark("Tokens read at once"), 16, 65_536, 16, 0, 512,
    mark("Larger steps read long texts faster on a GPU and take more memory."), **_AUTOMATIC,
)  # fmt: skip
_IDLE: Final = Number(
    "unload_idle_minutes", mark("Unload the model when idle"), 1, MOST_IDLE_MINUTES, 5, 0, 30,
    mark("After so long without a question its memory is freed. The next question loads it again."),
    own=mark("Never"), back=mark("Back to never"), unit=mark(" min"),
)  # fmt: skip
_CACHE: Final = (
    ("", mark("Automatic")),
    ("f16", mark("f16: exact")),
    ("q8_0", mark("q8_0: half the memory")),
    ("q4_0", mark("q4_0: a quarter of it")),
    ("f32", mark("f32: twice the memory")),
)
_FLASH: Final = ((None, mark("Automatic")), (True, mark("On")), (False, mark("Off")))
_PENDING: Final = mark("Takes one reload of the model.")


class EnginePage(SettingsPage):
    """What takes a reload waits for Apply; what does not holds at once.

    Signals:
        applied: what takes a reload, by name.
        options_changed: the engine's settings as the page shows them, not applied (EngineSettings).
    """

    applied = Signal(object)
    options_changed = Signal(object)

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__("engine", tr("Engine"), theme)
        cache_hint = tr("How the model's memory of the conversation is stored.")
        flash_hint = tr("Faster, and less memory with a long context; some graphics drivers cannot do it.")
        flash = ChoiceSetting("flash_attention", tr("Flash attention"), flash_hint, spoken(_FLASH), theme)
        self.heading(tr("By hand"))
        self.options: dict[str, Any] = {
            "n_gpu_layers": NumberSetting(_LAYERS, theme),
            "cpu_experts": NumberSetting(_EXPERTS, theme),
            "cache_type": ChoiceSetting(
                "cache_type", tr("Type of the KV cache"), cache_hint, spoken(_CACHE), theme
            ),
            "flash_attention": flash,
            "n_threads": NumberSetting(_THREADS, theme),
            "n_batch": NumberSetting(_BATCH, theme),
        }
        for row in self.options.values():
            self.add(row)
            row.changed.connect(self._on_option)
        self.heading(tr("Loading"))
        self.load_last = SwitchSetting(
            "load_last",
            tr("Load the last model at start"),
            tr("Otherwise none is loaded before you open one."),
            theme,
        )
        self.idle = NumberSetting(_IDLE, theme)
        for row in (self.load_last, self.idle):
            self.add(row)
            row.changed.connect(self._on_loading)
        self._kept = EngineSettings()
        self.pending = QLabel(tr(_PENDING), self.foot)
        self.pending.setProperty("role", "meta")
        self.discard = self.push("engine_discard", tr("Discard"), self._on_discard)
        self.apply = self.push("engine_apply", tr("Apply"), self._on_apply)
        self.apply.setProperty("primary", True)
        self.apply.setAccessibleDescription(tr(_PENDING))
        for widget in (self.pending, self.discard, self.apply):
            self.foot_row.addWidget(widget)
        self._show_pending()

    # ---- what is shown --------------------------------------------------------------------

    def show_settings(self, settings: Settings) -> None:
        """What was changed and not applied stays as the person left it."""
        before, self._kept = self._kept, settings.engine
        for name in self.options:
            if self._shown(name) == getattr(before, name):
                self._show(name, getattr(settings.engine, name))
        self.load_last.set_value(settings.engine.load_last)
        self.idle.refresh(settings.engine.unload_idle_minutes or None)
        self._show_pending()

    @Slot(object)
    def set_costs(self, costs: dict[str, str]) -> None:
        """What each option is and takes, in words; options without words say nothing."""
        for field in self.options:
            self.set_cost(field, costs.get(field, ""))

    def set_cost(self, field: str, text: str) -> None:
        """What an option costs, in words; nothing for an empty text."""
        self.options[field].set_note(text)

    def chosen(self) -> EngineSettings:
        """The engine's settings as the page shows them, applied or not."""
        return replace(self._kept, **{name: self._shown(name) for name in self.options})

    def values(self) -> dict[str, dict[str, object]]:
        shown = {name: self._shown(name) for name in self.options}
        loading = {"load_last": self.load_last.value(), "unload_idle_minutes": int(self.idle.value() or 0)}
        return {"engine": {**shown, **loading}}

    def _shown(self, name: str) -> object:
        value = self.options[name].value()
        return 0 if value is None and name in ("n_threads", "n_batch") else value

    def _show(self, name: str, value: object) -> None:
        none = value == 0 and name in ("n_threads", "n_batch")
        self.options[name].set_value(None if none else value)

    def _show_pending(self) -> None:
        waits = self.waits
        for widget in (self.pending, self.discard, self.apply):
            widget.setVisible(waits)

    @property
    def waits(self) -> bool:
        """Whether something was changed and not applied."""
        return any(self._shown(name) != getattr(self._kept, name) for name in self.options)

    # ---- what the person does -------------------------------------------------------------

    @Slot()
    def _on_option(self) -> None:
        self._show_undo(False)
        self._show_pending()
        self.options_changed.emit(self.chosen())

    @Slot()
    def _on_loading(self) -> None:
        self.want("engine", load_last=self.load_last.value(), unload_idle_minutes=int(self.idle.value() or 0))

    @Slot()
    def _on_apply(self) -> None:
        self.flush()
        self._show_undo(False)
        self.applied.emit({name: self._shown(name) for name in self.options})

    @Slot()
    def _on_discard(self) -> None:
        for name in self.options:
            self._show(name, getattr(self._kept, name))
        self._on_option()
        self.reset.setFocus()

    def put_back(self, group: str, values: dict[str, object]) -> None:
        """Options change on the page alone, and wait for Apply; the others at once."""
        for name in self.options:
            self._show(name, values[name])
        self._show_pending()
        self.options_changed.emit(self.chosen())
        rest = {name: value for name, value in values.items() if name not in ENGINE_OPTIONS}
        self.change_wanted.emit(group, rest)
