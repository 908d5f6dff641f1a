"""What an answer that is under way looks like: its status, its text, its thought, its speed. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.chat.exchange import Exchange
from app.engine.protocol import Delta, ReadProgress, Reclassified
from app.engine.session_events import SessionEvent
from app.language import tr
from ui import words

_TICK_MS = 200
#: A rate over fewer tokens than this says more about chance than about speed.
_RATE_TOKENS = 4
#: The time that is left is told where all of the reading takes longer than this, in seconds.
_WORTH_TELLING_S = 3.0
#: Over less time than this, in seconds, a speed of reading says little.
_RATE_S = 0.5


class AnswerPresenter(QObject):
    """Turns events into what the views show. Only what is on the screen reaches the chat view.

    `is_visible` tells whether a message is; `is_ready` whether a model could answer.
    """

    text_appended = Signal(str, str, str)
    reclassified = Signal(str)
    thought_changed = Signal(str, bool, float, int)
    status_changed = Signal(str, str, float)
    state_changed = Signal(str)
    rate_changed = Signal(float)

    def __init__(
        self, is_visible: Callable[[str], bool], is_ready: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("answer_presenter")
        self._is_visible, self._is_ready = is_visible, is_ready
        self._exchange: Exchange | None = None
        self._decoding_since = 0.0
        self._reading_since: float | None = None
        self._read_before = 0
        self._status: tuple[str, float] = ("", -1.0)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._on_tick)

    @Slot()
    def on_view_filled(self) -> None:
        """The view shows something else: the answer that is under way may be in it now."""
        if self._exchange is not None and self._shown(self._exchange):
            self.status_changed.emit(self._exchange.answer.id, *self._status)
            self._show_thought(self._exchange)

    @Slot(object)
    def on_began(self, exchange: Exchange) -> None:
        self._exchange, self._reading_since = exchange, None
        self._say(tr("Reading"), -1.0)
        self.state_changed.emit(tr("Reading"))

    @Slot(object, object)
    def on_event(self, exchange: Exchange, event: SessionEvent) -> None:
        if isinstance(event, ReadProgress):
            self._reading(exchange, event)
        elif isinstance(event, Delta) and event.channel != "tool_call":
            self._delta(exchange, event)
        elif isinstance(event, Reclassified) and self._shown(exchange):
            self.reclassified.emit(exchange.answer.id)
        if exchange.turn.done:
            self._end(exchange)

    def _reading(self, exchange: Exchange, event: ReadProgress) -> None:
        if event.read < event.total:
            read, total = words.count(event.read), words.count(event.total)
            text = tr("Reading {read} of {total} tokens", read=read, total=total)
            if event.reused:
                known = words.count(event.reused)
                text = tr(
                    "Reading {read} of {total} tokens, {known} known already",
                    read=read,
                    total=total,
                    known=known,
                )
            self._say(text + self._pace(event), event.read / max(1, event.total))
            return
        self._decoding_since = monotonic()
        thinks = exchange.turn.mode == "thinking"
        self._say("", -1.0)
        self.state_changed.emit(tr("Thinking") if thinks else tr("Answering"))
        if thinks:
            self._show_thought(exchange)
        self._tick.start()

    def _pace(self, event: ReadProgress) -> str:
        """Speed and time left, where the reading takes long enough for anybody to wait."""
        if self._reading_since is None:
            self._reading_since, self._read_before = monotonic(), event.read
        if event.left_s is None:
            return ""
        elapsed = monotonic() - self._reading_since
        if elapsed + event.left_s < _WORTH_TELLING_S:
            return ""
        read = event.read - self._read_before
        speed = f" · {words.rate(read / elapsed)}" if read and elapsed >= _RATE_S else ""
        return f"{speed} · {words.time_left(event.left_s)}"

    def _delta(self, exchange: Exchange, event: Delta) -> None:
        turn = exchange.turn
        first_of_answer = event.channel == "answer" and len(turn.answer) == 1
        if self._shown(exchange):
            self.text_appended.emit(exchange.answer.id, event.channel, event.text)
        if first_of_answer and turn.reasoning:
            self._show_thought(exchange)
            self.state_changed.emit(tr("Answering"))

    def _show_thought(self, exchange: Exchange) -> None:
        turn = exchange.turn
        if self._shown(exchange) and (turn.thinking or turn.reasoning):
            seconds, tokens = turn.thought_seconds, turn.reasoning_tokens
            self.thought_changed.emit(exchange.answer.id, turn.thinking, seconds, tokens)

    @Slot()
    def _on_tick(self) -> None:
        """Seconds and speed, a few times a second rather than for every token."""
        exchange = self._exchange
        if exchange is None:
            return
        turn = exchange.turn
        if turn.thinking:
            self._show_thought(exchange)
        tokens = turn.reasoning_tokens + turn.answer_tokens
        elapsed = monotonic() - self._decoding_since
        if tokens >= _RATE_TOKENS and elapsed > 0:
            self.rate_changed.emit(tokens / elapsed)

    def _end(self, exchange: Exchange) -> None:
        self._tick.stop()
        self._show_thought(exchange)
        self._say("", -1.0)
        self._exchange = None
        if self._is_ready():
            self.state_changed.emit(tr("Ready"))
        if exchange.turn.timings.decode_tps:
            self.rate_changed.emit(exchange.turn.timings.decode_tps)

    def _say(self, text: str, fraction: float) -> None:
        self._status = text, fraction
        if self._exchange is not None and self._shown(self._exchange):
            self.status_changed.emit(self._exchange.answer.id, text, fraction)

    def _shown(self, exchange: Exchange) -> bool:
        return self._is_visible(exchange.answer.id)
