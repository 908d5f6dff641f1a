"""What has been read, on the disk: saved when there is time, found again when it is asked for.

    decode thread    finds and restores before a prompt is read; copies the context's state into a
                     file: one call of llama.cpp's that can't be stopped (`seqstate.capture`)
    states thread    everything else: lays files out, sums and names them, writes what is in RAM

A question waits for a copy that has begun, about a second for 1 GB, and for nothing else. A copy
is begun only when no question waits: when a conversation is left that is too large for RAM, when
nothing was asked for a while, after a long reading, and before the model is unloaded. At most
`_MOST_WAITING` bytes of states wait to be written besides those that stay in RAM anyhow.
"""

from __future__ import annotations

import array
import ctypes
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue

import llama_cpp.llama_cpp as llama

from app.engine import seqstate, statefile
from app.engine.cache import Saved, SequenceCache, worth_moving
from app.engine.checkpoints import Checkpoint, Reason
from app.engine.identity import Identity
from app.engine.statefile import StateBytes
from app.engine.statewriter import StateWriter
from app.engine.vault import Found, Vault, conversation_key

#: A reading that took longer than this is on the disk soon after, whatever happens next.
LONG_READING_S = 5.0
#: Tokens that a restored state has to spare, besides those that moving it takes as long as.
_WORTH_RESTORING = 8
_MOST_WAITING = 2 << 30
#: Of one conversation, so many branches are looked at for the ids of their answers.
_LEARNT_BRANCHES = 8
_REASONS: dict[str, Reason] = {"boundary": "boundary", "answer": "answer", "step": "step"}


@dataclass(eq=False)
class _Job:
    """Something for the states thread; `size` bytes are held for it in RAM."""

    owner: str
    work: Callable[[], object]
    size: int = 0
    done: threading.Event = field(default_factory=threading.Event)


