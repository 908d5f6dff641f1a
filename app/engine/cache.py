"""Which tokens the context holds, and how little of a new prompt has to be read.

A sequence's tokens and its checkpoints are a line. One line is in the context; others (other
conversations, branches that were left) are kept aside in RAM with their whole state. `prepare`
takes whichever reuses most of a prompt. Attention cells are cut; a sliding window is cut where
the window is still there; a recurrent state goes back to a checkpoint. Every step is checked by
return values and positions, and where one fails the tokens are read again.

Decode thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from app.engine.checkpoints import Checkpoint, Reason, common_prefix, thin
from app.engine.limits import available_bytes
from app.engine.memory import SequenceMemory
from app.engine.placement import devices

#: The default for either budget: this part of the RAM that is free, within these bounds.
_PART_OF_FREE, _LEAST_BUDGET, _MOST_BUDGET = 16, 256 << 20, 4 << 30
#: What is moved in a second, and in the time of reading a token where that is fast (2,000 a second).
_MOVED_A_SECOND, _MOVED_A_TOKEN = 2 << 30, 1 << 20
#: Tokens that a swap has to save, and that a line has to lose to be kept aside, besides.
_WORTH_SWAPPING, _WORTH_KEEPING = 8, 64
#: The generation prompt is no longer than this: who keeps all before it loses only the answer.
_GENERATION_PROMPT = 16
#: A sliding window's checkpoint is large and seldom needed: this many windows between two steps.
_WINDOWS_APART = 4


@dataclass(eq=False)
class Line:
    """Tokens in order, and the checkpoints along them in rising positions.

    Attributes:
        asked: length of the last prompt; what stands behind it is its answer.
        owner: the conversation whose states may be saved; empty for one that is not.
        on_disk: so many of its first tokens are in a state file.
        file: where; the next one takes its place, unless the line went another way.
    """

    tokens: list[int] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    asked: int = 0
    owner: str = ""
    on_disk: int = 0
    file: Path | None = None

    def extend(self, tokens: Sequence[int]) -> None:
        self.tokens.extend(tokens)

    def cut(self, length: int) -> None:
        """Forget what is behind `length` tokens."""
        if length < len(self.tokens):
            del self.tokens[length:]
            while self.checkpoints and self.checkpoints[-1].position > length:
                self.checkpoints.pop()
            self.on_disk = min(self.on_disk, length)

    def copy(self) -> Line:
        """The same line, to go another way; states are shared."""
        return replace(self, tokens=list(self.tokens), checkpoints=list(self.checkpoints))

    @property
    def unsaved(self) -> bool:
        """Whether it may be saved and has grown since."""
        return bool(self.owner) and len(self.tokens) > self.on_disk

    def before(self, length: int) -> Checkpoint | None:
        """The last checkpoint at `length` tokens or before."""
        return next((mark for mark in reversed(self.checkpoints) if mark.position <= length), None)

    def usable(self, length: int, *, whole: bool) -> int:
        """Where one can go on from who needs at most `length` tokens; `whole`: also behind the last."""
        if whole and length == len(self.tokens):
            return length
        mark = self.before(length)
        return mark.position if mark is not None else 0


@dataclass(frozen=True, eq=False)
class Saved:
    """A line that is not in the context, with everything needed to put it back there."""

    line: Line
    state: bytearray


class Archive(Protocol):
    """Where lines are saved that leave the context. Both calls return soon."""

    def leaves(self, saved: Saved) -> None:
        """The line stays in RAM, for as long as there is room."""

    def leaves_for_good(self) -> None:
        """The line is in the context still, and there is no room for it in RAM."""


class NoArchive:
    """Nothing is saved."""

    def leaves(self, saved: Saved) -> None:
        """Let it be."""

    def leaves_for_good(self) -> None:
        """Let it go."""


def default_budget() -> int:
    """Bytes of RAM for checkpoints, and as many for whole states, where nobody says."""
    free = available_bytes()
    if free is None:  # not Linux: ggml knows, too
        free = next((device.free_bytes for device in devices() if device.kind == "cpu"), 0)
    return min(max(free // _PART_OF_FREE, _LEAST_BUDGET), _MOST_BUDGET)


class SequenceCache:
    """The line of one sequence of a context, in step with llama.cpp's memory, and those kept aside."""

    def __init__(
        self,
        memory: SequenceMemory,
        checkpoint_bytes: int = 0,
        aside_bytes: int = 0,
        new_line: Callable[[], Line] = Line,
    ) -> None:
        self.memory = memory
        self.archive: Archive = NoArchive()
        self._moved = _MOVED_A_TOKEN
        self.checkpoint_bytes = checkpoint_bytes or default_budget()
        self.aside_bytes = aside_bytes or default_budget()
        self._new_line = new_line
        self._line = new_line()
        self._aside: list[Saved] = []  # the most recently used last

    def set_pace(self, seconds: float | None) -> None:
        """How long reading a token takes, where that is known: who reads slowly moves more."""
        self._moved = max(_MOVED_A_TOKEN, int((seconds or 0.0) * _MOVED_A_SECOND))

    def worth_moving(self, tokens: int, size: int) -> bool:
        """Whether reading `tokens` again would take longer than moving a state of `size` bytes."""
        return tokens >= _WORTH_KEEPING + size // self._moved

    @property
    def tokens(self) -> list[int]:
        """What the context holds; not to be changed."""
        return self._line.tokens

    @property
    def line(self) -> Line:
        """The one in the context; its owner may be set, and that it is saved."""
        return self._line

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Those of the line in the context."""
        return tuple(self._line.checkpoints)

    @property
    def aside(self) -> tuple[Saved, ...]:
        """The lines kept aside, the most recently used last."""
        return tuple(self._aside)

    # ---- before a prompt is read ----------------------------------------------------------

    def prepare(self, prompt: Sequence[int]) -> int:
        """Make the memory hold the longest usable prefix of `prompt`; its length, below the prompt's."""
        prompt = list(prompt)
        here = self._reuse_here(prompt)
        better = self._better_aside(prompt, here)
        if better is not None:
            self._aside.remove(better)
            self._keep_aside(here, 0)
            self._put_back(better)
            here = self._reuse_here(prompt)
        self._keep_aside(here, len(prompt))
        self._go_to(here)
        self._line.asked = len(prompt)
        return len(self.tokens)

    def reusable(self, prompt: Sequence[int]) -> int:
        """How much of `prompt` need not be read with what is in RAM; changes nothing."""
        prompt = list(prompt)
        here = self._reuse_here(prompt)
        better = self._better_aside(prompt, here)
        return here if better is None else self._reuse(better.line, prompt)

    def _reuse_here(self, prompt: list[int]) -> int:
        shared = self._shared(self._line, prompt)
        cuttable = not self.memory.is_recurrent and self.memory.covers(shared)
        if cuttable or (shared == len(self.tokens) and self.memory.holds(shared)):
            return shared
        return self._line.usable(shared, whole=False)

    def _reuse(self, line: Line, prompt: list[int]) -> int:
        """The same for a line whose whole state was just set: only a window is left of a window."""
        shared = self._shared(line, prompt)
        if not self.memory.needs_checkpoints or 0 < len(line.tokens) <= self.memory.n_swa:
            return shared
        return line.usable(shared, whole=True)

    def _shared(self, line: Line, prompt: list[int]) -> int:
        # The last token is always read: logits are no part of a state.
        return min(common_prefix(line.tokens, prompt), len(prompt) - 1)

    def _better_aside(self, prompt: list[int], here: int) -> Saved | None:
        def gain(saved: Saved) -> int:
            moved = len(saved.state) // self._moved
            return self._reuse(saved.line, prompt) - here - moved - _WORTH_SWAPPING

        best = max(reversed(self._aside), key=gain, default=None)
        return best if best is not None and gain(best) > 0 else None

    def _go_to(self, length: int) -> None:
        """Hold `length` tokens of the line, or what a checkpoint before leaves of them, or none."""
        if length == len(self.tokens) and self.memory.holds(length):
            return
        if not self.memory.is_recurrent and length and self.memory.cut(length):
            self._line.cut(length)
            return
        mark = self._line.before(length)
        if mark is not None and self.memory.return_to(mark.state, mark.position):
            self._line.cut(mark.position)
        else:
            self._empty()

    # ---- while it is read and answered ----------------------------------------------------

    def extend(self, tokens: Sequence[int]) -> None:
        """Tell of tokens that were decoded whole."""
        self._line.extend(tokens)

    def mark(self, reason: Reason) -> None:
        """Take a checkpoint here, if this kind of memory needs one and none stands here."""
        position, line = len(self.tokens), self._line
        if not position or not self.memory.needs_checkpoints:
            return
        last = line.checkpoints[-1] if line.checkpoints else None
        if last is not None and last.position == position:
            if last.reason == "step":
                line.checkpoints[-1] = Checkpoint(position, reason, last.state)
            return
        since = position - (last.position if last is not None else 0)
        if reason == "step" and since < _WINDOWS_APART * self.memory.n_swa:
            return
        state = self.memory.checkpoint()
        if state is not None:
            line.checkpoints.append(Checkpoint(position, reason, state))
            self._thin()

    def abort(self) -> None:
        """After a decode that was aborted or failed: back to the last position known to be right."""
        # A recurrent state is half changed though its position may say otherwise.
        if self.memory.is_recurrent or not self.memory.cut(len(self.tokens)):
            mark = self._line.before(len(self.tokens))
            if mark is not None and self.memory.return_to(mark.state, mark.position):
                self._line.cut(mark.position)
            else:
                self._empty()

    def clear(self) -> None:
        """Forget everything, the lines aside too."""
        self._aside.clear()
        self._empty()

    def leave(self) -> None:
        """Put the line aside if it is worth it, and empty the context."""
        self._keep_aside(0, 0)
        self._empty()

    def adopt(
        self, tokens: Sequence[int], checkpoints: Sequence[Checkpoint], asked: int, owner: str, file: Path
    ) -> None:
        """Tell that the context holds what was saved of these tokens; before, it has to be empty."""
        self._line = self._new_line()
        self._line.extend(tokens)
        self._line.checkpoints, self._line.asked = list(checkpoints), asked
        self._line.owner, self._line.on_disk, self._line.file = owner, len(tokens), file
        self._thin()

    def own(self, owner: str) -> None:
        """Tell whose the line in the context is from now on."""
        if self._line.owner != owner:
            self._line.owner, self._line.on_disk, self._line.file = owner, 0, None

    def forget(self, owner: str) -> None:
        """Keep nothing of a conversation."""
        self._aside = [saved for saved in self._aside if saved.line.owner != owner]
        if self._line.owner == owner:
            self._empty()

    def set_budgets(self, checkpoint_bytes: int, aside_bytes: int) -> None:
        """Other budgets, 0 for the default; what is too much goes at once."""
        self.checkpoint_bytes = checkpoint_bytes or default_budget()
        self.aside_bytes = aside_bytes or default_budget()
        self._fit_aside()
        self._thin()

    def _empty(self) -> None:
        self.memory.clear()
        self._line = self._new_line()

    # ---- lines that are not in the context ------------------------------------------------

    def export(self) -> Saved | None:
        """A copy of the line in the context; None where it is empty or cannot be copied.

        Takes as much memory as `memory.state_size()`; checkpoints are shared, not copied.
        """
        if not self.tokens or not self.memory.holds(len(self.tokens)):
            return None
        state = self.memory.state()
        return Saved(self._line.copy(), state) if state is not None else None

    def keep(self, saved: Saved) -> None:
        """Keep a line aside, for `prepare` to choose; the least recently used make room.

        One larger than the whole budget is not kept. A line that this one goes on from is
        dropped, since this one serves in its place.
        """
        if len(saved.state) > self.aside_bytes:
            return
        tokens = saved.line.tokens
        self._aside = [
            old for old in self._aside if common_prefix(old.line.tokens, tokens) < len(old.line.tokens)
        ]
        self._aside.append(saved)
        self._fit_aside()
        self._thin()

    def _fit_aside(self) -> None:
        while sum(len(old.state) for old in self._aside) > self.aside_bytes:
            self._aside.pop(0)

    def _keep_aside(self, reused: int, asked: int) -> None:
        """Keep the line as it is, if what is behind `reused` would take longer to read than to move.

        A prompt of `asked` tokens that goes on behind this line's own only drops its answer's thought.
        """
        line = self._line
        lost = len(line.tokens) - reused
        if lost < _WORTH_KEEPING or (asked > line.asked and reused >= line.asked - _GENERATION_PROMPT):
            return
        size = self.memory.state_size()
        if not self.worth_moving(lost, size):
            return
        saved = self.export() if size <= self.aside_bytes else None
        if saved is not None:
            self.keep(saved)
            self.archive.leaves(saved)
        else:
            self.archive.leaves_for_good()
        line.file = None  # it stays there for this branch

    def _put_back(self, saved: Saved) -> None:
        self._empty()
        if self.memory.set_state(saved.state, len(saved.line.tokens)):
            self._line = saved.line

    def _thin(self) -> None:
        """Drop checkpoints until all lines together keep within the budget."""
        lines = [self._line, *(saved.line for saved in reversed(self._aside))]
        seen: set[int] = set()
        marks: list[list[Checkpoint]] = []
        for line in lines:
            marks.append([mark for mark in line.checkpoints if id(mark.state) not in seen])
            seen.update(id(mark.state) for mark in line.checkpoints)
        dropped = {id(marks[number][index].state) for number, index in thin(marks, self.checkpoint_bytes)}
        if dropped:
            for line in lines:
                line.checkpoints = [mark for mark in line.checkpoints if id(mark.state) not in dropped]
