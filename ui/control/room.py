"""It fits, or the person decides: what can be done where the context has too little room. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from app.chat.exchange import Exchange
from app.chat.parts import AttachmentPart
from app.engine.values import ModelInfo
from app.language import tr
from app.models.context_room import Room, answer_room, roomy_context
from app.models.fit import working_bytes
from app.models.prospect import ContextRange
from ui.composer.attached import Attached
from ui.composer.gauge_value import GaugeValue
from ui.composer.room_offer import Choice
from ui.control.chat import ChatControl
from ui.control.fitting import FitControl
from ui.control.room_words import Cost, new_chat, offer_for
from ui.workers.fit import FitAnswer

#: A question's tokens are guessed from its length where a new chat is weighed.
_CHARS_PER_TOKEN = 3


class Documents(Protocol):
    """What is attached to the question that is being written."""

    def take(self) -> tuple[AttachmentPart, ...]: ...
    def put_back(self, parts: tuple[AttachmentPart, ...]) -> None: ...


class RoomControl(QObject):
    """Watches the gauge and offers what helps; nothing is ever left out by itself.

    Signals:
        offered: RoomOffer, None where there is room.
        hold_changed: why nothing can be sent now; empty where it can.
        cost_wanted: a FitQuestion about a longer context.
        context_wanted: the person chose a context of so many tokens.
        pages_wanted, removal_wanted: id of an attachment.
        draft_wanted: what is being typed must be in the draft now.
        go_on_wanted: id of an answer that is to be continued.
    """

    offered = Signal(object)
    hold_changed = Signal(str)
    cost_wanted = Signal(object)
    context_wanted = Signal(int)
    pages_wanted = Signal(str)
    removal_wanted = Signal(str)
    draft_wanted = Signal()
    go_on_wanted = Signal(str)

    def __init__(
        self,
        ids: Iterator[int],
        chat: ChatControl,
        fit: FitControl,
        documents: Documents,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("room_control")
        self._ids, self._chat = ids, chat
        self._fit, self._documents = fit, documents
        self._gauge, self._attached = GaugeValue(), list[Attached]()
        self._range: ContextRange | None = None
        self._asked, self._target, self._cost = 0, 0, Cost()
        self._held = ""
        self._dismissed: tuple[str, str] = ("", "")
        self._going_on = ""
        chat.turns.finished.connect(self._on_finished)
        chat.opened.connect(self._on_opened)

    # ---- what is known --------------------------------------------------------------------

    @Slot(object)
    def on_gauge(self, value: GaugeValue) -> None:
        self._gauge = value
        self._update()

    @Slot(object)
    def on_attached(self, attached: list[Attached]) -> None:
        self._attached = attached
        self._update()

    @Slot(object)
    def on_range(self, found: ContextRange | None) -> None:
        """Which contexts the model can have."""
        self._range = found
        self._update()

    @Slot(object)
    def on_model(self, info: ModelInfo | None) -> None:
        """Another model, or another context of the same: what a longer one costs is asked anew."""
        self._target, self._cost = 0, Cost()
        if info is None:
            self._range = None
        self._update()

    @Slot(object)
    def on_predicted(self, answer: FitAnswer) -> None:
        """What the longer context would take."""
        if answer.request_id != self._asked:
            return
        fit, present = answer.fit, self._fit.present
        if fit is None:
            self._target = 0
            return
        more = working_bytes(fit.estimate) - working_bytes(present.estimate) if present is not None else 0
        on_gpu = any(one is not None and one.where in ("gpu", "split") for one in (fit, present))
        why = answer.why if on_gpu else ""
        self._cost = Cost(fit.plan.n_ctx, fit.fits, more, fit.missing, why)
        self._update()

    @Slot(str)
    def _on_opened(self, _key: str) -> None:
        self._update()

    def _room(self) -> Room:
        conversation, value = self._chat.conversation, self._gauge
        last = conversation.messages.get(conversation.leaf or "")
        full = last is not None and last.mark == "context_full"
        return Room(value.used, value.size, value.answering, full)

    def _hold(self, reason: str) -> None:
        if reason != self._held:
            self._held = reason
            self.hold_changed.emit(reason)

    def _update(self) -> None:
        room = self._room()
        state = room.state
        over = state == "over" and (self._gauge.exact or self._gauge.beyond)
        self._hold(tr("This does not fit into the context") if over else "")
        if not state or (state == "over" and not over):
            if self._gauge.exact and self._dismissed[0] == self._chat.conversation.id:
                self._dismissed = ("", "")  # there was room meanwhile
            self.offered.emit(None)
            return
        self._ask_cost(room)
        shown = (self._chat.conversation.id, state)
        if shown == self._dismissed:
            self.offered.emit(None)
            return
        known = 0 if room.answering else self._known_tokens()
        seconds = self._fit.reading_s(known, room.used) if state == "over" else None
        # An edited question has its own documents, not those that wait for the next one.
        attached = [] if self._chat.saved.edit[0] else self._attached
        self.offered.emit(offer_for(room, self._cost, attached, self._new_chat(room), seconds))

    def _known_tokens(self) -> int:
        """What the model has read of this conversation."""
        infos = [message.info for message in self._chat.conversation.branch() if message.info is not None]
        return infos[-1].context_tokens if infos else 0

    def _new_chat(self, room: Room) -> Choice | None:
        """A new conversation with all documents, or with those of this question; None where it is no help."""
        branch = self._chat.conversation.branch()
        if not any(message.role == "assistant" and message.parts for message in branch):
            return None
        question = len(self._chat.saved.draft) // _CHARS_PER_TOKEN
        spare = room.size - answer_room(room.size) - question
        sent = any(message.attachments for message in branch)
        if self._gauge.documents <= spare:
            return new_chat(self._attached, sent=sent)
        added = sum(one.tokens or 0 for one in self._attached if one.state == "ready")
        return new_chat(self._attached, sent=False, only=True) if sent and 0 < added <= spare else None

    def _ask_cost(self, room: Room) -> None:
        most = self._range.most if self._range is not None else 0
        target = roomy_context(room.used, room.size, most)
        longest = bool(most) and room.size >= most
        if target == self._target and longest == self._cost.longest:
            return
        self._target, self._cost = target, Cost(longest=longest)
        question = self._fit.question(next(self._ids), target) if target else None
        if question is not None:
            self._asked = question.request_id
            self.cost_wanted.emit(question)

    # ---- what the person chooses ----------------------------------------------------------

    @Slot(str)
    def choose(self, choice: str) -> None:
        """Carry out a choice of the offer."""
        action, _, of = choice.partition(":")
        if action == "raise":
            self._raise()
        elif action in ("new", "new_only"):
            self._begin_anew(only=action == "new_only")
        elif action == "pages":
            self.pages_wanted.emit(of)
        elif action == "leave_out":
            self.removal_wanted.emit(of)

    @Slot()
    def dismiss(self) -> None:
        """The offer is not wanted; it comes back when the state is another one, or when it is recalled."""
        self._dismissed = (self._chat.conversation.id, self._room().state)
        self.offered.emit(None)

    @Slot()
    def recall(self) -> None:
        """The person tried to send what can't be sent: the choices are wanted after all."""
        self._dismissed = ("", "")
        self._update()

    def _raise(self) -> None:
        """A longer context; an answer that it stopped, or that had no room, goes on behind it."""
        conversation = self._chat.conversation
        leaf = conversation.leaf or ""
        running = [one for one in self._chat.turns.exchanges(conversation.id) if one.answer.id == leaf]
        if self._room().state == "full":
            self.context_wanted.emit(self._target)
            self.go_on_wanted.emit(leaf)
            return
        self._going_on = leaf if running else ""
        self.context_wanted.emit(self._target)

    @Slot(object)
    def _on_finished(self, exchange: Exchange) -> None:
        if exchange.answer.id == self._going_on:
            self._going_on = ""
            if exchange.turn.finish_reason in ("cancelled", "context_full"):
                self.go_on_wanted.emit(exchange.answer.id)
        self._update()

    def _begin_anew(self, *, only: bool) -> None:
        """The question goes to a new conversation, with all documents or `only` its own; this one stays."""
        self.draft_wanted.emit()
        chat = self._chat
        branch = [] if only else chat.conversation.branch()
        asked = [part for message in branch for part in message.attachments]
        parts, text = (*asked, *self._documents.take()), chat.saved.draft
        chat.set_draft("")
        if chat.conversation.temporary:
            chat.new_temporary()  # what was never to be on the disk stays off it
        else:
            chat.new()
        self._documents.put_back(parts)
        if text:
            chat.text_returned.emit(text)
