"""Where checkpoints stand, which one serves a prompt, and which have to go when RAM is short.

Pure: nothing here knows llama.cpp.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple, Protocol

#: boundary: later prompts are likely to part here. answer: the end of one. step: of a prefill step.
Reason = Literal["boundary", "answer", "step"]

#: A step matters while its prompt is being read; afterwards prompts hardly ever part there.
_WEIGHTS: dict[Reason, float] = {"boundary": 1.0, "answer": 1.0, "step": 1 / 32}
#: How much less one sequence matters than the one that was used after it.
_OLDER_SEQUENCE = 4.0
_COMPARED = 4096


class Mark(Protocol):
    """What the policy looks at."""

    @property
    def position(self) -> int: ...
    @property
    def reason(self) -> Reason: ...
    @property
    def size(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state after `position` tokens, less what can be cut. `state` is never changed."""

    position: int
    reason: Reason
    state: bytearray

    @property
    def size(self) -> int:
        return len(self.state)


class Dropped(NamedTuple):
    """One checkpoint by the number of its sequence and its own number in there."""

    sequence: int
    mark: int


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens both begin with. Slices of the same type are compared in C."""
    shorter = min(len(first), len(second))
    at = 0
    while at < shorter:
        end = min(at + _COMPARED, shorter)
        if first[at:end] != second[at:end]:
            break
        at = end
    while at < shorter and first[at] == second[at]:
        at += 1
    return at


def next_edge(at: int, total: int, boundaries: Sequence[int], n_batch: int) -> int:
    """Where the prefill step that begins at `at` ends.

    Edges are the boundaries, and multiples of `n_batch` counted from the boundary before: they
    depend on the prompt alone, so that a reading that goes on from an edge decodes the same
    batches as one from the start.
    """
    behind = bisect_right(boundaries, at)
    begin = boundaries[behind - 1] if behind else 0
    edge = begin + ((at - begin) // n_batch + 1) * n_batch
    return min(edge, total, *boundaries[behind : behind + 1])


def turn_ends(tokens: Sequence[int], enders: Collection[int]) -> tuple[int, ...]:
    """Boundaries of a prompt that brings none: behind the first end of a turn and the last two.

    Those are the end of the system prompt, the beginning of the last message, and what stands
    before the generation prompt.
    """
    behind = (at + 1 for at, token in enumerate(tokens) if token in enders)
    found = set(islice(behind, 1))
    if found:
        backwards = range(len(tokens) - 1, -1, -1)
        found.update(islice((at + 1 for at in backwards if tokens[at] in enders), 2))
    return tuple(sorted(position for position in found if position < len(tokens)))


def thin(sequences: Sequence[Sequence[Mark]], budget: int) -> list[Dropped]:
    """What to drop so that the sum of sizes is at most `budget` bytes, in the order of dropping.

    `sequences` begin with the one in use, then the most recently used; each is in rising
    positions. What goes first is what costs least to do without: few tokens back to the one
    before, a reason that is seldom come back to, far behind the end, an old sequence. Growing
    distance makes the spacing of old ones grow. The newest and the last boundary of a sequence
    stay until nothing else is left, the newest of the one in use in any case.
    """
    left = [list(range(len(marks))) for marks in sequences]
    excess = sum(mark.size for marks in sequences for mark in marks) - budget
    dropped: list[Dropped] = []
    while excess > 0:
        victim = _cheapest(sequences, left) or _oldest(left)
        if victim is None:
            break
        left[victim.sequence].remove(victim.mark)
        excess -= sequences[victim.sequence][victim.mark].size
        dropped.append(victim)
    return dropped


def _cheapest(sequences: Sequence[Sequence[Mark]], left: Sequence[list[int]]) -> Dropped | None:
    best: tuple[float, Dropped] | None = None
    for number, (marks, kept) in enumerate(zip(sequences, left, strict=True)):
        if not kept:
            continue
        newest = marks[kept[-1]].position
        boundaries = [index for index in kept if marks[index].reason == "boundary"]
        before = 0
        for index in kept[:-1]:
            mark = marks[index]
            gap, before = mark.position - before, mark.position
            if boundaries and index == boundaries[-1]:
                continue
            cost = gap * _WEIGHTS[mark.reason] / (1 + newest - mark.position) ** 0.5
            cost /= _OLDER_SEQUENCE**number
            if best is None or cost < best[0]:
                best = cost, Dropped(number, index)
    return best[1] if best else None


def _oldest(left: Sequence[list[int]]) -> Dropped | None:
    for number in range(len(left) - 1, -1, -1):
        if len(left[number]) > (number == 0):
            return Dropped(number, left[number][0])
    return None
