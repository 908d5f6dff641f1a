"""One engine with one model, kept alive: load, ask, cancel, and what happens when it dies.

Without Qt and without threads of its own: the owner calls every method from one thread and
hands each event of the client to `handle`. What the session makes of it goes to `report`:
events of the protocol, and the three below.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.engine import ladder
from app.engine.client import ClientEvent, EngineClient, EngineDied
from app.engine.ladder import FAILURES_PER_RUNG, LadderMemory, Rung
from app.engine.protocol import (
    Cancel,
    Delta,
    Event,
    Failed,
    Finished,
    Forget,
    Generate,
    Load,
    Loaded,
    Predict,
    Ready,
    SetBudgets,
    Unload,
    Unloaded,
)
from app.engine.values import Budgets, LoadOptions, ModelInfo

#: It is started again so often without a question in between, then it stays down.
_MOST_UNASKED_DEATHS = 3


@dataclass(frozen=True)
class EngineStopped:
    """The process died. `request_id` is the answer that ended with it, 0 if there was none.

    Attributes:
        message: what happened, in words.
        lines: the last lines of its standard error.
        recovering: whether it is being started again with the model.
    """

    request_id: int
    message: str
    lines: tuple[str, ...]
    recovering: bool


@dataclass(frozen=True)
class SaferSettings:
    """The model runs with safer settings than asked for; `words` is empty at full speed."""

    words: str


@dataclass(frozen=True)
class Retrying:
    """Loading begins again after a death, with the settings that `words` describes."""

    words: str


SessionEvent = Event | EngineStopped | SaferSettings | Retrying


#: Python's own stack, which stands behind the line that says what happened.
_STACK = re.compile(r'  File "|Thread 0x|Current thread 0x|Extension modules:|$')


def _telling(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if not _STACK.match(line))


class EngineSession:
    """Supervises an EngineClient. All methods on the owner's thread.

    Request ids come from `ids`; an owner that shares the iterator may choose them itself.
    """

    def __init__(
        self,
        client: EngineClient,
        memory: LadderMemory,
        report: Callable[[SessionEvent], None],
        ids: Iterator[int] | None = None,
    ) -> None:
        self._client, self._memory, self._report = client, memory, report
        self._ids = ids or itertools.count(1)
        self._ready: Ready | None = None
        self._rungs: tuple[Rung, ...] = ladder.rungs_for(gpu=False)
        self._signature = ""
        self._load: Load | None = None
        self._wanted: LoadOptions = LoadOptions()
        self._rung = 0
        self._failures = 0
        self._starts_failed = 0
        self._unasked_deaths = 0
        self._proven = False
        self._recall = True
        self._cancelled_load = False
        self._down = False
        self._waiting: list[Generate] = []
        self._active: Generate | None = None
        self._asked_of = 0  # the load whose model answers the active request
        self._cancelled = 0
        self._shown = False
        self.info: ModelInfo | None = None

    # ---- commands -------------------------------------------------------------------------

    def start(self) -> None:
        """Start the process."""
        self._client.start()

    def load(self, path: str, options: LoadOptions, request_id: int = 0) -> int:
        """Load a model in place of the present one; Loaded or Failed with the returned id follows."""
        if self._load is not None and self.info is None:
            self._stop_load(self._load.request_id)
        self._wanted, self._recall = options, True
        self._load = load = Load(request_id or next(self._ids), path, options)
        self._failures, self._proven, self._cancelled_load = 0, False, False
        self._unasked_deaths = 0
        self.info = None
        if self._down:
            self._down = False
            self._client.start()
        self._begin_load()
        return load.request_id

    def unload(self) -> int:
        """Free the model."""
        self._load, self.info = None, None
        request_id = next(self._ids)
        self._client.send(Unload(request_id))
        return request_id

    def generate(self, request: Generate) -> int:
        """Ask; a request without an id gets the returned one.

        Finished, Failed or EngineStopped ends it.
        """
        request = replace(request, request_id=request.request_id or next(self._ids))
        self._unasked_deaths = 0
        self._waiting.append(request)
        self._send_next()
        return request.request_id

    def cancel(self, request_id: int) -> None:
        """Stop a load or an answer, running or waiting."""
        waiting = [request for request in self._waiting if request.request_id == request_id]
        if waiting:
            self._waiting.remove(waiting[0])
            self._report(Failed(request_id, "cancelled", "Stopped before it began."))
            return
        if self._load_is(request_id) and self.info is None:
            self._stop_load(request_id)
            self._send_next()
        else:
            self._cancelled = request_id
            self._client.send(Cancel(next(self._ids), request_id))

    def cancel_load(self) -> None:
        """Stop the load that is under way, if there is one."""
        if self._load is not None and self.info is None:
            self.cancel(self._load.request_id)

    def forget_rung(self, path: str) -> None:
        """Forget the safer settings of a model: its next load tries full speed again."""
        self._memory.remember(path, self._signature, ladder.RUNGS[0].name)

    def predict(self, request_id: int, request: Generate) -> None:
        """Ask what `request` would cost to read now: Predicted or Failed follows, nothing if it dies."""
        if self.info is None or self._active is not None:
            self._report(Failed(request_id, "request", "The engine has no time for a prediction."))
        else:
            self._client.send(Predict(request_id, request))

    def forget(self, conversation: str) -> None:
        """A conversation was deleted: the engine drops its states. Without an engine there are only files."""
        if self._ready is not None:
            self._client.send(Forget(next(self._ids), conversation))

    def set_budgets(self, budgets: Budgets) -> None:
        """Other budgets from now on, also where the model has to be loaded again."""
        self._wanted = replace(self._wanted, budgets=budgets)
        if self._ready is not None and self._load is not None:
            self._client.send(SetBudgets(next(self._ids), budgets))

    def close(self) -> None:
        """End the process."""
        self._client.close()

    def _stop_load(self, request_id: int) -> None:
        if self._ready is not None:
            self._cancelled_load = True
            self._client.send(Cancel(next(self._ids), request_id))
            return
        # It has not been sent to the process that is being started: nobody would answer.
        self._load = None
        self._report(Failed(request_id, "cancelled", "Loading was stopped."))

    # ---- events ---------------------------------------------------------------------------

    def handle(self, event: ClientEvent) -> None:
        """Take an event of the client."""
        if isinstance(event, EngineDied):
            if event.generation == self._client.generation:
                self._died(event)
            return
        if isinstance(event, Ready):
            self._became_ready(event)
        elif isinstance(event, Loaded):
            self._loaded(event)
        elif isinstance(event, Failed | Finished) and self._active_is(event.request_id):
            self._active = None
            self._prove(isinstance(event, Finished) and event.usage.generated_tokens > 0)
        elif isinstance(event, Failed) and self._load_is(event.request_id):
            self._load_failed()
        elif isinstance(event, Delta) and self._active_is(event.request_id):
            self._shown = True
            self._prove(True)
        elif isinstance(event, Unloaded):
            self.info = None
        self._report(event)
        self._send_next()

    def _became_ready(self, event: Ready) -> None:
        self._ready, self._starts_failed = event, 0
        self._rungs = ladder.rungs_for(gpu=event.gpu_offload)
        self._signature = ladder.machine_signature(event)
        self._begin_load()

    def _begin_load(self) -> None:
        if self._ready is None or self._load is None:
            return  # Ready begins it
        if self._recall:
            self._recall = False
            remembered = self._memory.recall(self._load.path, self._signature)
            names = [rung.name for rung in self._rungs]
            self._rung = names.index(remembered) if remembered in names else 0
        self._load = replace(self._load, options=ladder.apply(self._wanted, self._rungs, self._rung))
        self._client.send(self._load)

    def _loaded(self, event: Loaded) -> None:
        if not self._load_is(event.request_id):
            return  # another model was asked for meanwhile
        self.info, self._cancelled_load = event.info, False
        self._report(SaferSettings(self._words()))

    def _load_failed(self) -> None:
        self._load, self._rung = None, 0
        for request in self._waiting:
            self._report(Failed(request.request_id, "request", "No model is loaded.", "Open a model first."))
        self._waiting.clear()

    def _prove(self, worked: bool) -> None:
        """The first answer shows that the settings hold: only now is a rung remembered."""
        load = self._load
        if worked and not self._proven and load is not None and load.request_id == self._asked_of:
            self._proven, self._failures = True, 0
            if self._rung:
                self._memory.remember(load.path, self._signature, self._rungs[self._rung].name)

    def _died(self, event: EngineDied) -> None:
        started = self._ready is not None
        self._ready = None
        loading = self._load is not None and self.info is None
        self.info = None
        ended, shown = self._active, self._shown
        self._active, self._shown = None, False
        if not started:
            self._start_failed(event)
        elif loading and self._cancelled_load:
            self._give_up(event, ended, "Loading was stopped.")
            self._client.start()
        elif loading or (ended is not None and not self._proven):
            self._step_down(event, ended, shown)
        elif self._unasked_deaths >= _MOST_UNASKED_DEATHS:
            self._give_up(event, ended, "The engine keeps stopping")
            self._down = True
        else:
            self._unasked_deaths += 1
            recovering = self._load is not None
            why = "The engine stopped unexpectedly"
            self._report(self._stopped(event, ended, why, recovering=recovering))
            self._client.start()

    def _step_down(self, event: EngineDied, ended: Generate | None, shown: bool) -> None:
        """Load again: unchanged the first time, one rung safer the second."""
        self._failures, self._proven = self._failures + 1, False
        if self._failures >= FAILURES_PER_RUNG:
            self._failures = 0
            self._rung += 1
        if self._rung >= len(self._rungs):
            self._give_up(event, ended, "The engine stops each time it loads this model")
            self._client.start()
            return
        if ended is not None and ended.request_id == self._cancelled:
            self._report(Failed(ended.request_id, "cancelled", "Stopped."))
        elif ended is not None and not shown:
            self._waiting.insert(0, ended)  # nothing was shown: it is asked again
        elif ended is not None:
            self._report(self._stopped(event, ended, "The engine stopped unexpectedly", recovering=True))
        self._report(Retrying(self._words()))
        self._client.start()

    def _start_failed(self, event: EngineDied) -> None:
        """It died before it said a word: once may be chance, twice is a broken installation."""
        self._starts_failed += 1
        if self._starts_failed < FAILURES_PER_RUNG:
            self._client.start()
        else:
            self._give_up(event, None, "The engine cannot be started")
            self._down = True

    def _give_up(self, event: EngineDied, ended: Generate | None, why: str) -> None:
        load, self._load, self._rung, self._failures = self._load, None, 0, 0
        lines = "\n".join(_telling(event.last_lines)[-6:])
        if load is not None:
            kind = "cancelled" if self._cancelled_load else "engine_stopped"
            self._report(Failed(load.request_id, kind, f"{why} ({event.how}).", lines))
        self._report(self._stopped(event, ended, why, recovering=False))
        for request in self._waiting:
            self._report(Failed(request.request_id, "engine_stopped", f"{why}.", lines))
        self._waiting.clear()

    def _stopped(
        self, event: EngineDied, ended: Generate | None, why: str, *, recovering: bool
    ) -> EngineStopped:
        request_id = ended.request_id if ended is not None else 0
        lines = _telling(event.last_lines)[-12:]
        return EngineStopped(request_id, f"{why} ({event.how}).", lines, recovering)

    def _words(self) -> str:
        return ", ".join(rung.words for rung in self._rungs[1 : self._rung + 1])

    def _load_is(self, request_id: int) -> bool:
        return self._load is not None and self._load.request_id == request_id

    def _active_is(self, request_id: int) -> bool:
        return self._active is not None and self._active.request_id == request_id

    def _send_next(self) -> None:
        """One request at a time goes to the engine: what waits here survives its death."""
        if self._active is None and self._waiting and self.info is not None:
            self._active, self._shown = self._waiting.pop(0), False
            self._asked_of = self._load.request_id if self._load is not None else 0
            self._client.send(self._active)
        elif self._waiting and self._load is None:
            self._load_failed()

    def is_active(self, request_id: int) -> bool:
        """Whether the engine is at work on this request, an answer or a load."""
        loading = self._load_is(request_id) and self.info is None and self._ready is not None
        return self._active_is(request_id) or loading

    def waiting(self) -> Sequence[int]:
        """Ids of the requests that wait for their turn, in order."""
        return [request.request_id for request in self._waiting]
