"""What a message is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """What was written, as Markdown where the assistant wrote it."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """A thought. `seconds` it took, `tokens` it has."""

    text: str
    seconds: float = 0.0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class AttachmentPart:
    """A document that goes with a question; it stands before the question in the prompt.

    Attributes:
        text: exactly what the model sees of it.
        kind: as in app.documents.values.Extracted, "paste" for a pasted text, "" where it is not known.
        pages: of the whole document; 0 where it has none.
        chosen: which of them `text` has ("1-20, 40"), "" for all.
        notes: what a person should know of it, one plain sentence each.
    """

    name: str
    text: str
    kind: str = ""
    pages: int = 0
    chosen: str = ""
    notes: tuple[str, ...] = ()


Part = TextPart | ReasoningPart | AttachmentPart


@dataclass(frozen=True, slots=True)
class AnswerInfo:
    """How an answer was made: what stands under it. Speed in tokens per second, time in seconds.

    Attributes:
        context_tokens: how much of the context the conversation took with it.
        prompt_tokens: what the model was told before it answered; `read_tokens` of them were read for
            this answer, the others were known from before.
    """

    model: str = ""
    quantization: str = ""
    mode: str = ""
    tokens: int = 0
    tokens_per_second: float = 0.0
    first_token_s: float = 0.0
    context_tokens: int = 0
    prompt_tokens: int = 0
    read_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation.

    Attributes:
        mark: why it is not whole ("cancelled", "length", "context_full", "engine_stopped",
            "error", "interrupted"), empty where it is.
        created: seconds since the epoch, 0 where nobody keeps it.
        info: how an answer was made, None for what a person wrote.
        edited: whether a person changed what the model wrote.
        deleted: whether it is left out of the view and of the prompt; undo puts it back.
    """

    id: str
    role: Role
    parts: tuple[Part, ...]
    mark: str = ""
    created: float = 0.0
    info: AnswerInfo | None = None
    edited: bool = False
    deleted: bool = False

    @property
    def text(self) -> str:
        """All its written text."""
        if len(self.parts) == 1 and isinstance(self.parts[0], TextPart):
            return self.parts[0].text
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def reasoning(self) -> str:
        """All its thoughts."""
        return "".join(part.text for part in self.parts if isinstance(part, ReasoningPart))

    @property
    def attachments(self) -> tuple[AttachmentPart, ...]:
        return tuple(part for part in self.parts if isinstance(part, AttachmentPart))
