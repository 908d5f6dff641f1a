"""Random walks through conversations, and llama.cpp fresh from the start to compare with.

A walk sends, regenerates, edits, switches, stops, restarts, kills, and damages what was saved,
through the engine's own loop. Whenever a prompt has been read, its logits are compared with those
of a second context of the same model that decodes the same tokens in the same batches, from nothing.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np

from app.engine.cache import Line, Saved
from app.engine.generate import generate
from app.engine.keeper import StateKeeper
from app.engine.memory import SequenceMemory
from app.engine.protocol import (
    Delta,
    Event,
    Generate,
    ReadProgress,
)
from app.engine.values import ChatMessage, Sampling
from tests import miniatures
from tests.engine.here import Engine, text

SHAPES = {
    "plain": replace(miniatures.PLAIN, f16=False),
    "sliding": replace(miniatures.SLIDING, f16=False),
    "hybrid": replace(miniatures.HYBRID, f16=False),
    "recurrent": replace(miniatures.RECURRENT, f16=False),
}
N_CTX, N_BATCH = 4096, 64
WORDS = ("the", "of", "and", "user", "model", "turn", "end", "start", "is", "capital", "Paris", "table")
OPERATIONS = (
    *("send", "send", "send", "edit", "edit", "regenerate", "continue", "branch", "conversation"),
    *("stop_reading", "stop_in_a_step", "stop_answering", "restart", "kill", "save"),
)
#: A walk's conversation is left for a new one when it is longer than this, in tokens.
LONGEST = 1_500
#: After this part of the restarts one of the files is damaged.
DAMAGED = 0.2


Steps = list[tuple[tuple[int, ...], int]]


@dataclass(eq=False)
class TracedLine(Line):
    """A line that remembers its decode steps: the tokens of each, and how many were kept."""

    steps: Steps = field(default_factory=list)

    def extend(self, tokens: Sequence[int]) -> None:
        super().extend(tokens)
        self.steps.append((tuple(tokens), len(tokens)))

    def cut(self, length: int) -> None:
        super().cut(length)
        excess = sum(kept for _, kept in self.steps) - length
        while excess > 0:
            tokens, kept = self.steps.pop()
            if kept > excess:
                self.steps.append((tokens, kept - excess))
            excess -= kept

    def copy(self) -> TracedLine:
        copied = super().copy()
        assert isinstance(copied, TracedLine)
        copied.steps = list(self.steps)
        return copied


class Traced(Engine):
    """An engine whose cache is traced; `on_read` is called with the logits behind each prompt."""

    def __init__(self, name: str, **options: Any) -> None:
        budgets = {key: options.pop(key, 0) for key in ("checkpoint_bytes", "aside_bytes")}
        self.used: Counter[str] = Counter()
        self.on_read: Callable[[list[int], np.ndarray], None] = lambda _prompt, _logits: None
        self._saved: dict[tuple[int, ...], Steps] = {}
        self._decode: Callable[..., int] | None = None
        super().__init__(
            miniatures.build(SHAPES[name]), **{"n_ctx": N_CTX, "n_batch": N_BATCH, **options}, **budgets
        )

    def load(self, **changes: Any) -> None:
        if self._decode is not None:
            self.host.decode = self._decode  # type: ignore[method-assign]
        super().load(**changes)
        host, cache = self.host, self.host.cache
        cache._new_line, cache._line = TracedLine, TracedLine()
        self._decode = self._decode or host.decode
        self._prepare, self._adopt = cache.prepare, cache.adopt
        host.decode, cache.prepare, cache.adopt = self._decoded, self._prepared, self._adopted  # type: ignore[method-assign]
        self._prompt: list[int] = []
        for method in ("cut", "return_to", "checkpoint", "state", "set_state"):
            self._count(method)
        if host.keeper is not None:
            self._trace(host.keeper)

    def _trace(self, keeper: StateKeeper) -> None:
        save, leaves = keeper.save, keeper.leaves

        def saved(give_way: Callable[[], bool] = lambda: False) -> None:
            self._remember(self.line)
            save(give_way)

        def left(saved: Saved) -> None:
            self._remember(saved.line)
            leaves(saved)

        keeper.save, keeper.leaves = saved, left  # type: ignore[method-assign]

    def _remember(self, line: Line) -> None:
        """The steps of a line that may be restored: its file knows the tokens only."""
        assert isinstance(line, TracedLine)
        self._saved[tuple(line.tokens)] = list(line.steps)

    def _adopted(self, tokens: Sequence[int], checkpoints: Any, asked: int, owner: str, file: Path) -> None:
        self._adopt(tokens, checkpoints, asked, owner, file)
        self.line.steps = list(self._saved[tuple(tokens)])
        self.used["restored"] += 1

    def _count(self, name: str) -> None:
        """Count the calls of one of the memory's methods that did what was asked."""
        method = getattr(self.host.cache.memory, name)

        def counted(*args: Any) -> Any:
            result = method(*args)
            self.used[name if result else f"{name} failed"] += 1
            return result

        setattr(self.host.cache.memory, name, counted)

    @property
    def line(self) -> TracedLine:
        line = self.host.cache._line
        assert isinstance(line, TracedLine)
        return line

    def _prepared(self, prompt: Sequence[int]) -> int:
        self._prompt = list(prompt)
        reusable = self.host.cache.reusable(prompt)
        reused = self._prepare(prompt)
        assert reused == len(self.line.tokens) < len(prompt)
        assert self.line.tokens == self._prompt[:reused]
        memory = self.host.cache.memory
        assert SequenceMemory.holds(memory, reused)  # also where a test has the method fail
        assert reused <= reusable
        return reused

    def _decoded(self, tokens: Sequence[int], *, logits: bool) -> int:
        assert self._decode is not None
        result = self._decode(tokens, logits=logits)
        if result == 0 and len(self.line.tokens) + len(tokens) == len(self._prompt):
            steps = [*self.line.steps, (tuple(tokens), len(tokens))]
            assert [t for step, kept in steps for t in step[:kept]] == self._prompt
            self.on_read([*self._prompt], logits_of(self.host.context, self.host.vocab.size))
        return result


