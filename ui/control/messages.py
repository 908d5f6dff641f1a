"""What a person does with the messages of the open conversation. GUI thread."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from app.chat.conversation import Conversation, new_id
from app.chat.exchange import Exchange
from app.chat.parts import AttachmentPart, Message, ReasoningPart, TextPart
from app.chat.title import title_from
from app.chat.transcript import last_code
from app.language import tr
from ui.chat.shown import Shown
from ui.control.attachments import AttachmentControl
from ui.control.chat import ChatControl
from ui.control.cost import ReadingCost
from ui.control.showing import of_message
from ui.control.undo import Undo


class MessageActions(QObject):
    """Send, regenerate, edit, continue, delete, switch versions.

    Signals:
        message_added: a Shown that comes after all others.
        answer_reopened: a finished answer goes on.
        edit_began: message id, its text, whether it is an answer.
        text_refused: a question that cannot be asked now; what is attached to it stays attached.
    """

    message_added = Signal(object)
    answer_reopened = Signal(str)
    edit_began = Signal(str, str, bool)
    status_changed = Signal(str, str, float)
    text_refused = Signal(str)

    def __init__(
        self,
        chat: ChatControl,
        undo: Undo,
        cost: ReadingCost,
        documents: AttachmentControl,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("message_actions")
        self._chat, self._undo, self._cost, self._documents = chat, undo, cost, documents
        cost.agreed.connect(self._on_agreed)
        chat.view_filled.connect(self._tell_all_waiting)
        chat.turns.queue_changed.connect(self._tell_all_waiting)

    @property
    def _conversation(self) -> Conversation:
        return self._chat.conversation

    # ---- asking ---------------------------------------------------------------------------

    @Slot(str)
    def send(self, text: str) -> None:
        """Ask a question, with what is attached, at the end of the branch; it waits where an answer is
        under way."""
        if not text.strip() or not self._chat.turns.usable or self._documents.hold or self._chat.glimpsed:
            self.text_refused.emit(text)
            return
        self._cost.settle()
        conversation, chat = self._conversation, self._chat
        parent = conversation.leaf
        message = conversation.append("user", *self._documents.take(), TextPart(text))
        self._show(message)
        exchange = self._ask_behind(message, parent)
        self._show_waiting(exchange)
        self._send(exchange)
        chat.set_draft("")  # behind the question: one of the two is always saved

    def _ask_behind(self, question: Message, parent: str | None) -> Exchange:
        """Save a question that is in the tree already, then have it answered."""
        conversation, chat = self._conversation, self._chat
        if not conversation.title:
            conversation.title = title_from(question.text)
            chat.title_changed.emit(conversation.title)
            if chat.created:
                chat.journal.rename(conversation)
        if chat.created or conversation.temporary:
            chat.journal.add_message(conversation, question, parent)
        else:
            chat.create()
        return chat.turns.add(conversation, chat.journal, asked=True)

    def _answer_again(self, question_id: str | None) -> None:
        """Another answer to a question."""
        self._conversation.leaf = question_id
        exchange = self._chat.turns.add(self._conversation, self._chat.journal)
        self._chat.refresh()
        self._send(exchange)

    def _send(self, exchange: Exchange) -> None:
        """Send it once all before it is saved, or now where nothing has to be."""
        turns = self._chat.turns
        self._chat.after_saved(lambda: turns.release(exchange))
        turns.send_next()

    def _show_waiting(self, exchange: Exchange) -> None:
        """The place where the answer will stand."""
        self._chat.see(exchange.answer.id)
        self.message_added.emit(Shown(exchange.answer.id, "assistant", finished=False))
        self._tell_all_waiting()

    @Slot()
    def _tell_all_waiting(self) -> None:
        """Say under each answer that waits what it waits for."""
        turns = self._chat.turns
        for exchange in self._running():
            text = turns.waiting_text(exchange)
            if text and self._chat.is_visible(exchange.answer.id):
                self.status_changed.emit(exchange.answer.id, text, -1.0)

    def _show(self, message: Message) -> None:
        self._chat.see(message.id)
        self.message_added.emit(of_message(self._chat.saved, message))

    # ---- actions of a message -------------------------------------------------------------

    @Slot(str, str)
    def act(self, action: str, message_id: str) -> None:
        """Carry out an action that the chat view names; an unknown message is let be."""
        if message_id not in self._conversation.messages:
            return
        if action in ("regenerate", "retry"):
            self.regenerate(message_id)
            return
        self._cost.settle()
        steps = {"previous": -1, "next": 1}
        if action in steps:
            self.step(message_id, steps[action])
        elif action == "answer":
            self.answer(message_id)
        elif action == "continue":
            self.go_on(message_id)
        elif action == "edit":
            self.edit(message_id)
        elif action == "delete":
            self.delete(message_id)

    def step(self, message_id: str, way: int) -> None:
        """Show the next or previous version of a message, and what follows it."""
        if self._conversation.switch(message_id, way) is not None:
            self._chat.leaf_moved()

    def regenerate(self, message_id: str) -> None:
        """Another version of an answer, once it is clear that it is worth its reading."""
        message = self._conversation.messages[message_id]
        if message.role == "assistant" and self._chat.turns.usable:
            self._cost.weigh(message_id)

    @Slot(str)
    def _on_agreed(self, message_id: str) -> None:
        if message_id in self._conversation.messages and self._chat.turns.usable:
            self._answer_again(self._conversation.parents[message_id])

    def answer(self, message_id: str) -> None:
        """Answer a question that has no answer yet."""
        if self._chat.turns.usable:
            self._answer_again(message_id)

    def go_on(self, message_id: str) -> None:
        """Continue an answer that was stopped."""
        message = self._conversation.messages[message_id]
        under_way = any(one.answer.id == message_id for one in self._running())
        if under_way or not message.parts or not self._chat.turns.usable:
            return
        exchange = self._chat.turns.add(self._conversation, self._chat.journal, message_id)
        self.answer_reopened.emit(message_id)
        self._send(exchange)
        self._tell_all_waiting()

    def edit(self, message_id: str) -> None:
        message = self._conversation.messages[message_id]
        self.edit_began.emit(message_id, message.text, message.role == "assistant")

    @Slot()
    def edit_last(self) -> None:
        """Edit the newest question of the branch."""
        asked = [message.id for message in self._conversation.branch() if message.role == "user"]
        if asked and not self._chat.glimpsed:
            self.edit(asked[-1])

    @Slot(str, str)
    def save_edit(self, message_id: str, text: str) -> None:
        """Put an edited message beside the one it was; an edited question is asked."""
        if message_id not in self._conversation.messages or not text.strip():
            return
        if self._chat.glimpsed:
            self.text_refused.emit(text)
            return
        self._cost.settle()
        message = self._conversation.messages[message_id]
        asks = message.role == "user"
        if message.text == text or (asks and not self._chat.turns.usable):
            if message.text != text:
                self.text_refused.emit(text)
            return
        kept = tuple(part for part in message.parts if isinstance(part, AttachmentPart | ReasoningPart))
        edited = replace(
            message, id=new_id(), parts=(*kept, TextPart(text)), edited=not asks, mark="", created=time.time()
        )
        parent = self._conversation.parents[message_id]
        self._conversation.add(edited, parent)
        if asks:
            exchange = self._ask_behind(edited, parent)
            self._chat.refresh()
            self._send(exchange)
        else:
            self._chat.journal.add_message(self._conversation, edited, parent)
            self._chat.refresh()

    def delete(self, message_id: str) -> None:
        """Leave a message out; it can be put back."""
        conversation, journal, leaf = self._conversation, self._chat.journal, self._conversation.leaf
        for exchange in self._running():
            question = exchange.question
            if message_id in (exchange.answer.id, question.id if question is not None else ""):
                self._chat.turns.drop(exchange.request_id)
        conversation.delete(message_id)
        journal.set_deleted(message_id, True)
        journal.set_leaf(conversation)
        self._chat.refresh()

        def put_back() -> None:
            held = self._chat.held(conversation.id)  # opened again, it is another object
            found = held.conversation if held is not None else conversation
            found.set_deleted(message_id, False)
            found.leaf = leaf if leaf in found.messages else found.leaf
            journal.set_deleted(message_id, False)
            journal.set_leaf(found)
            if self._conversation is found:
                self._chat.refresh()

        self._undo.offer(tr("The message was deleted."), put_back)

    @Slot()
    def stop(self) -> None:
        """Stop the answer of this conversation."""
        self._cost.withdraw()
        self._chat.turns.stop(self._conversation.id)

    # ---- by shortcut ----------------------------------------------------------------------

    def last_answer(self) -> Message | None:
        """The newest answer of the branch; none while what is seen is still another conversation."""
        if self._chat.glimpsed:
            return None
        answers = [message for message in self._conversation.branch() if message.role == "assistant"]
        return answers[-1] if answers else None

    def last_code(self) -> str:
        """The last block of code in the newest answer that has one."""
        for message in [] if self._chat.glimpsed else reversed(self._conversation.branch()):
            code = last_code(message.text) if message.role == "assistant" else ""
            if code:
                return code
        return ""

    @Slot()
    def regenerate_last(self) -> None:
        """Another version of the newest answer, unless one is under way."""
        answer = self.last_answer()
        if answer is not None and not self._running() and not self._chat.glimpsed:
            self.regenerate(answer.id)

    @Slot()
    def continue_last(self) -> None:
        answer = self.last_answer()
        if answer is not None and answer.mark and not self._chat.glimpsed:
            self.go_on(answer.id)

    def _running(self) -> list[Exchange]:
        return self._chat.turns.exchanges(self._conversation.id)
