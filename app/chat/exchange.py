"""One answer from its question to its place in the library: asked, collected, saved, titled.

Without Qt. The window, `ask` and later an API are its callers: they send the request, hand over
the events, and call `save` now and then while the answer streams. What is kept goes to a `Journal`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from app.chat.conversation import ChatSettings, Conversation
from app.chat.parts import AnswerInfo, AttachmentPart, Message, Part, ReasoningPart, TextPart
from app.chat.presets import model_name, settings_for
from app.chat.title import title_from
from app.chat.turn import Turn, request_for
from app.engine.protocol import (
    Delta,
    Failed,
    Generate,
    Reclassified,
)
from app.engine.session_events import SessionEvent
from app.engine.values import ModelInfo
from app.settings.model import ModeSettings

#: The engine never began: the request itself was refused, and so would be all that follow it.
REFUSALS = ("prompt_too_long", "request", "template")


class Journal(Protocol):
    """Where a conversation is kept. Calls return at once and are carried out in their order.

    `lasting` says whether it is still there when the app is opened again.
    """

    @property
    def lasting(self) -> bool: ...
    def add_message(self, conversation: Conversation, message: Message, parent: str | None) -> None: ...
    def append(self, message_id: str, channel: str, text: str) -> None: ...
    def finish(self, message: Message) -> None: ...
    def set_deleted(self, message_id: str, deleted: bool) -> None: ...
    def set_leaf(self, conversation: Conversation) -> None: ...
    def rename(self, conversation: Conversation) -> None: ...


class NoJournal:
    """For what is never saved."""

    lasting = False

    def add_message(self, conversation: Conversation, message: Message, parent: str | None) -> None:
        """Keep nothing."""

    def append(self, message_id: str, channel: str, text: str) -> None:
        """Keep nothing."""

    def finish(self, message: Message) -> None:
        """Keep nothing."""

    def set_deleted(self, message_id: str, deleted: bool) -> None:
        """Keep nothing."""

    def set_leaf(self, conversation: Conversation) -> None:
        """Keep nothing."""

    def rename(self, conversation: Conversation) -> None:
        """Keep nothing."""


def states_name(conversation: Conversation, journal: Journal) -> str:
    """The conversation whose states may be saved; empty where nothing may be on the disk."""
    return conversation.id if journal.lasting and not conversation.temporary else ""


def request_behind(
    conversation: Conversation, journal: Journal, branch: Sequence[Message], info: ModelInfo
) -> Generate:
    """What an answer behind `branch`, with the settings of its conversation, would ask; without an id."""
    request = request_for(branch, settings_for(info, conversation.settings))
    return replace(request, conversation=states_name(conversation, journal))


def request_asking(
    conversation: Conversation,
    journal: Journal,
    branch: Sequence[Message],
    documents: Sequence[AttachmentPart],
    info: ModelInfo,
) -> Generate:
    """What a question with `documents` behind `branch` would ask, its text left out.

    The text belongs behind the content of the last message, which is the user's; see CountPrompt.
    """
    place = "?"  # a question without a word would be none
    question = Message("", "user", (*documents, TextPart(place)))
    request = request_behind(conversation, journal, [*branch, question], info)
    *before, last = request.messages
    last = replace(last, content=last.content.removesuffix(place))
    return replace(request, messages=(*before, last))


class Exchange:
    """The next answer of a conversation, or the rest of a stopped one (`answer_id`).

    `asked` says that its question was asked for it, and leaves the branch with it where it is refused.

    Attributes:
        answer: the message, as far as it is known to the conversation.
        refused_text: the question, where it was refused, and its documents in `refused_attachments`.
    """

    def __init__(
        self,
        conversation: Conversation,
        journal: Journal,
        request_id: int,
        answer_id: str | None = None,
        *,
        asked: bool = True,
    ) -> None:
        self.conversation, self._journal = conversation, journal
        self.turn = Turn(request_id)
        self._model: ModelInfo | None = None
        self._unsaved: list[tuple[str, str]] = []
        self._before: tuple[Part, ...] = ()
        self._mode = self.turn.mode
        if answer_id is None:
            self.answer = conversation.append("assistant")
            journal.add_message(conversation, self.answer, conversation.parents[self.answer.id])
        else:
            self.answer = conversation.messages[answer_id]
            self._before = self.answer.parts
            conversation.update(replace(self.answer, mark=""))
        self._continues = bool(self._before)
        self.refused_text = ""
        self.refused_attachments: tuple[AttachmentPart, ...] = ()
        self._asked = asked

    @property
    def request_id(self) -> int:
        return self.turn.request_id

    @property
    def question(self) -> Message | None:
        """The last message before the answer that counts."""
        before = self.conversation.before(self.answer.id)
        return before[-1] if before else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the answer is made of so far."""
        return _joined(self._before, self.turn.parts())

    def request(
        self,
        info: ModelInfo,
        chosen: ChatSettings,
        max_tokens: int = 0,
        *,
        preferred: ModeSettings = ModeSettings(),
    ) -> Generate:
        """The request, once there is a model to ask. `max_tokens` 0 is no limit."""
        self._model = info
        settings = replace(settings_for(info, chosen, preferred), max_tokens=max_tokens)
        if self._continues and self.answer.info is not None and self.answer.info.mode in info.modes:
            settings = replace(settings, mode=self.answer.info.mode)
        self._mode = settings.mode
        # Where the answer has begun nothing is thought any more.
        self.turn.mode = "instruct" if self.answer.text else settings.mode
        begun = self.answer if self._continues else None
        branch = self.conversation.before(self.answer.id)
        return replace(
            request_for(branch, settings, begun),
            request_id=self.request_id,
            conversation=states_name(self.conversation, self._journal),
        )

    def feed(self, event: SessionEvent) -> None:
        """Take an event of this turn; with the last one the answer is whole and saved."""
        self.turn.feed(event)
        if isinstance(event, Delta):
            # A call of a tool is kept with the answer until tools are offered.
            channel = "reasoning" if event.channel == "reasoning" else "answer"
            self._unsaved.append((channel, event.text))
        elif isinstance(event, Reclassified) and not self._continues:
            # What was saved as answer is a thought: the parts are written anew.
            self._unsaved.clear()
            now = self.conversation.messages[self.answer.id]
            self._journal.finish(replace(now, parts=self.parts, mark="interrupted"))
        if self.turn.done:
            self._end()

    def save(self) -> None:
        """Hand over what came since the last call."""
        pieces, self._unsaved = self._unsaved, []
        at = 0
        while at < len(pieces):
            channel, end = pieces[at][0], at
            while end < len(pieces) and pieces[end][0] == channel:
                end += 1
            self._journal.append(self.answer.id, channel, "".join(text for _, text in pieces[at:end]))
            at = end

    def fail(self, kind: str, message: str) -> None:
        """End an answer that never reached the engine."""
        self.feed(Failed(self.request_id, kind, message))

    @property
    def refused(self) -> bool:
        """Whether the question itself was refused; the empty answer has left the branch, and so has a
        question that was asked for it."""
        error = self.turn.error
        return isinstance(error, Failed) and error.kind in REFUSALS and not self.parts

    def _end(self) -> None:
        self._unsaved.clear()
        now = self.conversation.messages[self.answer.id]  # it may have been deleted meanwhile
        self.answer = replace(
            now, parts=self.parts, mark=self._mark(), info=self._info(), created=time.time()
        )
        self.conversation.update(self.answer)
        self._journal.finish(self.answer)
        if self.refused:
            self._take_back()
        else:
            self._make_title()

    def _mark(self) -> str:
        turn = self.turn
        if turn.finish_reason == "stop" and not any(isinstance(part, TextPart) for part in self.parts):
            return "only_thought" if self.parts else "empty"
        return turn.mark()

    def _info(self) -> AnswerInfo | None:
        turn, model = self.turn, self._model
        if model is None:
            return self.answer.info
        before = self.answer.info.tokens if self.answer.info is not None and self._continues else 0
        return AnswerInfo(
            model=model_name(model),
            quantization=model.quantization,
            mode=self._mode,
            tokens=before + turn.usage.generated_tokens,
            tokens_per_second=turn.timings.decode_tps,
            first_token_s=turn.timings.first_token_s,
            context_tokens=turn.usage.prompt_tokens + turn.usage.generated_tokens,
            prompt_tokens=turn.usage.prompt_tokens,
            read_tokens=turn.usage.read_tokens,
        )

    def _take_back(self) -> None:
        """A refused question leaves the branch, or every later one were refused with it."""
        question = self.question if self._asked else None
        self.refused_text = question.text if question is not None else ""
        self.refused_attachments = question.attachments if question is not None else ()
        for message in (self.answer, question):
            if message is not None:
                self.conversation.delete(message.id)
                self._journal.set_deleted(message.id, True)
        self._journal.set_leaf(self.conversation)

    def _make_title(self) -> None:
        """From the first exchange; a title that a person gave stays, and so does one once it is made."""
        messages = self.conversation.messages.values()
        asked = [message.text for message in messages if message.role == "user"]
        if self.conversation.titled or len(asked) != 1:
            return
        title = title_from(asked[0], self.answer.text)
        if title and title != self.conversation.title:
            self.conversation.title = title
            self._journal.rename(self.conversation)


def as_now(conversation: Conversation, running: Sequence[Exchange]) -> Conversation:
    """A copy in which answers that are under way stand as far as they have come, marked as stopped there."""
    copy = conversation.copy()
    for exchange in running:
        begun = copy.messages.get(exchange.answer.id)
        if begun is not None:
            copy.update(replace(begun, parts=exchange.parts, mark="cancelled"))
    return copy


def _joined(before: tuple[Part, ...], after: tuple[Part, ...]) -> tuple[Part, ...]:
    """A stopped answer's parts with those that came when it went on."""
    if not before:
        return after
    thoughts = [part for part in (*before, *after) if isinstance(part, ReasoningPart)]
    text = "".join(part.text for part in (*before, *after) if isinstance(part, TextPart))
    found: list[Part] = []
    if thoughts:
        found.append(
            ReasoningPart(
                "".join(part.text for part in thoughts),
                sum(part.seconds for part in thoughts),
                max(part.tokens for part in thoughts),
            )
        )
    if text:
        found.append(TextPart(text))
    return tuple(found)