def logits_of(context: Any, size: int) -> np.ndarray:
    """A copy of the last logits of a context."""
    pointer = llama.llama_get_logits_ith(context, -1)
    return np.ctypeslib.as_array(pointer, (size,)).copy()


class Fresh:
    """A second context of an engine's model, to read everything from the start."""

    def __init__(self, engine: Engine, n_batch: int = N_BATCH) -> None:
        self._n_batch = n_batch
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = N_CTX
        parameters.n_batch = parameters.n_ubatch = n_batch
        parameters.n_seq_max = 1
        parameters.n_threads = parameters.n_threads_batch = 1
        parameters.swa_full = False
        self._size = engine.host.vocab.size
        self.context = llama.llama_init_from_model(engine.host._model, parameters)
        self._memory = llama.llama_get_memory(self.context)

    def close(self) -> None:
        llama.llama_free(self.context)

    def read_whole(self, tokens: Sequence[int]) -> np.ndarray:
        """The logits behind `tokens`, read in batches of this context's own size."""
        steps = [tokens[at : at + self._n_batch] for at in range(0, len(tokens), self._n_batch)]
        return self.read([(step, len(step)) for step in steps])

    def read(self, steps: Sequence[tuple[Sequence[int], int]]) -> np.ndarray:
        """The logits behind `steps`; of each, only the first tokens are kept."""
        llama.llama_memory_clear(self._memory, False)
        length = 0
        for tokens, kept in steps:
            array = (llama.llama_token * len(tokens))(*tokens)
            assert llama.llama_decode(self.context, llama.llama_batch_get_one(array, len(tokens))) == 0
            length += kept
            if kept < len(tokens):
                assert llama.llama_memory_seq_rm(self._memory, 0, length, -1)
        return logits_of(self.context, self._size)


class CountingAbort:
    """Stops a decode at its `nodes`-th graph node: anywhere in a step, the same each time."""

    def __init__(self, nodes: int) -> None:
        self.left = nodes
        self.callback = llama.ggml_abort_callback(self._count)

    def _count(self, _data: object) -> bool:
        self.left -= 1
        return self.left < 0


def damage(path: Path, draw: random.Random) -> None:
    """Flip a bit of a file, or cut it short."""
    with path.open("r+b") as file:
        size = path.stat().st_size
        if draw.random() < 0.3:
            file.truncate(draw.randrange(size))
            return
        at = draw.randrange(size)
        file.seek(at)
        old = file.read(1)[0]
        file.seek(at)
        file.write(bytes([old ^ (1 << draw.randrange(8))]))


