"""What an edit or another answer would read again, told before it is read. GUI thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.chat.exchange import request_behind
from app.chat.parts import Message
from app.engine.protocol import Failed, Predict, Predicted
from app.engine.session_events import SessionEvent
from app.language import tr
from ui import words
from ui.control.chat import ChatControl
from ui.control.models import ModelControl
from ui.notices import Notice

#: Less is not worth a word: seconds, or tokens where the speed is not known yet.
_WORTH_S = 5.0
_WORTH_TOKENS = 4000
#: A click waits so long for its prediction, in ms.
_PATIENCE_MS = 400
_KEY = "reading_cost"
_ANYWAY = "regenerate_anyway"


class ReadingCost(QObject):
    """Asks the engine, and never while it answers: the question would have to wait.

    Signals:
        predict_wanted: a Predict for the engine.
        edit_cost_changed: what sending the edited question reads, in words; empty for nothing to tell.
        agreed: another version of this answer is to be made now.
    """

    predict_wanted = Signal(object)
    edit_cost_changed = Signal(str)
    agreed = Signal(str)
    notice = Signal(object)
    notice_gone = Signal(str)

    def __init__(
        self, ids: Iterator[int], chat: ChatControl, models: ModelControl, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("reading_cost")
        self._ids, self._chat, self._models = ids, chat, models
        self._edited = self._pending = self._offered = ""  # ids of messages
        self._edit_request = self._pending_request = 0
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self.settle)
        chat.leaving.connect(self._on_leaving)
        # Both change what a reading costs, and both are moments at which the engine has time.
        chat.turns.finished.connect(self._predict_edit)
        models.ready.connect(self._predict_edit)

    # ---- an edit --------------------------------------------------------------------------

    @Slot(str, str, bool)
    def begin_edit(self, message_id: str, _text: str, answer: bool) -> None:
        """A message is being edited; what an edited answer says is not sent by itself."""
        self.end_edit()
        self._edited = "" if answer else message_id
        self._predict_edit()

    @Slot()
    def end_edit(self) -> None:
        """Nothing is edited any more."""
        self._edited, self._edit_request = "", 0
        self.edit_cost_changed.emit("")

    @Slot()
    def _predict_edit(self) -> None:
        conversation = self._chat.conversation
        message = conversation.messages.get(self._edited)
        if message is not None and self._can_ask():
            self._edit_request = next(self._ids)
            self._predict(self._edit_request, [*conversation.before(message.id), message])

    # ---- another answer -------------------------------------------------------------------

    def weigh(self, answer_id: str) -> None:
        """`agreed` follows: at once, after a short prediction, or when the person agrees to a long reading.

        To ask again for the same answer is to agree, and so is to ask for one that was stopped while the
        question was read: what is left of it would be read for the first time.
        """
        again = self._pending == answer_id
        self.settle()
        if again:
            return
        if self._offered == answer_id or not self._can_ask() or self._is_empty(answer_id):
            self._agree(answer_id)
            return
        self._pending, self._pending_request = answer_id, next(self._ids)
        self._patience.start()
        self._predict(self._pending_request, self._chat.conversation.before(answer_id))

    @Slot()
    def settle(self) -> None:
        """A click that waits for its prediction has waited long enough, or something comes behind it."""
        if self._pending:
            self._agree(self._pending)

    def withdraw(self) -> None:
        """Forget a click that waits: the person stopped it, or its conversation is gone."""
        self._pending, self._pending_request = "", 0
        self._patience.stop()

    @Slot(str)
    def on_deleted(self, conversation_id: str) -> None:
        if conversation_id == self._chat.conversation.id:
            self.withdraw()

    @Slot(str)
    def act(self, action: str) -> None:
        """The button of a notice was used."""
        if action == _ANYWAY and self._offered:
            self._agree(self._offered)

    @Slot(str)
    def on_dismissed(self, key: str) -> None:
        """A notice was closed by the person."""
        if key == _KEY:
            self._offered = ""

    def _agree(self, answer_id: str) -> None:
        self.withdraw()
        self._take_down()
        self.agreed.emit(answer_id)

    def _offer(self, cost: str) -> None:
        answer_id = self._pending
        self.withdraw()
        self._offered = answer_id
        self.notice.emit(
            Notice(_KEY, tr("Regenerating reads {cost}.", cost=cost), "info", _ANYWAY, tr("Regenerate"))
        )

    def _take_down(self) -> None:
        if self._offered:
            self._offered = ""
            self.notice_gone.emit(_KEY)

    # ---- what the engine says -------------------------------------------------------------

    @Slot(object)
    def on_event(self, event: SessionEvent) -> None:
        """Take the answer to a prediction; those nobody waits for any more are dropped."""
        if not isinstance(event, Predicted | Failed) or not event.request_id:
            return
        cost = _worth_telling(event)
        if event.request_id == self._edit_request:
            self._edit_request = 0
            self.edit_cost_changed.emit(tr("Sending this reads {cost}", cost=cost) if cost else "")
        elif event.request_id == self._pending_request and cost:
            self._offer(cost)
        elif event.request_id == self._pending_request:
            self.settle()

    @Slot()
    def _on_leaving(self) -> None:
        self.settle()
        self._take_down()
        self.end_edit()

    def _is_empty(self, answer_id: str) -> bool:
        message = self._chat.conversation.messages.get(answer_id)
        return message is not None and not message.parts

    def _can_ask(self) -> bool:
        return self._models.info is not None and self._chat.turns.idle

    def _predict(self, request_id: int, branch: Sequence[Message]) -> None:
        chat, info = self._chat, self._models.info
        assert info is not None
        request = request_behind(chat.conversation, chat.journal, branch, info)
        self.predict_wanted.emit(Predict(request_id, replace(request, request_id=request_id)))


def _worth_telling(event: Predicted | Failed) -> str:
    """What a reading costs, in words; empty where that is little or not known."""
    if isinstance(event, Failed):
        return ""
    seconds, tokens = event.seconds, event.read_tokens
    much = tokens > _WORTH_TOKENS if seconds is None else seconds > _WORTH_S
    return words.read_again(tokens, seconds) if much else ""
