"""What a turn is: the request that a branch makes, and the reply that its events build.

Without Qt; the window and `ask` are its callers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from app.chat.parts import AttachmentPart, Message, Part, ReasoningPart, TextPart
from app.engine.protocol import (
    Delta,
    Failed,
    Finished,
    Generate,
    ReadProgress,
    Reclassified,
)
from app.engine.session_events import EngineStopped, SessionEvent
from app.engine.values import ChatMessage, Mode, Sampling, Timings, Usage


@dataclass(frozen=True)
class TurnSettings:
    """What the person chose for an answer. `thinking_budget` None is no limit."""

    mode: Mode = "instruct"
    thinking_budget: int | None = None
    sampling: Sampling = field(default_factory=Sampling)
    max_tokens: int = 0
    stop: tuple[str, ...] = ()
    system: str = ""


def request_for(branch: Sequence[Message], settings: TurnSettings, begun: Message | None = None) -> Generate:
    """The request for the next answer of `branch`; the session gives it its id.

    Messages of one role in a row, as deleting one leaves them, become one: templates want turns.

    Args:
        begun: the beginning of the answer, where a stopped one is to go on.
    """
    messages = [ChatMessage("system", settings.system)] if settings.system else []
    for message in map(_as_chat, branch):
        if not (message.content or message.reasoning or message.documents):
            continue  # an answer that was stopped before its first word
        if messages and messages[-1].role == message.role:
            messages[-1] = _merged(messages[-1], message)
        else:
            messages.append(message)
    return Generate(
        request_id=0,
        messages=tuple(messages),
        mode=settings.mode,
        thinking_budget=settings.thinking_budget,
        sampling=settings.sampling,
        max_tokens=settings.max_tokens,
        stop=settings.stop,
        begun=_as_chat(begun) if begun is not None else None,
    )


def _merged(first: ChatMessage, second: ChatMessage) -> ChatMessage:
    """Both as one message, in order; what stands before a later document becomes a part of it."""
    gap = "\n\n" if _says_anything(first) and _says_anything(second) else ""
    if not second.documents:
        return replace(second, content=first.content + gap + second.content, documents=first.documents)
    opening, *others = second.documents
    documents = (*first.documents, (first.content + gap, *opening), *others)
    return replace(second, documents=documents)


def _says_anything(message: ChatMessage) -> bool:
    return bool(message.content or message.documents)


def _as_chat(message: Message) -> ChatMessage:
    if len(message.parts) == 1 and isinstance(message.parts[0], TextPart):
        return ChatMessage(message.role, message.parts[0].text)  # as most of thousands are
    documents = tuple(_document(part) for part in message.attachments)
    return ChatMessage(message.role, message.text, message.reasoning, documents=documents)


def _document(part: AttachmentPart) -> tuple[str, ...]:
    ending = "" if part.text.endswith("\n") else "\n"
    name = " ".join(part.name.split())
    return f"[Document: {name}]\n", part.text, f"{ending}[End of {name}]\n\n"


class Turn:
    """Collects the events of one answer. `request_id` is that of the request it belongs to."""

    def __init__(self, request_id: int, mode: Mode = "instruct") -> None:
        self.request_id, self.mode = request_id, mode
        self.answer: list[str] = []
        self.reasoning: list[str] = []
        self.reasoning_tokens = self.answer_tokens = 0
        self.usage, self.timings = Usage(), Timings()
        self.finish_reason = ""
        self.error: Failed | EngineStopped | None = None
        self._thought_began: float | None = None
        self._answer_began: float | None = None
        self._thought_seconds = 0.0

    @property
    def done(self) -> bool:
        """Whether its last event has come."""
        return bool(self.finish_reason)

    @property
    def thinking(self) -> bool:
        """Whether the thought is still open."""
        return self._thought_began is not None and not self.done

    @property
    def thought_seconds(self) -> float:
        """How long the thought took, or takes so far."""
        running = monotonic() - self._thought_began if self._thought_began is not None else 0.0
        return self._thought_seconds + running

    def belongs(self, event: SessionEvent) -> bool:
        """Whether `event` is one of this turn."""
        return getattr(event, "request_id", None) == self.request_id

    def feed(self, event: SessionEvent) -> None:
        """Take an event of this turn."""
        if isinstance(event, ReadProgress):
            if event.read >= event.total and self.mode == "thinking" and self._thought_began is None:
                self._thought_began = monotonic()
        elif isinstance(event, Delta):
            self._delta(event)
        elif isinstance(event, Reclassified):
            self._reclassify()
        elif isinstance(event, Finished):
            self.usage, self.timings = event.usage, event.timings
            self._end(event.reason)
        elif isinstance(event, Failed):
            self.error = event
            self._end("cancelled" if event.kind == "cancelled" else "error")
        elif isinstance(event, EngineStopped):
            self.error = event
            self._end("engine_stopped")

    def parts(self) -> tuple[Part, ...]:
        """What the answer is made of so far."""
        reasoning, answer = "".join(self.reasoning), "".join(self.answer)
        found: list[Part] = []
        if reasoning:
            found.append(ReasoningPart(reasoning, self.thought_seconds, self.reasoning_tokens))
        if answer:
            found.append(TextPart(answer))
        return tuple(found)

    def mark(self) -> str:
        """Why the answer is not whole; empty where it is."""
        return "" if self.finish_reason in ("", "stop") else self.finish_reason

    def _delta(self, event: Delta) -> None:
        if event.channel == "reasoning":
            if self._thought_began is None:
                self._thought_began = monotonic()
            self.reasoning.append(event.text)
            self.reasoning_tokens = event.tokens
            return
        self._close_thought()
        if self._answer_began is None:
            self._answer_began = monotonic()
        self.answer.append(event.text)
        self.answer_tokens = event.tokens

    def _reclassify(self) -> None:
        """All of the answer so far was a thought: its text, its tokens and its time."""
        self.reasoning += self.answer
        self.answer.clear()
        self.reasoning_tokens, self.answer_tokens = self.reasoning_tokens + self.answer_tokens, 0
        if self._answer_began is not None:
            self._thought_seconds += monotonic() - self._answer_began
            self._answer_began = None

    def _close_thought(self) -> None:
        self._thought_seconds, self._thought_began = self.thought_seconds, None

    def _end(self, reason: str) -> None:
        self._close_thought()
        self.finish_reason = reason
