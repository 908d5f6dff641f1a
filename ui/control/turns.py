"""Who is answered and who waits: one answer at a time, in the order of the queue. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.chat.conversation import Conversation
from app.chat.exchange import Exchange, Journal
from app.engine.protocol import Failed
from app.engine.session_events import SessionEvent
from app.engine.values import ModelInfo
from app.language import ntr, tr
from app.settings.model import ModeSettings
from ui.composer.waiting import Waiting
from ui.control.models import ModelControl

#: The answer is saved so often while it streams; with the write itself well within 250 ms.
SAVE_MS = 120


@dataclass(eq=False)
class _Place:
    """A place in the queue. `saved`: its question is in the database, or need not be."""

    exchange: Exchange
    saved: bool = False


class TurnControl(QObject):
    """Sends requests and hands events to their exchange.

    Attributes:
        preferred: sampling where a conversation sets none.

    Signals:
        event_taken: an exchange took an event (Exchange, SessionEvent).
        began: its request went to the engine.
        finished: its last event has come.
        queue_changed: list of Waiting, the running one first.
        working_changed: ids of the conversations that are answered or wait.
    """

    generate_wanted = Signal(object)
    cancel_wanted = Signal(int)
    began = Signal(object)
    event_taken = Signal(object, object)
    finished = Signal(object)
    queue_changed = Signal(object)
    working_changed = Signal(object)
    context_changed = Signal()

    def __init__(self, ids: Iterator[int], models: ModelControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("turn_control")
        self._ids, self._models = ids, models
        self._running: Exchange | None = None
        self._queue: list[_Place] = []
        self._unsaved_allowed = False
        self.preferred = ModeSettings()
        self._save = QTimer(self)
        self._save.setInterval(SAVE_MS)
        self._save.timeout.connect(self._on_save)
        models.ready.connect(self._on_ready)
        models.unavailable.connect(self._on_unavailable)
        models.leaving.connect(self.stop_running)

    # ---- asking ---------------------------------------------------------------------------

    def add(
        self,
        conversation: Conversation,
        journal: Journal,
        answer_id: str | None = None,
        *,
        asked: bool = False,
    ) -> Exchange:
        """Queue the next answer of a conversation, or the rest of the answer `answer_id`.

        `asked`: its question was asked just now, and is taken back where it is refused.
        It is sent after `release`; what is never saved, or need not be, does not wait for that.
        """
        exchange = Exchange(conversation, journal, next(self._ids), answer_id, asked=asked)
        self._queue.append(_Place(exchange, conversation.temporary or self._unsaved_allowed))
        self._tell_queue()
        return exchange

    def release(self, exchange: Exchange) -> None:
        """Its question is saved: it may be sent."""
        for place in self._queue:
            if place.exchange is exchange:
                place.saved = True
        self.send_next()

    @Slot()
    def allow_unsaved(self) -> None:
        """The person wants answers although nothing can be saved at present."""
        self._unsaved_allowed = True
        for place in self._queue:
            place.saved = True
        self.send_next()

    def disallow_unsaved(self) -> None:
        """Saving works again: questions are saved before they are sent."""
        self._unsaved_allowed = False

    def send_next(self) -> None:
        """Send the first of the queue if nothing is under way and there is a model."""
        info = self._models.info
        if self._running is not None or not self._queue or info is None or not self._queue[0].saved:
            return
        exchange = self._queue.pop(0).exchange
        self._running = exchange
        request = exchange.request(info, exchange.conversation.settings, preferred=self.preferred)
        self._save.start()
        self._tell_queue()
        self.began.emit(exchange)
        self.generate_wanted.emit(request)

    # ---- what the person does with the queue ----------------------------------------------

    @Slot()
    def stop_running(self) -> None:
        if self._running is not None:
            self.cancel_wanted.emit(self._running.request_id)

    def stop(self, conversation_id: str) -> None:
        """Stop the answer of a conversation, or what of it waits."""
        if self._running is not None and self._running.conversation.id == conversation_id:
            self.stop_running()
            return
        self._drop_all(conversation_id)
        self.send_next()

    def forget(self, conversation_id: str) -> None:
        """The conversation is being deleted: stop all of it."""
        self._drop_all(conversation_id)
        self.stop(conversation_id)

    def _drop_all(self, conversation_id: str) -> None:
        for place in [place for place in self._queue if place.exchange.conversation.id == conversation_id]:
            self._drop(place)

    @Slot(int)
    def drop(self, request_id: int) -> None:
        """Take a place out of the queue; the running answer is stopped."""
        if self._running is not None and self._running.request_id == request_id:
            self.stop_running()
        for place in list(self._queue):
            if place.exchange.request_id == request_id:
                self._drop(place)
        self.send_next()

    @Slot(int, int)
    def move(self, request_id: int, way: int) -> None:
        """Move a waiting one up (-1) or down (1)."""
        at = next((i for i, place in enumerate(self._queue) if place.exchange.request_id == request_id), -1)
        to = at + way
        if at >= 0 and 0 <= to < len(self._queue) and self._may_swap(min(at, to)):
            self._queue[at], self._queue[to] = self._queue[to], self._queue[at]
            self._tell_queue()
            self.send_next()

    def _may_swap(self, at: int) -> bool:
        """Two questions of one conversation stay in their order: the second stands behind the first."""
        first, second = self._queue[at], self._queue[at + 1]
        return first.exchange.conversation is not second.exchange.conversation

    def _drop(self, place: _Place) -> None:
        self._queue.remove(place)
        place.exchange.fail("cancelled", tr("Stopped."))
        self._tell_queue()
        self.finished.emit(place.exchange)

    # ---- what is known --------------------------------------------------------------------

    def exchanges(self, conversation_id: str) -> list[Exchange]:
        """What is under way or waits in a conversation."""
        running = [self._running] if self._running is not None else []
        found = [*running, *(place.exchange for place in self._queue)]
        return [exchange for exchange in found if exchange.conversation.id == conversation_id]

    @property
    def usable(self) -> bool:
        """Whether a question can be asked."""
        return self._models.usable

    @property
    def idle(self) -> bool:
        """Whether nothing is answered and nothing waits."""
        return self._running is None and not self._queue

    @property
    def context_size(self) -> int:
        """The context of the model in tokens, 0 without one."""
        return self._models.info.n_ctx if self._models.info is not None else 0

    @property
    def running(self) -> Exchange | None:
        return self._running

    def position(self, exchange: Exchange) -> int:
        """How many answers come before it; 0 for the running one and the first."""
        ahead = 1 if self._running is not None and self._running is not exchange else 0
        for place in self._queue:
            if place.exchange is exchange:
                return ahead
            ahead += 1
        return 0

    def waiting_text(self, exchange: Exchange) -> str:
        """What an answer waits for, in words; empty for one that is under way."""
        if exchange is self._running or exchange.turn.done:
            return ""
        ahead = self.position(exchange)
        if ahead:
            return (
                tr("Waiting for the answer before it")
                if ahead == 1
                else ntr(
                    "Waiting for {count} answer before it", "Waiting for {count} answers before it", ahead
                )
            )
        if self._models.loading:
            return tr("Waiting for the model")
        if any(place.exchange is exchange and not place.saved for place in self._queue):
            return tr("Saving")
        return "" if self._models.info is not None else tr("Waiting")

    # ---- what the engine says -------------------------------------------------------------

    @Slot(object)
    def on_event(self, event: SessionEvent) -> None:
        """Take an event of the answer that is under way; all others are over and dropped."""
        exchange = self._running
        if exchange is None or not exchange.turn.belongs(event):
            return
        exchange.feed(event)
        self.event_taken.emit(exchange, event)
        if exchange.turn.done:
            self._running = None
            self._save.stop()
            error = exchange.turn.error
            if isinstance(error, Failed) and error.kind == "template":
                self._models.offer_chatml(error.message)
            self._tell_queue()
            self.finished.emit(exchange)
            self.send_next()

    @Slot(object)
    def _on_ready(self, _info: ModelInfo) -> None:
        self.context_changed.emit()
        self.send_next()

    @Slot(str)
    def _on_unavailable(self, kind: str) -> None:
        """No model is there for what waits."""
        for place in list(self._queue):
            self._queue.remove(place)
            place.exchange.fail("cancelled" if kind == "cancelled" else "no_model", tr("No model is loaded."))
            self.finished.emit(place.exchange)
        self._tell_queue()

    @Slot()
    def _on_save(self) -> None:
        if self._running is not None:
            self._running.save()

    def save_now(self) -> None:
        """Hand over what has come so far: the app is closing."""
        self._on_save()

    def waiting(self) -> list[Waiting]:
        """The queue as it is shown, the running one first."""
        running = [self._running] if self._running is not None else []
        found = [_waiting(exchange, True) for exchange in running]
        return found + [_waiting(place.exchange, False) for place in self._queue]

    def _tell_queue(self) -> None:
        waiting = self.waiting()
        self.queue_changed.emit(waiting)
        self.working_changed.emit(frozenset(item.conversation_id for item in waiting))


def _waiting(exchange: Exchange, running: bool) -> Waiting:
    question, conversation = exchange.question, exchange.conversation
    asked = " ".join(question.text[:400].split()) if question is not None else ""
    return Waiting(exchange.request_id, conversation.id, conversation.title or tr("New chat"), asked, running)
