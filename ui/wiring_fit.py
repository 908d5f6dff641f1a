"""Which signals make a model fit: devices, fit, meter, context slider and the engine's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot

from app.engine.values import ModelInfo
from app.settings.model import ENGINE_OPTIONS, EngineSettings, Settings

if TYPE_CHECKING:
    from ui.application import Application


def wire_fit(desk: Application) -> None:
    """Connect them. Before `models.cancel_wanted` reaches the engine: a load may not have got there."""
    _loading(desk)
    _meter(desk)
    _context(desk)
    _models_page(desk)
    _EngineOptions(desk)


def _loading(desk: Application) -> None:
    fit, worker, models = desk.fit, desk.fit_worker, desk.models
    models.load_wanted.connect(fit.on_load_wanted)
    models.cancel_wanted.connect(fit.on_cancel_wanted)
    fit.load_wanted.connect(desk.worker.load)
    fit.engine_wanted.connect(desk.worker.start)
    fit.devices_wanted.connect(desk.worker.ask_devices)
    fit.fit_wanted.connect(worker.fit)
    fit.predict_wanted.connect(worker.predict)
    fit.range_wanted.connect(worker.measure_range)
    worker.answered.connect(fit.on_answer)
    worker.predicted.connect(fit.on_predicted)
    worker.ranged.connect(fit.on_ranged)
    desk.worker.event.connect(fit.on_event)
    fit.warned.connect(desk.window.notices.show_notice)
    fit.warning_gone.connect(desk.window.notices.remove)


def _meter(desk: Application) -> None:
    memory = desk.window.status.memory
    desk.meter.asked.connect(desk.fit.ask_devices)
    desk.fit.meters_changed.connect(memory.set_meters)


def _context(desk: Application) -> None:
    panel, fit = desk.context_panel, desk.fit
    fit.range_changed.connect(panel.set_range)
    fit.prospect_found.connect(panel.show_prospect)
    panel.previewed.connect(fit.predict)
    measure, worker = desk.measure, desk.measure_worker
    fit.predicted.connect(measure.on_predicted)
    measure.measure_wanted.connect(worker.measure)
    worker.measured.connect(measure.on_measured)
    measure.refined.connect(fit.on_refined)


def wire_fit_pages(desk: Application) -> None:
    """Connect the pages of the settings, which are built late; what its options take follows."""
    fit, page = desk.fit, desk.settings_dialog.engine
    desk.settings_dialog.set_page_widget("engine", desk.context_panel)
    desk.settings_dialog.set_page_widget("model", desk.overview)
    fit.costs_changed.connect(page.set_costs)
    page.options_changed.connect(fit.set_preview)
    fit.set_preview(page.chosen())
    _EngineApply(desk)


def _models_page(desk: Application) -> None:
    teller, worker = desk.teller, desk.fit_worker
    desk.fit.machine_changed.connect(teller.set_machine)
    teller.tell_wanted.connect(worker.tell)
    teller.recommend_wanted.connect(worker.recommend)
    worker.told.connect(teller.on_told)
    worker.recommended.connect(teller.on_recommended)
    teller.changed.connect(desk.catalogue.refresh_fits)
    catalogue, overview, dialog = desk.catalogue, desk.overview, desk.models_dialog
    catalogue.groups_changed.connect(overview.tree.set_groups)
    catalogue.fits_shown.connect(overview.tree.show_fits)
    overview.opened.connect(catalogue.look)
    overview.models_requested.connect(dialog.open_dialog)
    overview.chosen.connect(dialog.open_dialog)
    overview.chosen.connect(catalogue.chosen)
    desk.models.model_changed.connect(overview.set_model)
    desk.fit.why_changed.connect(overview.set_why)
    catalogue.set_teller(teller)


class _EngineOptions(QObject):
    """From the settings of the engine to a model that is loaded as they say."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("engine_options")
        self._desk = desk
        self._held: EngineSettings | None = None
        settings = desk.settings
        settings.restored.connect(self._on_restored)
        settings.changed.connect(self._on_changed)
        settings.engine_options_wanted.connect(self._on_wanted)
        desk.context_panel.applied.connect(self._on_context)
        desk.context_panel.fit_requested.connect(self._on_fit)
        desk.window.status.memory.opened.connect(self._on_memory)
        desk.models.model_changed.connect(self._on_model)
        desk.models.options_refused.connect(self._on_refused)
        desk.models.unavailable.connect(self._on_unavailable)

    @Slot(object)
    def _on_restored(self, settings: Settings) -> None:
        self._take(settings.engine)

    @Slot(str, object, object)
    def _on_changed(self, group: str, _before: object, after: object) -> None:
        if group == "engine" and isinstance(after, EngineSettings):
            self._take(after)

    def _take(self, engine: EngineSettings) -> None:
        self._desk.fit.set_engine(engine)
        self._desk.idle_wanted.emit(engine.unload_idle_minutes)

    @Slot(object)
    def _on_wanted(self, _engine: EngineSettings) -> None:
        self._desk.models.act("reload")

    @Slot(int)
    def _on_context(self, n_ctx: int) -> None:
        self._desk.settings.apply_engine({"n_ctx": n_ctx})

    @Slot()
    def _on_fit(self) -> None:
        """The context is left to the fit again, and the rest chosen anew but for what was set by hand."""
        self._desk.settings.apply_engine({"n_ctx": 0})

    @Slot()
    def _on_memory(self) -> None:
        self._desk.settings_dialog.open_page("engine")
        if self._desk.context_panel.track.isEnabled():
            self._desk.context_panel.track.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_model(self, info: ModelInfo | None) -> None:
        if info is not None:
            self._held = self._desk.settings.engine
            self._desk.context_panel.set_current(info.n_ctx)

    @Slot()
    def _on_refused(self) -> None:
        """What cannot be had is not tried again at the next start: the settings are those that hold."""
        if self._held is not None:
            held = {name: getattr(self._held, name) for name in ENGINE_OPTIONS}
            self._desk.settings.change("engine", **held)

    @Slot(str)
    def _on_unavailable(self, _kind: str) -> None:
        self._desk.context_panel.set_current(0)


class _EngineApply(QObject):
    """The page's Apply: one reload for its options and for the context that is chosen above them."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("engine_apply")
        self._desk = desk
        desk.settings_dialog.engine.applied.connect(self._on_applied)

    @Slot(object)
    def _on_applied(self, options: dict[str, object]) -> None:
        n_ctx = self._desk.context_panel.waiting
        self._desk.settings.apply_engine({**options, "n_ctx": n_ctx} if n_ctx else options)
