"""How a model is loaded so that it fits: between the engine's devices, the fit and the engine. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.engine.protocol import Devices, Failed, Finished, Loaded
from app.engine.session_events import EngineStopped, SessionEvent
from app.engine.values import LoadOptions
from app.language import tr
from app.models import metering
from app.models.fit import Fit, Wishes
from app.models.machine import Machine, machine_of
from app.models.memory import Plan
from app.models.prospect import Prospect
from app.settings.model import EngineSettings
from ui import words
from ui.control.fit_costs import costs
from ui.control.fit_options import options_of
from ui.notices import Notice
from ui.workers.fit import FitAnswer, FitQuestion, RangeAnswer

#: An engine that says nothing of its devices for so long loads with its own choice.
_PATIENCE_MS = 15_000
#: One that is not up yet is asked again after so long.
_AGAIN_MS = 40


@dataclass(frozen=True)
class _Waiting:
    """A load that waits for the devices or for the fit."""

    load_id: int
    path: str
    options: LoadOptions


@dataclass(frozen=True)
class _Placed:
    """A load: what was set by hand for it, and what came of that."""

    path: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    fit: Fit | None = None


class FitControl(QObject):
    """Completes the options of each load, and answers what another context would mean.

    Signals:
        engine_wanted: a load is under way: an engine that was given up is to be started again.
        load_wanted: a load for the engine, with all its options.
        fitted: FitAnswer of the load that is on its way; None where nothing is known of it.
        meters_changed: Meter of each device.
        prospect_found: Prospect of the context that was asked about last.
    """

    engine_wanted = Signal()
    devices_wanted = Signal(int)
    fit_wanted = Signal(object)
    predict_wanted = Signal(object)
    range_wanted = Signal(object)
    load_wanted = Signal(int, str, object)
    fitted = Signal(object)
    predicted = Signal(str, object)
    prospect_found = Signal(object)
    range_changed = Signal(object)
    meters_changed = Signal(object)
    machine_changed = Signal(object)
    costs_changed = Signal(object)
    why_changed = Signal(str)
    warned = Signal(object)
    warning_gone = Signal(str)

    def __init__(self, ids: Iterator[int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fit_control")
        self._ids = ids
        self.wishes, self.n_threads = Wishes(), 0
        self.machine: Machine | None = None
        self._waiting: _Waiting | None = None
        self._asked = self._question = self._predicting = self._ranging = 0
        self._path = ""
        self._pace: tuple[float, ...] = ()
        self._previewed: Wishes | None = None
        self._looked_at = self._threads = 0
        #: How the model is loaded by the last load that was well, and how by the one under way.
        self._placed = self._loading = _Placed()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._load_anyway)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self.ask_devices)

    # ---- loading --------------------------------------------------------------------------

    @Slot(int, str, object)
    def on_load_wanted(self, load_id: int, path: str, options: LoadOptions) -> None:
        """A load without its fit: it goes on when the devices are known and the fit is found."""
        self._waiting, self._path = _Waiting(load_id, path, options), path
        self._question = 0
        self._patience.start()
        self.engine_wanted.emit()
        # Asked anew each time: other programs come and go.
        self._ask_devices()

    @Slot(int)
    def on_cancel_wanted(self, request_id: int) -> None:
        """A load that is stopped before the engine has heard of it goes there, to end as any other."""
        if self._waiting is not None and self._waiting.load_id == request_id:
            self._load_anyway()

    @Slot(object)
    def on_answer(self, answer: FitAnswer) -> None:
        """The fit for the load that waits."""
        if self._waiting is None or answer.request_id != self._question:
            return
        waiting = self._waiting
        self.fitted.emit(answer if answer.fit is not None else None)
        self._tell(answer)
        self._loading = _Placed(waiting.path, self._wishes_of(waiting), answer.fit)
        options = waiting.options
        if answer.fit is not None:
            options = options_of(options, answer.fit)
            options = replace(options, n_threads=self.n_threads or options.n_threads)
        self._go(waiting, options)
        # Also for a load that fails: another context may be what it takes.
        self._ask_range()

    def _tell(self, answer: FitAnswer) -> None:
        """A model that doesn't fit is loaded all the same: what is free may change, and files are mapped."""
        self.why_changed.emit(answer.why)
        if answer.fit is None or answer.fit.fits:
            self.warning_gone.emit("fit")
        else:
            text = tr("{why} Loading it may fail, or it may be very slow.", why=answer.why)
            self.warned.emit(Notice("fit", text, "warning"))

    @Slot()
    def _load_anyway(self) -> None:
        if self._waiting is not None:
            self.fitted.emit(None)
            self._loading = _Placed(self._waiting.path)
            self._go(self._waiting, self._waiting.options)

    def _go(self, waiting: _Waiting, options: LoadOptions) -> None:
        self._waiting, self._question = None, 0
        self._patience.stop()
        self._again.stop()
        self.load_wanted.emit(waiting.load_id, waiting.path, options)

    # ---- devices --------------------------------------------------------------------------

    @Slot()
    def ask_devices(self) -> None:
        """How much is free now; unless the last question is still unanswered."""
        if not self._asked:
            self._ask_devices()

    def _ask_devices(self) -> None:
        self._asked = next(self._ids)
        self.devices_wanted.emit(self._asked)

    @Slot(object)
    def on_event(self, event: SessionEvent) -> None:
        """Take the engine's devices, and its end."""
        if isinstance(event, EngineStopped):
            self._asked = 0
            self._load_anyway()
        elif isinstance(event, Loaded):
            self._pace = ()
            self._threads = event.info.n_threads
            self._placed = self._loading
            self.ask_devices()
            self._ask_range()
        elif isinstance(event, Finished):
            self._pace = event.timings.pace or self._pace
        elif isinstance(event, Failed):
            if event.request_id == self._asked:
                self._asked = 0
                if self._waiting is not None:
                    self._again.start()
        elif isinstance(event, Devices):
            if event.request_id == self._asked:
                self._asked = 0
            self._on_devices(event)

    def _on_devices(self, event: Devices) -> None:
        self.machine = machine_of(event.devices, metering.held_by_model(event.devices))
        self.machine_changed.emit(self.machine)
        self.meters_changed.emit(metering.meters(event.devices))
        waiting = self._waiting
        if waiting is not None and not self._question:
            self._question = next(self._ids)
            wishes = self._wishes_of(waiting)
            present = self._present(waiting.path, wishes)
            self.fit_wanted.emit(
                FitQuestion(self._question, waiting.path, self.machine, wishes, present=present)
            )

    def _wishes_of(self, waiting: _Waiting) -> Wishes:
        return replace(self.wishes, n_ctx=waiting.options.n_ctx or self.wishes.n_ctx)

    def _present(self, path: str, wishes: Wishes) -> Plan | None:
        """How this model is loaded now; None for another one, or if more than the context is asked for."""
        placed = self._placed
        same = placed.path == path and replace(placed.wishes, n_ctx=wishes.n_ctx) == wishes
        return placed.fit.plan if placed.fit is not None and same else None

    # ---- what was set by hand -------------------------------------------------------------

    @Slot(object)
    def set_engine(self, engine: EngineSettings) -> None:
        """What the person set by hand is kept by every fit from now on."""
        self.wishes, self._previewed = _wishes(engine), None
        self.n_threads = engine.n_threads
        self._ask_range()

    @Slot(object)
    def set_preview(self, engine: EngineSettings) -> None:
        """Options that are looked at and not applied: say what they would take."""
        self._previewed = _wishes(engine)
        if self._looked_at:
            self.predict(self._looked_at)

    # ---- what another context would mean --------------------------------------------------

    @Slot(int)
    def predict(self, n_ctx: int) -> None:
        """Ask what a context of so many tokens would mean for the model that is loaded."""
        if self.machine is not None and self._path:
            self._predicting, self._looked_at = next(self._ids), n_ctx
            wishes = self._previewed or self.wishes
            present = self._present(self._path, replace(wishes, n_ctx=n_ctx))
            self.predict_wanted.emit(
                FitQuestion(self._predicting, self._path, self.machine, wishes, n_ctx, present)
            )

    @Slot(object)
    def on_predicted(self, answer: FitAnswer) -> None:
        if answer.request_id != self._predicting:
            return
        if answer.fit is None:
            self.range_changed.emit(None)  # the file went, or is another one
            return
        self._show(answer.fit, answer)
        self.predicted.emit(self._path, answer)

    @Slot(object)
    def on_refined(self, answer: FitAnswer) -> None:
        """The same, measured."""
        if answer.request_id == self._predicting and answer.fit is not None:
            self._show(answer.fit, answer)

    def _show(self, fit: Fit, answer: FitAnswer) -> None:
        n_ctx = fit.plan.n_ctx
        has_gpu = bool(answer.machine.gpus)
        tone = "" if fit.where == "gpu" or (fit.where == "cpu" and not has_gpu) else "warning"
        self.costs_changed.emit(costs(fit, answer.other_flash, self._threads))
        found = metering.predicted(fit.estimate, answer.machine)
        self.prospect_found.emit(
            Prospect(n_ctx, found, answer.why, tone if fit.fits else "error", self._reading(n_ctx))
        )

    def _reading(self, n_ctx: int) -> str:
        seconds = self.reading_s(0, n_ctx)
        return (
            ""
            if seconds is None
            else tr("Reading that much takes about {duration}", duration=words.duration(seconds))
        )

    def reading_s(self, known: int, end: int) -> float | None:
        """Seconds to read up to `end` tokens where `known` were read; None before anything was."""
        if len(self._pace) < 2:
            return None
        each, squared = self._pace
        return max(0.0, each * (end - known) + squared * (end * end - known * known))

    def question(self, request_id: int, n_ctx: int) -> FitQuestion | None:
        """What to ask a FitWorker about another context of the model; None while nothing is known."""
        if self.machine is None or not self._path:
            return None
        present = self._present(self._path, replace(self.wishes, n_ctx=n_ctx))
        return FitQuestion(request_id, self._path, self.machine, self.wishes, n_ctx, present)

    @property
    def present(self) -> Fit | None:
        """How the model is loaded; None where that was not a fit."""
        return self._placed.fit

    def _ask_range(self) -> None:
        if self.machine is not None and self._path:
            self._ranging = next(self._ids)
            self.range_wanted.emit(FitQuestion(self._ranging, self._path, self.machine, self.wishes))

    @Slot(object)
    def on_ranged(self, answer: RangeAnswer) -> None:
        if answer.request_id == self._ranging:
            self.range_changed.emit(answer.range)


def _wishes(engine: EngineSettings) -> Wishes:
    return Wishes(
        n_ctx=engine.n_ctx or None,
        n_gpu_layers=engine.n_gpu_layers,
        cpu_experts=engine.cpu_experts,
        cache_type=engine.cache_type or None,  # type: ignore[arg-type]
        flash_attention=engine.flash_attention,
        n_ubatch=engine.n_batch or None,
    )
