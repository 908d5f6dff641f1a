"""How much room a conversation has in the context, and which context gives it enough. Pure; in tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.models.contexts import stops_up_to

RoomState = Literal["", "near", "over", "full"]
#: An answer should find an eighth of the context, or so many tokens: a long thought with its answer.
_SHARE, _ANSWER = 8, 16_384


@dataclass(frozen=True)
class Room:
    """What is known of it.

    Attributes:
        used: by what would be sent now, or by the answer that is under way and all before it.
        size: of the context; 0 without a model.
        answering: whether an answer is under way.
        ended_full: whether the last answer ended because the context was full.
    """

    used: int
    size: int
    answering: bool = False
    ended_full: bool = False

    @property
    def left(self) -> int:
        return max(0, self.size - self.used)

    @property
    def state(self) -> RoomState:
        """ "over": it can't be sent. "near": an answer may not find room. "full": one did not."""
        if not self.size:
            return ""
        if self.used >= self.size and not self.answering:
            # The first token of the answer takes a place, too.
            return "over"
        if self.ended_full and not self.answering:
            return "full"
        return "near" if self.left < answer_room(self.size) else ""


def answer_room(size: int) -> int:
    """What an answer should find free in a context of `size`."""
    return min(size // _SHARE, _ANSWER)


def roomy_context(used: int, size: int, most: int) -> int:
    """The shortest stop over `size` that leaves an answer its room behind `used`; 0 where none does.

    Args:
        most: what the model can have; where only that is long enough it needs no more than to hold `used`.
    """
    for stop in stops_up_to(most):
        if stop > size and stop - answer_room(stop) >= used:
            return stop
    return most if most > max(used, size) else 0
