"""What the cases of the cache ask of an engine, ours or a peer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.engine.values import Budgets, ChatMessage, Mode

BATCH, THREADS = 512, 1


@dataclass(frozen=True)
class Setting:
    """One model and what may be kept of it."""

    name: str
    path: Path
    folder: Path
    n_ctx: int
    budgets: Budgets
    checkpoint_bytes: int
    conversation_bytes: int


@dataclass(frozen=True)
class Request:
    """A question with all that was said before it.

    Attributes:
        letters: length of the answer, which ends by itself; 0 for one without an end.
        stop_after: so many tokens of the answer, not counting a thought; 0 for all.
    """

    messages: tuple[ChatMessage, ...]
    mode: Mode
    conversation: str
    letters: int = 40
    stop_after: int = 0

    @property
    def grammar(self) -> str:
        """The only answers: letters, which templates leave as they are."""
        return "root ::= [a-z]" + (f"{{{self.letters}}}" if self.letters else "+")


@dataclass(frozen=True)
class Answer:
    """What one answer took.

    Attributes:
        read: tokens of the prompt that were read for it.
        first_s: seconds from the request to its first token.
        behind: tokens of the prompt behind its first difference from what was decoded before.
        found_s: seconds of these until the reading began: building the prompt, restoring a state.
        reading_s: seconds of these that the reading took.
        reused: tokens that were not read.
        from_disk: whether a saved state of the conversation was made use of.
    """

    read: int
    first_s: float
    text: str = ""
    thought: str = ""
    behind: int = 0
    found_s: float = 0.0
    reading_s: float = 0.0
    reused: int = 0
    from_disk: bool = False


class NotOffered(Exception):  # noqa: N818 - not an error, an outcome
    """The engine has nothing of the kind."""


class Runner(Protocol):
    """One engine with one model."""

    name: str
    #: Whether what was read turn by turn leaves more to come back to than the same in one prompt.
    keeps_turns: bool

    def ask(self, request: Request) -> Answer: ...

    def stop_and_ask(self, request: Request) -> tuple[Answer, int]:
        """Stop in the middle of reading, ask again; and how many tokens had been read."""

    def go_on(self, request: Request, answer: Answer) -> Answer:
        """Continue the answer just given."""

    def save(self, conversation: str) -> None:
        """Have the conversation last asked of on the disk."""

    def restart(self) -> None:
        """End the program and start it again."""

    def resize(self, n_ctx: int) -> None:
        """Load the model with another context."""

    def kill(self, request: Request) -> None:
        """Kill the process in the middle of an answer and start it again."""

    def close(self) -> None: ...