@dataclass
class Walk:
    """One walk. `restart` gets whether it is by a kill."""

    engine: Traced
    random: random.Random
    restart: Callable[[bool], None]
    branches: list[tuple[ChatMessage, ...]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def step(self) -> None:
        """One operation, at random."""
        name = self.random.choice(OPERATIONS)
        self.done.append(name)
        if name in ("restart", "kill", "save"):
            self._interrupt(name)
            return
        if not self.branches or (name == "conversation" and len(self.branches) < 12):
            self.branches.append(())
        if name == "branch":
            self.branches.append(self.branches.pop(self.random.randrange(len(self.branches))))
        messages = self.branches[-1]
        if sum(len(m.content) // 3 for m in messages) > LONGEST:
            messages = ()
        self._ask(name, messages)

    def _interrupt(self, name: str) -> None:
        keeper = self.engine.host.keeper
        assert keeper is not None
        if name == "save":
            keeper.save()
            return
        self.restart(name == "kill")
        files = sorted(Path(self.engine.options.state_folder).glob("*.state"))
        if files and self.random.random() < DAMAGED:
            damage(self.random.choice(files), self.random)

    def _ask(self, name: str, messages: tuple[ChatMessage, ...]) -> None:
        if name == "continue" and messages and messages[-1].role == "assistant":
            begun = replace(messages[-1], reasoning="")
            if begun.content:
                self._answer(messages[:-1], begun=begun)
                return
        if name == "regenerate" and messages and messages[-1].role == "assistant":
            messages = messages[:-1]
        elif name == "edit" and messages:
            messages = self._edited(messages)
        elif not messages or messages[-1].role == "assistant":
            messages = (*messages, ChatMessage("user", self._words()))
        if name == "edit" or not self.branches[-1]:
            self.branches.append(messages)
        self._answer(messages, stop=name if name.startswith("stop") else "")

    def _edited(self, messages: tuple[ChatMessage, ...]) -> tuple[ChatMessage, ...]:
        users = [index for index, message in enumerate(messages) if message.role == "user"]
        index = self.random.choice(users)
        old = messages[index].content
        text = old[: self.random.randrange(len(old))] + " " + self._words()
        return (*messages[:index], ChatMessage("user", text))

    def _words(self) -> str:
        count = self.random.choice([3, 10, 30, 100, 250])
        return " ".join(self.random.choice(WORDS) for _ in range(count))

    def _answer(
        self, messages: tuple[ChatMessage, ...], stop: str = "", begun: ChatMessage | None = None
    ) -> None:
        host, events = self.engine.host, list[Event]()
        mode = self.random.choice(host.info.modes)  # type: ignore[union-attr]
        after = self.random.randrange(1, 4)
        original = host.cancel.callback
        if stop == "stop_in_a_step":
            abort = CountingAbort(self.random.randrange(1, 1_500))
            host.cancel.callback = abort.callback

        def emit(event: Event) -> None:
            events.append(event)
            reads = sum(isinstance(e, ReadProgress) for e in events)
            deltas = sum(isinstance(e, Delta) for e in events)
            if (stop == "stop_reading" and reads >= after) or (stop == "stop_answering" and deltas >= after):
                host.cancel.set()

        self._run(emit, messages, mode, begun)
        host.cancel.clear()
        host.cancel.callback = original
        said = ChatMessage("assistant", text(events), text(events, "reasoning"))
        if begun is not None:
            said = replace(said, content=begun.content + said.content)
        told = said.content or said.reasoning
        self.branches[-1] = (*messages, said) if told else messages

    def _run(self, emit: Callable[[Event], None], messages: Any, mode: Any, begun: Any) -> None:
        sampling = Sampling(temperature=1.0, top_k=40, seed=self.random.randrange(1 << 30))
        count = self.random.choice([1, 5, 20, 60])
        # A conversation for each first question: its branches have the name in common.
        name = blake2b(messages[0].content[:20].encode()).hexdigest() if messages else ""
        request = Generate(
            1, messages, mode=mode, sampling=sampling, max_tokens=count, begun=begun, conversation=name
        )
        generate(self.engine.host, request, emit)
