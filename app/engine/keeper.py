"""What has been read, on the disk: saved when there is time, found again when it is asked for.

    decode thread    finds and restores before a prompt is read; copies the context's state: one
                     call of llama.cpp's that can't be stopped
    states thread    writes files, sums and names them

A state is copied into RAM, about half a second for 1 GB, and written from there: a question waits
for a copy that has begun, and for nothing else. States that wait to be written take half of the
RAM that is free at most, besides the lines that are kept aside anyhow. One for which that is not
enough is copied into a mapped file, which takes as long as the disk does: then it gives way to a
question before the copy begins, but where the conversation is being left, for which the question
waits, and behind a long reading, for which its answer waits; a Stop ends either.

A save is begun when a conversation is left, when nothing was asked for a while, after a long
reading, and before the model is unloaded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import llama_cpp.llama_cpp as llama

from app.engine import seqstate, statefile
from app.engine.cache import Line, Saved, SequenceCache
from app.engine.checkpoints import Checkpoint, Reason, thin
from app.engine.identity import Identity
from app.engine.limits import available_bytes
from app.engine.pace import ReadingPace
from app.engine.statewriter import StateWriter
from app.engine.vault import Found, Vault, conversation_key

#: A reading that took longer than this is on the disk soon after, whatever happens next.
LONG_READING_S = 5.0
#: Tokens that a restored state has to spare, besides those that moving it takes as long as.
_WORTH_RESTORING = 8
#: What is read in a second is saved after so many idle ones; what is read in less waits until the
#: conversation is left, unless it is all there is.
_IDLE_FOR_A_SECOND = 20.0
#: Where the system does not say how much RAM is free.
_ROOM = 1 << 30
_POLL_S = 0.05
#: Of one conversation, so many branches are looked at for the ids of their answers.
_LEARNT_BRANCHES = 8
_REASONS: dict[str, Reason] = {"boundary": "boundary", "answer": "answer", "step": "step"}


def _never() -> bool:
    return False


@dataclass(eq=False)
class _Job:
    """Something for the states thread; `size` bytes are held for it in RAM."""

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
        self._learning = threading.Lock()
        self._forgotten: set[str] = set()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._waiting: list[_Job] = []
        cache.archive = self
        self._thread = threading.Thread(target=self._work, name="states", daemon=True)
        self._thread.start()

    # ---- before a prompt is read ----------------------------------------------------------

    def learn(self, conversation: str) -> Iterator[Sequence[int]]:
        """The token ids of a conversation's saved branches, once: prompts are made with them.

        Any thread; one that wants the same waits until the other has learnt them.
        """
        with self._learning:
            if conversation and conversation not in self._learnt:
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
        asked, whose = found.header.asked, owner if mine else ""
        self._cache.adopt(held.tokens.tolist(), marks, asked, whose, found.path)
        return True

    def _better(self, prompt: Sequence[int]) -> Found | None:
        here = self._cache.reusable(prompt)
        least = here + _WORTH_RESTORING
        if len(prompt) - 1 < least:
            return None
        cuts = self._cache.memory.kind == "attention"
        found = self._vault.find(prompt, self._identity, cuts=cuts, at_least=least)
        if found is None or not self._cache.worth_moving(found.reusable - here, found.header.state_bytes):
            return None
        return found

    # ---- saving ---------------------------------------------------------------------------

    def leaves(self, saved: Saved) -> None:
        """A line was put aside in RAM: write it from there."""
        if saved.line.unsaved and self._room(len(saved.state)):
            self._write_soon(saved)

    def leaves_for_good(self) -> None:
        """There is no room to keep it in RAM: copy it out of the context now."""
        self.save()

    def save(self, give_way: Callable[[], bool] = _never) -> None:
        """Save the line in the context, if it has changed and is longer to read than to move.

        Returns when it is copied; the states thread completes the file. `give_way`: whether
        somebody waits who is more important than what a state that RAM has no room for costs.
        """
        line, cache = self._cache.line, self._cache
        if not line.unsaved or not cache.memory.holds(len(line.tokens)):
            return
        size = cache.memory.state_size()
        if not cache.worth_moving(len(line.tokens), size):
            return
        saved = cache.export() if self._room(size) else None
        if saved is not None:
            self._write_soon(saved, line)
        else:
            self._save_through_file(size, give_way)

    def _room(self, size: int) -> bool:
        """Whether RAM has room for a state that waits to be written."""
        self._waiting = [job for job in self._waiting if not job.done.is_set()]
        waiting = sum(job.size for job in self._waiting)
        free = available_bytes()
        # What waits is not free any more; half of what was free before is the limit.
        return waiting + size <= ((free + waiting) // 2 if free is not None else _ROOM)

    def _write_soon(self, saved: Saved, *same: Line) -> None:
        """`same`: lines of the same tokens, which are saved with it."""
        lines, owner, asked, old = (saved.line, *same), saved.line.owner, saved.line.asked, saved.line.file
        tokens, marks = statefile.token_array(saved.line.tokens), tuple(saved.line.checkpoints)
        path = self._vault.path_of(owner, self._identity, tokens)
        for line in lines:
            line.on_disk, line.file = len(tokens), path

        def work() -> None:
            written = False
            try:
                if owner not in self._forgotten:
                    size = len(saved.state)
                    fitting = self._fitting(marks, size + 4 * len(tokens))
                    writer = self._vault.begin(owner, self._identity, tokens, fitting, size, asked=asked)
                    written = writer is not None and self._finish(owner, writer, old, saved.state)
            finally:
                if not written:
                    _take_back(lines, path, old)

        self._put(_Job(work, len(saved.state)))

    def _save_through_file(self, size: int, give_way: Callable[[], bool]) -> None:
        line, made = self._cache.line, list[StateWriter]()
        tokens, marks = statefile.token_array(line.tokens), tuple(line.checkpoints)

        def make() -> None:
            fitting = self._fitting(marks, size + 4 * len(tokens))
            writer = self._vault.begin(line.owner, self._identity, tokens, fitting, size, asked=line.asked)
            if writer is not None:
                try:
                    writer.map()
                except BaseException:
                    writer.abandon()
                    raise
                made.append(writer)

        def unmake() -> None:
            for writer in made:
                writer.abandon()

        self._put(job := _Job(make))
        while not job.done.wait(_POLL_S):
            if give_way() or self._stopped():
                self._put(_Job(unmake))
                return
        if made and seqstate.capture(self._context, self._vault, made[0]):
            owner, writer, old = line.owner, made[0], line.file
            line.on_disk, line.file = len(tokens), writer.path

            def work() -> None:
                if not self._finish(owner, writer, old):
                    _take_back([line], writer.path, old)

            self._put(_Job(work))

    def save_idle(self, pace: ReadingPace, idle_s: float, give_way: Callable[[], bool]) -> None:
        """`save`, but not for a moment's reading again and again: a state can be a hundred times larger."""
        line = self._cache.line
        new_s = pace.seconds(line.on_disk, len(line.tokens))
        if not line.on_disk or new_s is None or new_s > idle_s / _IDLE_FOR_A_SECOND:
            self.save(give_way)

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

        self._put(_Job(trim))

    def close(self, *, save: bool = True) -> threading.Thread:
        """Save what is unsaved, wait until it is written, or until a request is cancelled, and end.

        Returns the states thread: it ends when the last file is complete.
        """
        if save:
            self.save_all()
        self._jobs.put(None)
        return self._thread

    def save_all(self) -> None:
        """Save what is unsaved and wait until it is written, or until a request is cancelled."""
        for saved in self._cache.aside:
            if saved.line.unsaved:  # it is in RAM anyhow: there is room for it to wait
                self._write_soon(saved)
        self.save()
        self.wait()

    def wait(self) -> None:
        """Wait until the states thread has nothing to do; a cancelled request ends the waiting."""
        while (job := next(iter(self._waiting), None)) is not None:
            if job.done.wait(_POLL_S):
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

    def _fitting(self, marks: Sequence[Checkpoint], besides: int) -> list[statefile.Checkpoint]:
        """Those that a file can hold beside so many bytes: without one a state is better than not saved."""
        room = max(self._vault.budget - besides, 0)
        dropped = {mark for _, mark in thin([marks], room)}
        left = [mark for index, mark in enumerate(marks) if index not in dropped]
        left.sort(key=lambda mark: (mark.reason == "step", -mark.position))
        if room < sum(mark.size for mark in left):
            left = []  # not even the last one
        kept = left[: statefile.MOST_CHECKPOINTS]
        return [statefile.Checkpoint(mark.position, mark.reason, mark.state) for mark in kept]

    def _finish(
        self, owner: str, writer: StateWriter, old: Path | None, state: bytearray | None = None
    ) -> bool:
        written = self._vault.finish(writer, lambda: owner in self._forgotten, state)
        if written and old is not None and old != writer.path:
            self._vault.remove(old)
        return written


def _take_back(lines: Iterable[Line], path: Path, old: Path | None) -> None:
    """Tell that they were not saved in `path` after all: the next moment may find room."""
    for line in lines:
        if line.file == path:
            line.on_disk, line.file = 0, old


def _own(data: bytes | bytearray) -> bytearray:
    return data if isinstance(data, bytearray) else bytearray(data)


def _nothing() -> None:
    return None
