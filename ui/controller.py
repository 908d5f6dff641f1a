"""Between the engine's worker and the views. A QObject without widgets; GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.chat.conversation import Conversation, new_id
from app.chat.parts import TextPart
from app.chat.presets import sampling_for, system_for
from app.chat.turn import Turn, TurnSettings, request_for
from app.engine.protocol import (
    Delta,
    Failed,
    Loaded,
    LoadOptions,
    LoadProgress,
    Mode,
    ModelInfo,
    ReadProgress,
    Reclassified,
)
from app.engine.session import EngineStopped, Retrying, SaferSettings, SessionEvent
from ui import words
from ui.notices import Notice

_TICK_MS = 200
#: A rate over fewer tokens than this says more about chance than about speed.
_RATE_TOKENS = 4
#: The engine never began: the request itself was refused.
_REFUSALS = ("prompt_too_long", "request", "template")


class Controller(QObject):
    """Owns the conversation and the turn that is being answered."""

    # to the worker
    load_wanted = Signal(int, str, object)
    generate_wanted = Signal(object)
    cancel_wanted = Signal(int)
    full_speed_wanted = Signal(str)
    question_returned = Signal(str)

    # to the views
    conversation_cleared = Signal()
    message_added = Signal(str, str, str)
    text_appended = Signal(str, str, str)
    reclassified = Signal(str)
    thought_changed = Signal(str, bool, float, int)
    status_changed = Signal(str, str, float)
    message_finished = Signal(str, str, str, str)
    model_changed = Signal(object)
    usable_changed = Signal(bool)
    loading_changed = Signal(str, float)
    busy_changed = Signal(bool)
    state_changed = Signal(str)
    rate_changed = Signal(float)
    context_used = Signal(int, int)
    notice = Signal(object)
    notice_gone = Signal(str)

    def __init__(self, ids: Iterator[int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("controller")
        self._ids = ids
        self._conversation = Conversation()
        self._info: ModelInfo | None = None
        self._turn: Turn | None = None
        self._answer_id = ""
        self._stopped_notice: Notice | None = None
        self._stopped_because = ""
        self._load_id = 0
        self._loading = False
        self._previous: tuple[int, ModelInfo, str, bool] | None = None
        self._unsent = False
        self._path, self._chatml = "", False
        self._mode: Mode | None = None
        self._budget: int | None = None
        self._decoding_since = 0.0
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)

    @property
    def busy(self) -> bool:
        """Whether an answer is under way."""
        return self._turn is not None

    @property
    def mode(self) -> Mode:
        """The mode of the next answer."""
        modes: tuple[Mode, ...] = self._info.modes if self._info is not None else ("instruct",)
        return self._mode if self._mode in modes else modes[0]

    # ---- what the person does -------------------------------------------------------------

    @Slot(str)
    def open_model(self, path: str, *, chatml: bool = False) -> None:
        """Load a GGUF file in place of the present model."""
        self.stop()
        self._previous = (
            (self._load_id, self._info, self._path, self._chatml) if self._info is not None else None
        )
        self._load_id, self._loading = next(self._ids), True
        self._path, self._chatml, self._info = path, chatml, None
        for key in ("model", "engine_stopped"):
            self.notice_gone.emit(key)
        self.model_changed.emit(None)
        self.usable_changed.emit(True)
        self.loading_changed.emit(Path(path).name, 0.0)
        self.state_changed.emit("Loading the model")
        self.load_wanted.emit(self._load_id, path, LoadOptions(chatml=chatml))

    @Slot()
    def cancel_load(self) -> None:
        if self._loading:
            self.cancel_wanted.emit(self._load_id)

    @Slot(str)
    def send(self, text: str) -> None:
        """Ask a question; nothing happens while an answer is under way or without a model."""
        if self.busy or not text.strip() or (self._info is None and not self._loading):
            return
        message = self._conversation.append("user", TextPart(text))
        self.message_added.emit(message.id, "user", text)
        self._answer()

    @Slot(str)
    def retry(self, message_id: str) -> None:
        """Answer the question before `message_id` again; what was answered stays as a branch."""
        if not self.busy and message_id in self._conversation.parents and (self._info or self._loading):
            self._conversation.leaf = self._conversation.parents[message_id]
            self._answer()

    @Slot()
    def stop(self) -> None:
        """Stop the answer that is under way."""
        if self._turn is not None and self._unsent:
            self._fail_unsent("cancelled", "Stopped.")
        elif self._turn is not None:
            self.cancel_wanted.emit(self._turn.request_id)

    @Slot()
    def new_conversation(self) -> None:
        self.stop()
        self._end_turn()
        self._conversation = Conversation()
        self.conversation_cleared.emit()
        self.context_used.emit(0, self._info.n_ctx if self._info else 0)

    @Slot(str)
    def set_mode(self, mode: Mode) -> None:
        self._mode = mode

    @Slot(object)
    def set_budget(self, budget: int | None) -> None:
        self._budget = budget

    @Slot(str)
    def act(self, action: str) -> None:
        """Carry out the action of a notice."""
        if action == "full_speed":
            self.full_speed_wanted.emit(self._path)
            self.open_model(self._path, chatml=self._chatml)
        elif action == "chatml" and self._path:
            self.open_model(self._path, chatml=True)
        elif action == "reload" and self._path:
            self.open_model(self._path, chatml=self._chatml)
        elif action == "stop_loading":
            self.cancel_load()

    # ---- what the engine says -------------------------------------------------------------

    @Slot(object)
    def on_event(self, event: SessionEvent) -> None:
        """Take an event of the session; those of requests that are over are dropped."""
        if isinstance(event, EngineStopped):
            self._engine_stopped(event)
        if self._turn is not None and self._turn.belongs(event):
            self._turn_event(self._turn, event)
        elif isinstance(event, LoadProgress) and event.request_id == self._load_id:
            self.loading_changed.emit(Path(self._path).name, event.fraction)
        elif isinstance(event, Loaded) and event.request_id == self._load_id:
            self._loaded(event)
        elif isinstance(event, Failed) and event.request_id == self._load_id:
            self._load_failed(event)
        elif isinstance(event, SaferSettings):
            self._safer_settings(event)
        elif isinstance(event, Retrying):
            how = f" {event.words}" if event.words else ""
            self.state_changed.emit(f"The engine stopped while loading; trying again{how}")

    @Slot(object)
    def on_load_refused(self, event: Failed) -> None:
        """The file cannot be a model: the one that is loaded stays."""
        if event.request_id != self._load_id:
            return
        if self._previous is None:
            self._load_failed(event)
            return
        (self._load_id, self._info, self._path, self._chatml), self._loading = self._previous, False
        self.model_changed.emit(self._info)
        self.state_changed.emit("Ready")
        text = f"{event.message} {event.hint} The model that was loaded still is."
        self.notice.emit(Notice("model", text, "error"))

    def _answer(self) -> None:
        """Begin a turn; it is sent at once, or when the model that is being loaded is there."""
        self._turn = Turn(next(self._ids))
        self._answer_id = new_id()
        self.message_added.emit(self._answer_id, "assistant", "")
        self.busy_changed.emit(True)
        self._unsent = self._info is None
        if self._info is not None:
            self._ask(self._info, self._turn)
        else:
            self.status_changed.emit(self._answer_id, "Waiting for the model", -1.0)

    def _ask(self, info: ModelInfo, turn: Turn) -> None:
        self._unsent = False
        mode = turn.mode = self.mode
        settings = TurnSettings(
            mode=mode,
            thinking_budget=self._budget if mode == "thinking" else None,
            sampling=sampling_for(info, mode),
            system=system_for(info),
        )
        self.status_changed.emit(self._answer_id, "Reading", -1.0)
        self.state_changed.emit("Reading")
        request = request_for(self._conversation.branch(), settings)
        self.generate_wanted.emit(replace(request, request_id=turn.request_id))

    def _fail_unsent(self, kind: str, message: str) -> None:
        """End a turn that never reached the engine."""
        if self._turn is not None:
            self._unsent = False
            self._turn_event(self._turn, Failed(self._turn.request_id, kind, message))

    def _turn_event(self, turn: Turn, event: SessionEvent) -> None:
        turn.feed(event)
        if isinstance(event, ReadProgress):
            self._reading(event)
        elif isinstance(event, Delta):
            self._delta(turn, event)
        elif isinstance(event, Reclassified):
            self.reclassified.emit(self._answer_id)
        elif turn.done:
            self._finish(turn)

    def _reading(self, event: ReadProgress) -> None:
        if event.read >= event.total:
            self._decoding_since = monotonic()
            waiting = "Thinking" if self._turn is not None and self._turn.mode == "thinking" else "Answering"
            self.status_changed.emit(self._answer_id, "", -1.0)
            self.state_changed.emit(waiting)
            if waiting == "Thinking":
                self._show_thought()
            self._tick.start()
            return
        text = f"Reading {words.count(event.read)} of {words.count(event.total)} tokens"
        self.status_changed.emit(self._answer_id, text, event.read / max(1, event.total))

    def _delta(self, turn: Turn, event: Delta) -> None:
        if event.channel == "tool_call":
            return  # tools are not offered yet; the turn keeps it with the answer
        self.text_appended.emit(self._answer_id, event.channel, event.text)
        if event.channel == "answer" and turn.reasoning and len(turn.answer) == 1:
            self._show_thought()
            self.state_changed.emit("Answering")

    def _show_thought(self) -> None:
        turn = self._turn
        if turn is not None and (turn.thinking or turn.reasoning):
            seconds, tokens = turn.thought_seconds, turn.reasoning_tokens
            self.thought_changed.emit(self._answer_id, turn.thinking, seconds, tokens)

    @Slot()
    def _on_tick(self) -> None:
        """Seconds and speed, a few times a second rather than for every token."""
        turn = self._turn
        if turn is None:
            return
        if turn.thinking:
            self._show_thought()
        tokens = turn.reasoning_tokens + turn.answer_tokens
        elapsed = monotonic() - self._decoding_since
        if tokens >= _RATE_TOKENS and elapsed > 0:
            self.rate_changed.emit(tokens / elapsed)

    def _finish(self, turn: Turn) -> None:
        error = turn.error
        parts = turn.parts()
        self._show_thought()
        mark = words.MARKS.get(turn.mark(), "")
        if isinstance(error, Failed) and error.kind != "cancelled":
            mark = " ".join(f"{error.message} {error.hint}".split())
        elif turn.finish_reason == "stop" and not turn.answer:
            mark = "The model thought but gave no answer" if turn.reasoning else "The model gave no answer"
        if isinstance(error, Failed) and error.kind in _REFUSALS and not parts:
            self._take_back()
        else:
            self._conversation.append("assistant", *parts, mark=turn.mark(), id=self._answer_id)
        self.status_changed.emit(self._answer_id, "", -1.0)
        kept = self._answer_id in self._conversation.messages
        action = "Ask again" if mark and kept and turn.finish_reason != "length" else ""
        self.message_finished.emit(self._answer_id, words.footer(turn, self._info), mark, action)
        if turn.timings.decode_tps:
            self.rate_changed.emit(turn.timings.decode_tps)
        if self._info is not None and turn.usage.prompt_tokens:
            used = turn.usage.prompt_tokens + turn.usage.generated_tokens
            self.context_used.emit(min(used, self._info.n_ctx), self._info.n_ctx)
        if isinstance(error, Failed) and error.kind == "template":
            self._offer_chatml(error.message)
        self._end_turn()

    def _take_back(self) -> None:
        """A question that was refused leaves the branch, or every later one were refused with it."""
        question = self._conversation.branch()[-1]
        self._conversation.leaf = self._conversation.parents[question.id]
        self.question_returned.emit(question.text)

    def _end_turn(self) -> None:
        self._tick.stop()
        self._unsent = False
        if self._turn is not None:
            self._turn, self._answer_id = None, ""
            self.busy_changed.emit(False)
            if self._info is not None:
                self.state_changed.emit("Ready")

    def _loaded(self, event: Loaded) -> None:
        self._loading, self._info, self._previous = False, event.info, None
        self.usable_changed.emit(True)
        self.model_changed.emit(event.info)
        self.context_used.emit(0, event.info.n_ctx)
        self.state_changed.emit("Ready")
        if event.info.template_problem and event.info.template == "model":
            self._offer_chatml(event.info.template_problem)
        elif event.info.template_problem:
            self.notice.emit(Notice("template", event.info.template_problem))
        else:
            self.notice_gone.emit("template")
        if self._stopped_notice is not None:
            text = f"{self._stopped_because} What was written is kept, and the engine is running again."
            self.notice.emit(replace(self._stopped_notice, text=text, level="warning"))
            self._stopped_notice = None
        if self._turn is not None and self._unsent:
            self._ask(event.info, self._turn)

    def _load_failed(self, event: Failed) -> None:
        self._loading, self._previous = False, None
        self.usable_changed.emit(False)
        self.model_changed.emit(None)
        self.state_changed.emit("No model is loaded")
        if self._unsent:
            self._fail_unsent("cancelled" if event.kind == "cancelled" else "request", "No model is loaded.")
        if event.kind == "cancelled":
            text, level = "Loading was stopped.", "info"
        else:
            text, level = f"{event.message} {event.hint}".strip(), "error"
        head, _, details = text.partition("\n")
        self.notice.emit(Notice("model", head, level, "reload", "Try again", details))

    def _safer_settings(self, event: SaferSettings) -> None:
        if not event.words:
            self.notice_gone.emit("safer")
            return
        text = f"This model runs {event.words}, since the engine stopped with the faster settings."
        self.notice.emit(Notice("safer", text, "warning", "full_speed", "Try full speed again"))

    def _engine_stopped(self, event: EngineStopped) -> None:
        self._info = self._previous = None
        if event.recovering:
            self._loading = True  # the session loads the model again by itself
            self.state_changed.emit("Starting the engine again")
            after = "What was written is kept, and the engine is starting again."
        else:
            self._loading = False
            self.usable_changed.emit(False)
            self.state_changed.emit("No model is loaded")
            after = "What was written is kept."
            self.model_changed.emit(None)
        text = f"{event.message} {after}"
        again = ("reload", "Load the model again") if self._path else ("", "")
        action = ("", "") if event.recovering else again
        notice = Notice("engine_stopped", text, "error", *action, "\n".join(event.lines))
        self._stopped_notice = notice if event.recovering else None
        self._stopped_because = event.message
        self.notice.emit(notice)

    def _offer_chatml(self, problem: str) -> None:
        text = f"{problem} The ChatML format can be used in its place."
        self.notice.emit(Notice("template", text, "warning", "chatml", "Use ChatML"))
