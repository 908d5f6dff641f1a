"""Our engine for the cases of the cache: the real child process, timed where the window is."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from app.engine.client import EngineDied
from app.engine.protocol import Cancel, Delta, Finished, Loaded, ReadProgress
from app.engine.statefile import Header, StateFile, StateFileError, read_header
from app.engine.values import ChatMessage
from app.engine.vault import conversation_key
from tests.bench.cache_ids import UNKNOWN, Decoded, Ids
from tests.bench.cache_runner import BATCH, THREADS, Answer, Request, Setting
from tests.engine.support import GREEDY, Driver, Reply

#: Tokens of thought; then it is closed, which takes one more.
THOUGHT = 8
_IDLE_S = 0.05
_WAIT_S = 300.0


class Ours:
    """See `Runner`."""

    name, keeps_turns = "ours", True

    def __init__(self, setting: Setting, ids: Ids) -> None:
        self._setting, self._ids = setting, ids
        self.decoded = Decoded()
        #: Of each conversation's longest prompt, how many places there are to come back to.
        self.places: dict[str, int] = {}
        self._lengths: dict[str, int] = {}
        self._driver = Driver()
        self._start(setting.n_ctx)

    # ---- questions ------------------------------------------------------------------------

    def ask(self, request: Request) -> Answer:
        built = self._ids.prompt(request.messages, request.mode)
        prompt, places = built.tokens, self.places.get(request.conversation, 0)
        self.places[request.conversation] = max(places, len(built.boundaries))
        behind = self.decoded.behind(request.conversation, prompt)
        used = self._used_ns(request.conversation)
        begun = time.monotonic()
        reply = self._driver.finish(self._begin(request), _WAIT_S)
        usage = reply.finished.usage
        if usage.prompt_tokens != len(prompt):
            raise RuntimeError(f"{usage.prompt_tokens} tokens were asked, not the {len(prompt)} expected")
        pieces = [
            event.text for event in reply.events if isinstance(event, Delta) and event.channel == "answer"
        ]
        if request.stop_after:
            self.decoded.add(request.conversation, prompt)
        else:
            self._note(request, prompt, self._ids.answer(pieces), usage.generated_tokens)
        now = self._used_ns(request.conversation)
        from_disk = any(now.get(path, at) != at for path, at in used.items())
        return replace(self._answer(reply, begun, behind), from_disk=from_disk)

    def _begin(self, request: Request, begun: ChatMessage | None = None) -> Reply:
        thinking = request.mode == "thinking"
        return self._driver.begin(
            messages=request.messages,
            mode=request.mode,
            sampling=GREEDY,
            max_tokens=request.stop_after + (THOUGHT + 1) * thinking if request.stop_after else 0,
            thinking_budget=THOUGHT if thinking else None,
            grammar=request.grammar,
            conversation=request.conversation,
            begun=begun,
        )

    def _note(self, request: Request, prompt: list[int], answer: list[int], generated: int) -> None:
        """Remember what was decoded: all but the token that ends it."""
        thought = request.mode == "thinking"
        if not answer or (not thought and len(answer) != generated - 1):
            raise RuntimeError(f"{len(answer)} tokens of answer came, {generated} were generated")
        self._ids.remember(prompt, answer, thought=thought)
        said = [UNKNOWN] * (generated - 1) if thought else answer
        self.decoded.add(request.conversation, prompt + said)
        self._lengths[request.conversation] = len(prompt) + len(said)

    def _answer(self, reply: Reply, begun: float, behind: int) -> Answer:
        first, reading = -1.0, []
        for event, at in zip(reply.events, reply.times, strict=True):
            if isinstance(event, ReadProgress):
                reading.append(at)
            elif isinstance(event, Delta) and first < 0:
                first = at
        usage = reply.finished.usage
        return Answer(
            read=usage.read_tokens,
            first_s=first - begun,
            text=reply.text(),
            thought=reply.text("reasoning"),
            behind=behind,
            found_s=reading[0] - begun,
            reading_s=reading[-1] - reading[0],
            reused=usage.reused_tokens,
        )

    def stop_and_ask(self, request: Request) -> tuple[Answer, int]:
        reply = self._begin(request)

        def half(event: object) -> bool:
            return isinstance(event, ReadProgress) and 2 * event.read >= event.total

        self._driver.until(half, _WAIT_S, reply)
        self._driver.send(Cancel(self._driver.new_id(), reply.request_id))
        self._driver.finish(reply, _WAIT_S)
        ended = reply.finished
        kept = ended.usage.read_tokens + ended.usage.reused_tokens
        if ended.reason != "cancelled" or not 0.4 < kept / ended.usage.prompt_tokens < 0.9:
            raise RuntimeError(f"the reading was not stopped in the middle: {ended}")
        return self.ask(request), kept

    def go_on(self, request: Request, answer: Answer) -> Answer:
        begun = time.monotonic()
        said = ChatMessage("assistant", answer.text, answer.thought)
        reply = self._driver.finish(self._begin(request, said), _WAIT_S)
        return self._answer(reply, begun, 0)

    # ---- what is on the disk, and the process ---------------------------------------------

    def files(self, conversation: str) -> dict[Path, Header]:
        """The complete states of a conversation."""
        return states_of(self._setting.folder, conversation)

    def save(self, conversation: str) -> None:
        saved_state(self._setting.folder, conversation, self._lengths[conversation])

    def restart(self) -> None:
        self._restarted(self._setting.n_ctx)

    def resize(self, n_ctx: int) -> None:
        self._load(n_ctx)

    def kill(self, request: Request) -> None:
        reply = self._begin(request)
        self._driver.until(lambda event: isinstance(event, Delta), _WAIT_S, reply)
        self._driver.client.kill()
        died = self._driver.until(lambda event: isinstance(event, EngineDied), _WAIT_S, reply)
        if "SIGKILL" not in str(died) or any(isinstance(event, Finished) for event in reply.events):
            raise RuntimeError(f"the engine was not killed in the middle of its answer: {died}")
        self._driver.client.close()
        on_disk = self._on_disk(request.conversation)
        if not on_disk:
            raise RuntimeError("nothing had been saved")
        self.decoded.replace(request.conversation, on_disk)
        self._start(self._setting.n_ctx)

    def thinned(self, conversation: str) -> str:
        """How many checkpoints are left of those taken. RuntimeError if none had to go."""
        header = max(self.files(conversation).values(), key=lambda header: header.n_tokens)
        left, taken = len(header.marks), self.places[conversation]
        size = sum(mark.n_bytes for mark in header.marks)
        if left >= taken or size > self._setting.budgets.checkpoint_bytes:
            raise RuntimeError(f"{left} checkpoints of {size} bytes are left of {taken}: none were thinned")
        return f"{left} checkpoints left of {taken} or more"

    def _used_ns(self, conversation: str) -> dict[Path, int]:
        """When each of a conversation's files was used last; loading one counts."""
        return {path: path.stat().st_mtime_ns for path in self.files(conversation)}

    def _on_disk(self, conversation: str) -> list[list[int]]:
        found = []
        for path in sorted(self.files(conversation)):
            with StateFile(path) as file:
                found.append(self._ids.alike(file.tokens()))
        return found

    def _restarted(self, n_ctx: int) -> None:
        pid = self._driver.client.pid
        self._driver.client.close()
        self._start(n_ctx)
        if self._driver.client.pid in (pid, None):
            raise RuntimeError("the engine was not started again")

    def _start(self, n_ctx: int) -> None:
        self._driver = Driver()
        self._driver.start()
        self._load(n_ctx)

    def _load(self, n_ctx: int) -> None:
        loaded = self._driver.load(
            self._setting.path,
            n_ctx=n_ctx,
            n_threads=THREADS,
            n_batch=BATCH,
            budgets=self._setting.budgets,
            state_folder=str(self._setting.folder),
            idle_s=_IDLE_S,
        )
        if not isinstance(loaded, Loaded):
            raise RuntimeError(f"the model was not loaded: {loaded}")

    def close(self) -> None:
        self._driver.client.close()


def states_of(folder: Path, conversation: str) -> dict[Path, Header]:
    """The complete states of a conversation in a folder."""
    found = {}
    for path in folder.glob(f"{conversation_key(conversation)}-*.state"):
        try:
            found[path] = read_header(path)
        except (OSError, StateFileError):  # it was replaced meanwhile
            continue
    return found


def saved_state(folder: Path, conversation: str, length: int) -> Path:
    """The state of so many tokens of a conversation, as soon as it is on the disk."""
    end = time.monotonic() + _WAIT_S
    while time.monotonic() < end:
        for path, header in states_of(folder, conversation).items():
            if header.n_tokens == length:
                return path
        time.sleep(0.02)
    raise RuntimeError(f"the state of {length} tokens was not saved")
