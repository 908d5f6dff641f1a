"""Which model is loaded: opening one, what becomes of it, and what a person can do about it. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.engine.libraries import LibrariesRefused, refusal_text
from app.engine.protocol import Failed, Loaded, LoadProgress
from app.engine.session_events import EngineStopped, Resting, Retrying, SaferSettings, SessionEvent, Waking
from app.engine.values import Budgets, LoadOptions, ModelInfo
from app.language import tr
from ui.notices import Notice


@dataclass(frozen=True)
class _Open:
    """A model that was asked for: the id of its load and how it was opened."""

    load_id: int = 0
    path: str = ""
    chatml: bool = False
    options: LoadOptions = LoadOptions()


class ModelControl(QObject):
    """Owns what is known of the model. A QObject without widgets.

    Attributes:
        state_folder: where the engine saves what it has read; empty for nowhere.
        budgets: how much it may keep of it, for the next load.
        options: how models are loaded; template, budgets and folder are put in.

    Signals:
        ready: a model answers from now on (ModelInfo).
        unavailable: there is none and none is on its way; the kind of the failure.
        options_refused: what was wanted last cannot be had, and the model goes on as it was.
    """

    # to the worker
    load_wanted = Signal(int, str, object)
    cancel_wanted = Signal(int)
    full_speed_wanted = Signal(str)

    # to the others
    ready = Signal(object)
    unavailable = Signal(str)
    options_refused = Signal()
    leaving = Signal()
    model_changed = Signal(object)
    usable_changed = Signal(bool)
    loading_changed = Signal(str, float)
    state_changed = Signal(str)
    notice = Signal(object)
    notice_gone = Signal(str)

    def __init__(self, ids: Iterator[int], parent: QObject | None = None, *, state_folder: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("model_control")
        self._ids = ids
        self.state_folder, self.budgets, self.options = state_folder, Budgets(), LoadOptions()
        self._open = self._answering = _Open()
        self._previous: tuple[_Open, ModelInfo] | None = None
        self._stopped: Notice | None = None
        self._stopped_because = ""
        self.info: ModelInfo | None = None
        self.loading = False

    @property
    def usable(self) -> bool:
        """Whether a question can be asked: of a model that is there, or on its way."""
        return self.info is not None or self.loading

    def is_ready(self) -> bool:
        """Whether a model answers now."""
        return self.info is not None

    # ---- what the person does -------------------------------------------------------------

    @Slot(str)
    def open_model(self, path: str, *, chatml: bool = False) -> None:
        """Load a GGUF file in place of the present model."""
        self.leaving.emit()
        self._previous = (self._open, self.info) if self.info is not None else None
        self._open = _Open(next(self._ids), path, chatml, self.options)
        self.info, self.loading = None, True
        for key in ("model", "engine_stopped"):
            self.notice_gone.emit(key)
        self.model_changed.emit(None)
        self.usable_changed.emit(True)
        self.loading_changed.emit(Path(path).name, 0.0)
        self.state_changed.emit(tr("Loading the model"))
        options = replace(self.options, chatml=chatml, budgets=self.budgets, state_folder=self.state_folder)
        self.load_wanted.emit(self._open.load_id, path, options)

    def apply(self, options: LoadOptions) -> None:
        """Use other options, for the present model at once: where its weights stay, so does what was read.

        If they can't be had, the model goes on with those before, and `options` are those again.
        """
        self.options = options
        if self._open.path and self.usable:
            self.open_model(self._open.path, chatml=self._open.chatml)

    @Slot()
    def cancel_load(self) -> None:
        if self.loading:
            self.cancel_wanted.emit(self._open.load_id)

    @Slot(str)
    def act(self, action: str) -> None:
        """Carry out the action of a notice."""
        path, chatml = self._open.path, self._open.chatml
        if action == "full_speed":
            self.full_speed_wanted.emit(path)
            self.open_model(path, chatml=chatml)
        elif action == "chatml" and path:
            self.open_model(path, chatml=True)
        elif action == "reload" and path:
            self.open_model(path, chatml=chatml)
        elif action == "stop_loading":
            self.cancel_load()

    def offer_chatml(self, problem: str) -> None:
        """The model's own template cannot be used."""
        text = tr("{problem} The ChatML format can be used in its place.", problem=problem)
        self.notice.emit(Notice("template", text, "warning", "chatml", tr("Use ChatML")))

    # ---- what the engine says -------------------------------------------------------------

    @Slot(object)
    def on_event(self, event: SessionEvent) -> None:
        """Take what concerns the model; an older load's events are dropped."""
        if isinstance(event, EngineStopped):
            self._engine_stopped(event)
        elif isinstance(event, SaferSettings):
            self._safer_settings(event)
        elif isinstance(event, LibrariesRefused):
            lines = "\n".join(event.lines[-12:])
            self.notice.emit(Notice("libraries", refusal_text(event), "warning", details=lines))
        elif isinstance(event, Resting):
            self.state_changed.emit(tr("Unloaded to free memory; comes back with your next question"))
        elif isinstance(event, Waking):
            self.state_changed.emit(tr("Loading the model"))
        elif isinstance(event, Retrying):
            again = tr("The engine stopped while loading; trying again")
            how = tr("The engine stopped while loading; trying again {how}", how=event.words)
            self.state_changed.emit(how if event.words else again)
        elif getattr(event, "request_id", None) != self._open.load_id:
            return
        elif isinstance(event, LoadProgress):
            self.loading_changed.emit(Path(self._open.path).name, event.fraction)
        elif isinstance(event, Loaded):
            self._loaded(event)
        elif isinstance(event, Failed) and event.kept is not None:
            self._kept(event, event.kept)
        elif isinstance(event, Failed):
            self._load_failed(event)

    @Slot(object)
    def on_load_refused(self, event: Failed) -> None:
        """The file cannot be a model: the one that is loaded stays."""
        if event.request_id != self._open.load_id:
            return
        if self._previous is None:
            self._load_failed(event)
            return
        self._open, self.info = self._previous
        self.options = self._open.options
        self.loading, self._previous = False, None
        self.options_refused.emit()
        self.model_changed.emit(self.info)
        self.state_changed.emit(_ready_words(self.info))
        text = tr(
            "{message} {hint} The model that was loaded still is.", message=event.message, hint=event.hint
        )
        self.notice.emit(Notice("model", text, "error"))
        self.ready.emit(self.info)

    def _loaded(self, event: Loaded) -> None:
        self.loading, self.info, self._previous = False, event.info, None
        self._answering = self._open
        self.usable_changed.emit(True)
        self.model_changed.emit(event.info)
        self.state_changed.emit(_ready_words(self.info))
        if event.info.template_problem and event.info.template == "model":
            self.offer_chatml(event.info.template_problem)
        elif event.info.template_problem:
            self.notice.emit(Notice("template", event.info.template_problem))
        else:
            self.notice_gone.emit("template")
        if self._stopped is not None:
            text = tr(
                "{reason} What was written is kept, and the engine is running again.",
                reason=self._stopped_because,
            )
            self.notice.emit(replace(self._stopped, text=text, level="warning"))
            self._stopped = None
        self.ready.emit(event.info)

    def _kept(self, event: Failed, info: ModelInfo) -> None:
        """Other options could not be had: the model goes on as it was."""
        self._open, self.options = self._answering, self._answering.options
        self.loading, self.info, self._previous = False, info, None
        self.usable_changed.emit(True)
        self.options_refused.emit()
        self.model_changed.emit(info)
        self.state_changed.emit(_ready_words(self.info))
        stays = tr("The model is still there, with its context of {number} tokens.", number=info.n_ctx)
        if event.kind == "cancelled":
            self.notice.emit(Notice("model", tr("The change was stopped. {stays}", stays=stays)))
        else:
            text = f"{event.message} {event.hint}".strip()
            self.notice.emit(Notice("model", f"{text} {stays}", "error"))
        self.ready.emit(info)

    def _load_failed(self, event: Failed) -> None:
        self.loading, self._previous = False, None
        self.usable_changed.emit(False)
        self.model_changed.emit(None)
        self.state_changed.emit(tr("No model is loaded"))
        self.unavailable.emit(event.kind)
        if event.kind == "engine_stopped":
            return  # the EngineStopped behind it says the same, and offers to load again
        if event.kind == "cancelled":
            text, level = tr("Loading was stopped."), "info"
        else:
            text, level = f"{event.message} {event.hint}".strip(), "error"
        head, _, details = text.partition("\n")
        self.notice.emit(Notice("model", head, level, "reload", tr("Try again"), details))  # type: ignore[arg-type]

    def _safer_settings(self, event: SaferSettings) -> None:
        if not event.words:
            self.notice_gone.emit("safer")
            return
        text = tr(
            "This model runs {how}, since the engine stopped with the faster settings.", how=event.words
        )
        self.notice.emit(Notice("safer", text, "warning", "full_speed", tr("Try full speed again")))

    def _engine_stopped(self, event: EngineStopped) -> None:
        self.info = self._previous = None
        self.loading = event.recovering  # the session loads the model again by itself
        if event.recovering:
            self.state_changed.emit(tr("Starting the engine again"))
            after = tr("What was written is kept, and the engine is starting again.")
        else:
            self.usable_changed.emit(False)
            self.state_changed.emit(tr("No model is loaded"))
            after = tr("What was written is kept.")
            self.model_changed.emit(None)
        again = ("reload", tr("Load the model again")) if self._open.path else ("", "")
        action = ("", "") if event.recovering else again
        notice = Notice(
            "engine_stopped", f"{event.message} {after}", "error", *action, "\n".join(event.lines)
        )
        self._stopped = notice if event.recovering else None
        self._stopped_because = event.message
        self.notice.emit(notice)
        if not event.recovering:
            self.unavailable.emit("request")


def _ready_words(info: ModelInfo | None) -> str:
    """Ready, and what the model runs on where that is no processor."""
    if info is None or info.backend in ("", "CPU"):
        return tr("Ready")
    return tr("Ready, on {backend}", backend=info.backend)