class StateKeeper:
    """Saves the lines of one context and brings them back. Decode thread, but for `_work`."""

    def __init__(
        self,
        context: llama.llama_context_p,
        cache: SequenceCache,
        vault: Vault,
        identity: Identity,
        stopped: Callable[[], bool],
    ) -> None:
        """`stopped`: whether the request under way was cancelled."""
        self._context, self._cache, self._vault, self._identity = context, cache, vault, identity
        self._stopped = stopped
        self._learnt: set[str] = set()
        self._forgotten: set[str] = set()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._waiting: list[_Job] = []
        cache.archive = self
        self._thread = threading.Thread(target=self._work, name="states", daemon=True)
        self._thread.start()

    # ---- before a prompt is read ----------------------------------------------------------

    def learn(self, conversation: str) -> Iterator[Sequence[int]]:
        """The token ids of a conversation's saved branches, once: prompts are made with them."""
        if not conversation or conversation in self._learnt:
            return
        self._learnt.add(conversation)
        yield from self._vault.tokens_of(conversation, self._identity, _LEARNT_BRANCHES)

    def reusable(self, prompt: Sequence[int]) -> int:
        """How much of `prompt` a saved state would spare, 0 where RAM spares as much; changes nothing."""
        found = self._better(prompt)
        return found.reusable if found is not None else 0

    def restore(self, prompt: Sequence[int], owner: str) -> bool:
        """Bring the state back that spares more of `prompt` than what is in RAM; whether there was one."""
        self._forgotten.discard(owner)
        found = self._better(prompt)
        if found is None:
            return False
        self._cache.leave()
        room = self._cache.checkpoint_bytes
        held = seqstate.restore(
            self._context, self._vault, found.path, self._identity, room=room, stopped=self._stopped
        )
        if held is None:
            return False
        marks = [Checkpoint(m.position, _REASONS.get(m.kind, "step"), _own(m.data)) for m in held.checkpoints]
        # Of another conversation, or a temporary one's, it only lends its beginning.
        mine = bool(owner) and conversation_key(owner) == found.header.conversation
        self._cache.adopt(held.tokens.tolist(), marks, owner if mine else "")
        return True

    def _better(self, prompt: Sequence[int]) -> Found | None:
        here = self._cache.reusable(prompt)
        least = here + _WORTH_RESTORING
        if len(prompt) - 1 < least:
            return None
        cuts = self._cache.memory.kind == "attention"
        found = self._vault.find(prompt, self._identity, cuts=cuts, at_least=least)
        if found is None or not worth_moving(found.reusable - here, found.header.state_bytes):
            return None
        return found

    # ---- saving ---------------------------------------------------------------------------

    def leaves(self, saved: Saved) -> None:
        """A line was put aside in RAM: write it from there."""
        line, size = saved.line, len(saved.state)
        waiting = sum(job.size for job in self._waiting)
        if not line.unsaved or waiting + size > max(_MOST_WAITING, self._cache.aside_bytes):
            return
        line.on_disk = len(line.tokens)
        tokens, marks = statefile.token_array(line.tokens), _plain(line.checkpoints)
        self._put(_Job(line.owner, lambda: self._write(line.owner, tokens, marks, saved.state), size))

    def leaves_for_good(self) -> None:
        """There is no room for it in RAM: copy it out of the context now."""
        self.save()

    def save(self) -> None:
        """Save the line in the context, if it has changed and is longer to read than to move.

        Returns when it is copied; the states thread completes the file.
        """
        line, cache = self._cache.line, self._cache
        if not line.unsaved or not cache.memory.holds(len(line.tokens)):
            return
        if not worth_moving(len(line.tokens), cache.memory.state_size()):
            return
        writer = seqstate.begin_save(
            self._context,
            self._vault,
            line.owner,
            self._identity,
            tokens=line.tokens,
            checkpoints=_plain(line.checkpoints),
        )
        if writer is not None:
            line.on_disk = len(line.tokens)
            self._put(_Job(line.owner, lambda: self._finish(line.owner, writer)))

    def save_after(self, seconds: float) -> None:
        """The prompt was read, which took so long."""
        if seconds > LONG_READING_S:
            self.save()

    def forget(self, conversation: str) -> bool:
        """Keep nothing of a conversation, in RAM or on the disk; whether nothing is left there."""
        self._forgotten.add(conversation)
        self._learnt.discard(conversation)
        self._cache.forget(conversation)
        return self._vault.delete(conversation)

    def set_budget(self, disk_bytes: int) -> None:
        """Another budget of the disk; what is too much goes at once."""

        def trim() -> None:
            self._vault.set_budget(disk_bytes)
            self._vault.trim()

        self._put(_Job("", trim))

    def close(self, *, save: bool = True) -> None:
        """Save what is unsaved, wait until it is written, or until a request is cancelled, and end."""
        if save:
            for saved in self._cache.aside:
                self.leaves(saved)
            self.save()
            self.wait()
        self._jobs.put(None)

    def join(self) -> None:
        """After `close`: wait until the last file is complete."""
        self._thread.join()

    def wait(self) -> None:
        """Wait until the states thread has nothing to do; a cancelled request ends the waiting."""
        while (job := next(iter(self._waiting), None)) is not None:
            if job.done.wait(0.05):
                self._waiting = [other for other in self._waiting if not other.done.is_set()]
            elif self._stopped():
                return

    # ---- states thread --------------------------------------------------------------------

    def _put(self, job: _Job) -> None:
        self._waiting = [other for other in self._waiting if not other.done.is_set()]
        self._waiting.append(job)
        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job.work()
            except Exception as error:  # the states of the next conversations are still to be saved
                self._vault.log(f"A state was not saved: {type(error).__name__}: {error}.")
            finally:
                job.work = _nothing  # it holds a state
                job.done.set()

    def _write(self, owner: str, tokens: array.array[int], marks: Marks, state: bytearray) -> None:
        if owner in self._forgotten:
            return
        writer = self._vault.begin(owner, self._identity, tokens, marks, len(state))
        if writer is not None:
            try:
                writer.fill(lambda target: _copy(state, target))
            except BaseException:
                writer.abandon()
                raise
            self._finish(owner, writer)

    def _finish(self, owner: str, writer: StateWriter) -> None:
        self._vault.finish(writer, lambda: owner in self._forgotten)


Marks = Sequence[statefile.Checkpoint]


def _plain(checkpoints: Sequence[Checkpoint]) -> Marks:
    return [statefile.Checkpoint(mark.position, mark.reason, mark.state) for mark in checkpoints]


def _own(data: bytes | bytearray) -> bytearray:
    return data if isinstance(data, bytearray) else bytearray(data)


def _copy(state: bytearray, target: StateBytes) -> int:
    ctypes.memmove(target, (ctypes.c_uint8 * len(state)).from_buffer(state), len(state))
    return len(state)


def _nothing() -> None:
    return None
