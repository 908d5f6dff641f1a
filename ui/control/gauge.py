"""How much of the context the question takes that is being written, or an answer under way. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.chat.exchange import Exchange, request_asking
from app.chat.parts import AttachmentPart, Message, TextPart
from app.engine.protocol import CountPrompt, Failed, Generate, PromptCount, ReadProgress
from app.engine.session_events import EngineStopped, Resting, SessionEvent, Waking
from ui.composer.gauge_value import GaugeValue
from ui.control.chat import ChatControl
from ui.control.models import ModelControl
from ui.throttle import Throttle

_DEBOUNCE_MS = 250
#: How often it moves while an answer streams.
_STREAM_MS = 250
#: More characters for each token than any text has.
_MOST_CHARS = 32
_CHARS_PER_TOKEN = 4


class GaugeControl(QObject):
    """Has the prompt counted that Send would make now: one count at a time, a while after the last change.

    What the engine has of the conversation and its documents is sent once; the question each time.

    Attributes:
        documents: the documents that go with the question, as far as they are read.

    Signals:
        changed: GaugeValue.
        count_wanted: a CountPrompt for the engine.
        cancel_wanted: id of a count that nobody waits for any more.
    """

    changed = Signal(object)
    count_wanted = Signal(object)
    cancel_wanted = Signal(int)

    def __init__(
        self, ids: Iterator[int], chat: ChatControl, models: ModelControl, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("gauge_control")
        self._ids, self._chat, self._models = ids, chat, models
        self.documents: Callable[[], Sequence[AttachmentPart]] = tuple
        self.value = GaugeValue()
        self._place: tuple[str, str | None] = ("", None)
        self._asked: CountPrompt | None = None
        self._again = self._resting = self._touched = False
        self._key = ""
        self._known: Generate | None = None  # what the engine has by that key
        self._answering: Exchange | None = None
        self._prompt_tokens = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_DEBOUNCE_MS)
        self._pause.timeout.connect(self._count)
        self._stream = Throttle(_STREAM_MS, self)
        self._stream.due.connect(self._on_stream)
        chat.context_used.connect(self._on_context)
        chat.settings_shown.connect(self.refresh)
        chat.turns.began.connect(self._on_began)
        chat.turns.event_taken.connect(self._on_answer)
        chat.turns.finished.connect(self._on_finished)

    # ---- what changes it ------------------------------------------------------------------

    @Slot()
    def on_typed(self) -> None:
        """What is written changed; a model that rests is woken for it."""
        self._touched = True
        self.refresh()

    @Slot()
    def on_documents(self) -> None:
        """The documents that go with the question changed."""
        self._touched = True
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Something changed that the prompt may depend on."""
        if not self._shows_answer():
            self._tell(replace(self.value, exact=self._is_empty()))
        self._pause.start()

    @Slot(int, int)
    def _on_context(self, used: int, size: int) -> None:
        """Another conversation, branch or model: what is known of it stands until it is counted."""
        conversation = self._chat.conversation
        place, self._place = self._place, (conversation.id, conversation.leaf)
        if self._shows_answer():
            self._tell(replace(self.value, size=size))
            self._on_stream()
            return
        value = GaugeValue(used) if place != self._place else replace(self.value, answering=False)
        self._tell(replace(value, size=size))
        self.refresh()

    # ---- an answer ------------------------------------------------------------------------

    @Slot(object)
    def _on_began(self, exchange: Exchange) -> None:
        self._answering, self._prompt_tokens = exchange, 0

    @Slot(object, object)
    def _on_answer(self, _exchange: Exchange, event: SessionEvent) -> None:
        if isinstance(event, ReadProgress):
            self._prompt_tokens = event.total
        if self._shows_answer() and self._prompt_tokens:
            self._stream.request()

    @Slot()
    def _on_stream(self) -> None:
        exchange = self._answering
        if exchange is None or not self._shows_answer() or not self._prompt_tokens:
            return
        turn = exchange.turn
        used = self._prompt_tokens + turn.reasoning_tokens + turn.answer_tokens
        self._tell(replace(self.value, used=used, exact=True, answering=True))

    @Slot(object)
    def _on_finished(self, _exchange: Exchange) -> None:
        self._answering, self._prompt_tokens = None, 0
        self._stream.cancel()
        self._tell(replace(self.value, answering=False))
        self.refresh()

    def _shows_answer(self) -> bool:
        one = self._answering
        return one is not None and not one.turn.done and one.conversation is self._chat.conversation

    # ---- counting -------------------------------------------------------------------------

    def _is_empty(self) -> bool:
        """Whether nothing is there that could be counted."""
        saved = self._chat.saved
        return not (saved.draft.strip() or saved.conversation.branch() or self.documents())

    def _question(self) -> tuple[list[Message], Sequence[AttachmentPart], str]:
        """What stands before the question, its documents, and its text."""
        saved = self._chat.saved
        conversation, (edited_id, text) = saved.conversation, saved.edit
        edited = conversation.messages.get(edited_id)
        if edited is not None and edited.role == "user":
            return conversation.before(edited.id), edited.attachments, text
        return conversation.branch(), tuple(self.documents()), saved.draft

    @Slot()
    def _count(self) -> None:
        info = self._models.info
        if info is None or self._shows_answer() or (self._resting and not self._touched):
            return
        if self._is_empty():
            self._drop()
            self._tell(GaugeValue(0, info.n_ctx, True))
            return
        before, documents, text = self._question()
        written = sum(len(part.text) for one in before for part in one.parts if isinstance(part, TextPart))
        if written > _MOST_CHARS * info.n_ctx:
            # Megabytes that cannot fit whatever their tokens are: nobody waits for their count.
            self._drop()
            self._tell(GaugeValue(written // _CHARS_PER_TOKEN, info.n_ctx, beyond=True))
            return
        chat = self._chat
        request = request_asking(chat.conversation, chat.journal, before, documents, info)
        same = self._asked is not None and request == self._known
        if self._asked is not None:
            self._again = not (same and self._asked.question == text.strip("\n"))
            if self._again:
                self.cancel_wanted.emit(self._asked.request_id)
            return
        self._ask(request, text.strip("\n"))

    def _ask(self, request: Generate, question: str) -> None:
        number = next(self._ids)
        if request == self._known:
            self._asked = CountPrompt(number, self._key, None, question)
        else:
            self._key, self._known = str(number), request
            self._asked = CountPrompt(number, self._key, request, question)
        self._touched = False
        self.count_wanted.emit(self._asked)

    def _drop(self) -> None:
        """What is being counted is not wanted any more."""
        if self._asked is not None:
            self._again = True
            self.cancel_wanted.emit(self._asked.request_id)

    @Slot(object)
    def on_event(self, event: SessionEvent) -> None:
        """Take the answer to a count; all other events but a model's rest and an engine's end are let be."""
        if isinstance(event, Resting | Waking):
            self._resting = isinstance(event, Resting)
        elif isinstance(event, EngineStopped):
            self._known = None  # the next engine has to be told
        elif isinstance(event, PromptCount | Failed):
            asked = self._asked
            if asked is not None and event.request_id == asked.request_id:
                self._asked = None
                self._answered(event, asked)

    def _answered(self, event: PromptCount | Failed, asked: CountPrompt) -> None:
        again, self._again = self._again, False
        if isinstance(event, Failed) and asked.request is None and event.kind == "request":
            self._known, again = None, True
        if again:
            self._count()
        elif isinstance(event, PromptCount) and not self._shows_answer() and not self._pause.isActive():
            size = self._chat.turns.context_size
            self._tell(GaugeValue(event.tokens, size, True, event.documents))

    def _tell(self, value: GaugeValue) -> None:
        if value != self.value:
            self.value = value
            self.changed.emit(value)
