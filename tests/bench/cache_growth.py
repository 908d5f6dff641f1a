"""What the next turn spends beyond the decode of its new tokens, at growing lengths of the context.

The engine is timed from the request to the first token, less what passes between the first and the
last word of its reading. In that time it also takes a checkpoint before each step. That is timed by
itself, in this process, in the state that the engine saved, and counts among what is spent. (The
decode, timed by itself in the same way, would differ by more than all the rest takes.)
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from statistics import median

from app.engine import seqstate
from app.engine.memory import SequenceMemory
from app.engine.protocol import Delta, ReadProgress
from app.engine.statefile import read_header
from app.engine.values import ChatMessage
from app.engine.vault import Vault
from tests import miniatures
from tests.bench.cache_ids import Ids, ids_of, question
from tests.bench.cache_ours import saved_state
from tests.bench.cache_runner import BATCH, THREADS
from tests.bench.rows import Row
from tests.engine.plain_llama import plain_model
from tests.engine.states import State
from tests.engine.support import GREEDY, Driver, Reply, engine

LENGTHS = (1_000, 4_000, 16_000, 64_000)
_CONTEXT = 69_632
#: Few attention heads, so that 64,000 tokens are read in a minute: what is timed is not the model.
_SHAPES = {
    "hybrid": replace(miniatures.HYBRID, blocks="MEM*E", heads=2, kv_heads=1),
    "plain": replace(miniatures.PLAIN, blocks="**", heads=2, kv_heads=1),
}
_WAIT_S = 400.0
#: The largest may be 1.3 times the smallest, or so many milliseconds more.
_FACTOR, _MORE_MS = 1.3, 20.0
_NAME = "growing"
_CHECKPOINTS = 15


@dataclass(frozen=True)
class Turn:
    """What a turn took.

    Attributes:
        beyond_s: seconds to the first token, less the reading.
        reading_s: seconds of the steps in which what is new was read.
        steps: how many there were; before each stands a checkpoint, where there are any.
        read: tokens that were read.
    """

    beyond_s: float
    reading_s: float
    steps: int
    read: int


def spread(spent: Sequence[float]) -> float:
    """By how much milliseconds differ, as a part of what they may differ by; 1 is the limit."""
    least, most = min(spent), max(spent)
    return (most - least) / max(_MORE_MS, (_FACTOR - 1) * least)


class _Growing:
    """One conversation that is made longer and longer."""

    def __init__(self, driver: Driver, ids: Ids, folder: Path) -> None:
        self._driver, self._ids, self._folder = driver, ids, folder
        self._messages: tuple[ChatMessage, ...] = ()
        self._numbers, self._tokens = count(1), 0

    def turn(self, document: str = "") -> Turn:
        documents = ((document,),) if document else ()
        user = ChatMessage("user", question(next(self._numbers)), documents=documents)
        begun = time.monotonic()
        reply = self._driver.begin(
            messages=(*self._messages, user),
            sampling=GREEDY,
            grammar="root ::= [a-z]{12}",
            conversation=_NAME,
        )
        self._driver.finish(reply, _WAIT_S)
        self._messages = (*self._messages, user, ChatMessage("assistant", reply.text()))
        usage = reply.finished.usage
        self._tokens = usage.prompt_tokens + usage.generated_tokens - 1  # all but the one that ends it
        return _turn(reply, begun)

    def grow(self, length: int) -> None:
        """Read a document that makes it so long."""
        number = next(self._numbers)
        self.turn(self._ids.document(number, length - self._tokens - 100))

    def saved(self) -> Path:
        """Its state, when all of it is on the disk."""
        return saved_state(self._folder, _NAME, self._tokens)


def _turn(reply: Reply, begun: float) -> Turn:
    events = list(zip(reply.events, reply.times, strict=True))
    first = next(at for event, at in events if isinstance(event, Delta))
    reading = [at for event, at in events if isinstance(event, ReadProgress)]
    reading_s = reading[-1] - reading[0]
    return Turn(first - begun - reading_s, reading_s, len(reading) - 1, reply.finished.usage.read_tokens)


class _Held:
    """A context in this process that can hold what the engine saved."""

    def __init__(self, state: State, name: str, folder: Path) -> None:
        self._state, self._vault = state, Vault(folder, 1 << 30, print)
        self._memory = SequenceMemory(state.context, "hybrid" if name == "hybrid" else "attention", 0)

    def checkpoint_s(self, path: Path) -> float:
        """Seconds of taking a checkpoint in the saved state, 0 where none are taken."""
        if not self._memory.needs_checkpoints:
            return 0.0
        identity = read_header(path).identity
        held = seqstate.restore(self._state.context, self._vault, path, identity, room=0)
        assert held is not None
        times = []
        for _time in range(_CHECKPOINTS):
            begun = time.monotonic()
            assert self._memory.checkpoint() is not None
            times.append(time.monotonic() - begun)
        return median(times)


def _measure(name: str, shape: miniatures.Shape, turns: int) -> list[Row]:
    path = miniatures.build(shape)
    options = {"n_ctx": _CONTEXT, "n_threads": THREADS, "n_batch": BATCH, "idle_s": 0.3}
    rows, spent = [], []
    with tempfile.TemporaryDirectory() as states, ids_of(path) as ids, plain_model(path) as plain:
        state = State(plain.model, path, _CONTEXT, n_batch=BATCH)
        with engine(path, state_folder=states, **options) as driver:
            growing, held = _Growing(driver, ids, Path(states)), _Held(state, name, Path(states))
            for length in LENGTHS:
                growing.grow(length)
                found = [growing.turn() for _turn in range(turns)]
                each_s = held.checkpoint_s(growing.saved())
                # The least: other programs only ever add to it.
                beyond = 1000 * min(turn.beyond_s + turn.steps * each_s for turn in found)
                reading = 1000 * median(turn.reading_s for turn in found)
                spent.append(beyond)
                note = f"beside {reading:.0f} ms of reading {found[-1].read} tokens"
                rows.append(
                    Row(f"cache.growth.{name}.next_turn_ms_{length}", beyond, "ms", None, "lower", note)
                )
        state.close()
    note = f"largest - smallest, as a part of {_MORE_MS:g} ms or {_FACTOR - 1:.0%} of the smallest"
    return [*rows, Row(f"cache.growth.{name}.spread", spread(spent), "of limit", 1, "lower", note)]


def rows(turns: int) -> list[Row]:
    """The growth of both kinds, from so many turns at each length."""
    return [row for name, shape in _SHAPES.items() for row in _measure(name, shape, turns)]
