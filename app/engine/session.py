"""One engine with one model, kept alive: load, ask, cancel, and what happens when it dies.

Without Qt and without threads of its own: the owner calls every method from one thread and
hands each event of the client to `handle`. What the session makes of it goes to `report`:
events of the protocol, and those of app.engine.session_events.

A model that nobody used for a while rests: it is unloaded, and loaded again by itself for the next
question, prediction or change of its context. Where a load fails that only wants another context,
the former one is there still, or comes back, and its Failed says so (`kept`).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from app.engine.client import ClientEvent, EngineClient, EngineDied
from app.engine.counts import Counts
from app.engine.descent import Descent
from app.engine.former import Former
from app.engine.ladder import FAILURES_PER_RUNG, LadderMemory
from app.engine.libraries import LibrariesRefused
from app.engine.protocol import (
    Cancel,
    Delta,
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
from app.engine.questions import Questions, no_model
from app.engine.session_events import (
    Resting,
    Retrying,
    SaferSettings,
    SessionEvent,
    Waking,
    in_words,
    stopped,
    telling,
)
from app.engine.values import Budgets, LoadOptions, ModelInfo
from app.language import tr

#: It is started again so often without a question in between, then it stays down.
_MOST_UNASKED_DEATHS = 3


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._used, self._idle_s = clock, clock(), 0.0
        self._client, self._report, self._descent = client, report, Descent(memory)
        self._questions = Questions(client.send, report)
        self._ids = ids or itertools.count(1)
        self.counts = Counts(client.send, report, self._ids, self._send_next)
        self._ready: Ready | None = None
        self._load: Load | None = None
        self._starts_failed = self._unasked_deaths = 0
        self._cancelled_load, self._down = False, True
        self._waiting: list[Generate] = []
        self._active: Generate | None = None
        self._wanted, self._asked_of = LoadOptions(), 0  # the latter: whose model answers the active request
        self._cancelled, self._shown = 0, False
        self._resting: ModelInfo | None = None
        self._former: Former | None = None
        self.info: ModelInfo | None = None

    def start(self) -> None:
        """Start the process, also again where it was given up; else nothing."""
        if self._down:
            self._down = False
            self._client.start()

    def load(self, path: str, options: LoadOptions, request_id: int = 0) -> int:
        """Load a model in place of the present one; Loaded or Failed with the returned id follows."""
        former = self._former_for(path, options)
        if self._load is not None and self._loading:
            self._stop_load(self._load.request_id)
        self._descent.begin(keep=former is not None and former.same)
        self._wanted, self._former, self._resting = options, former, None
        self._load = load = Load(request_id or next(self._ids), path, options)
        self._cancelled_load, self._unasked_deaths, self._used = False, 0, self._clock()
        self.info = None
        self.start()
        self._begin_load()
        return load.request_id

    def generate(self, request: Generate) -> int:
        """Ask; one without an id gets the returned one. Finished, Failed or EngineStopped ends it."""
        request = replace(request, request_id=request.request_id or next(self._ids))
        self._unasked_deaths, self._used = 0, self._clock()
        self._waiting.append(request)
        self._send_next()
        return request.request_id

    def cancel(self, request_id: int) -> None:
        """Stop a load or an answer, running or waiting."""
        waiting = [request for request in self._waiting if request.request_id == request_id]
        if waiting:
            self._waiting.remove(waiting[0])
            self._report(Failed(request_id, "cancelled", tr("Stopped before it began.")))
            return
        if self._load_is(request_id) and self._loading:
            self._stop_load(request_id)
            self._send_next()
        else:
            self._cancelled = request_id
            self._client.send(Cancel(next(self._ids), request_id))

    def forget_rung(self, path: str) -> None:
        """Forget the safer settings of a model: its next load tries full speed again."""
        self._descent.forget(path)

    def predict(self, request_id: int, request: Generate) -> None:
        """Ask what `request` would cost to read now, a resting model too: Predicted or Failed follows."""
        command = Predict(request_id, request)
        if self.info is not None and self._active is None:
            self._used = self._clock()
            self._questions.predict(command, now=True)
        elif self._resting is not None:
            self._questions.predict(command, now=False)
            self._wake()
        else:
            self._questions.refuse_prediction(request_id)

    def ask_devices(self, request_id: int) -> None:
        """Ask for devices and memory: Devices or Failed follows, also where the engine is down."""
        self._questions.ask_devices(request_id, up=self._ready is not None)

    def set_idle(self, seconds: float) -> None:
        """After how long without a request the model may rest; 0 for never."""
        self._idle_s = seconds

    def rest(self) -> None:
        """Unload the model if nobody used it for long enough; call it now and then."""
        busy = self._active or self._waiting or self._questions.predicting or self.counts.pending
        if self.info is None or self._ready is None or busy or not self._idle_s:
            return
        if self._clock() - self._used >= self._idle_s:
            self._resting, self.info = self.info, None
            self._client.send(Unload(next(self._ids)))
            self._report(Resting(self._resting))

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
        self._load = self._former = None
        self._questions.drop_predictions()
        self._report(Failed(request_id, "cancelled", tr("Loading was stopped.")))

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
            self._active, self._used = None, self._clock()
            self._prove(isinstance(event, Finished) and event.usage.generated_tokens > 0)
        elif isinstance(event, Failed) and self._load_is(event.request_id):
            event = self._load_failed(event)
        elif isinstance(event, Delta) and self._active_is(event.request_id):
            self._shown = True
            self._prove(True)
        elif isinstance(event, Unloaded):
            self.info = None
        elif isinstance(event, LibrariesRefused) and event.ended:
            self._client.start()
        self._questions.answered(event)
        self.counts.answered(event)
        self._report(event)
        if isinstance(event, Failed) and event.kept is not None and self._resting is not None:
            self._report(Resting(self._resting))
        self._send_next()

    def _became_ready(self, event: Ready) -> None:
        self._ready, self._starts_failed = event, 0
        self._descent.ready(event)
        self._begin_load()

    def _begin_load(self) -> None:
        if self._ready is None or self._load is None or self._resting is not None:
            return  # Ready begins it, or the next request does
        self._load = replace(self._load, options=self._descent.options(self._load.path, self._wanted))
        self._client.send(self._load)

    def _loaded(self, event: Loaded) -> None:
        if not self._load_is(event.request_id):
            return  # another model was asked for meanwhile
        self.info, self._cancelled_load, self._former = event.info, False, None
        self._used = self._clock()
        self._report(SaferSettings(self._descent.words()))
        self._questions.send_predictions()

    def _load_failed(self, event: Failed) -> Failed:
        """What the failure of a load leaves behind: nothing, or the former model."""
        former, self._cancelled_load = self._former, False
        if former is not None and (event.kept is not None or (former.resting and former.same)):
            self._return_to(former)
            self.info = None if former.resting else event.kept
            return replace(event, kept=event.kept or former.info)
        self._load = self._former = None
        self._descent.reset()
        self._fail_waiting(*no_model())
        return replace(event, kept=None)

    def _fail_waiting(self, kind: str, message: str, hint: str) -> None:
        for request in self._waiting:
            self._report(Failed(request.request_id, kind, message, hint))
        self._waiting.clear()
        self._questions.drop_predictions()
        self.counts.drop(kind, message, hint)

    def _former_for(self, path: str, options: LoadOptions) -> Former | None:
        """What a load of `path` could go back to."""
        former, info, descent = self._former, self.info or self._resting, self._descent
        if self._load is not None and info is not None:
            resting = self._resting is not None
            former = Former(self._load, info, self._wanted, descent.rung, descent.proven, resting)
        # While another load is given up, what that one could go back to stays.
        return former and replace(former, same=former.is_for(path, options) and not descent.forgotten)

    def _return_to(self, former: Former) -> None:
        """The model before is the one that counts; whether it is there says `info`."""
        self._wanted = replace(former.wanted, budgets=self._wanted.budgets)
        self._load, self._former = former.load, None
        self._descent.return_to(former.rung, proven=former.proven)
        self._resting = former.info if former.resting else None

    def _wake(self) -> None:
        self._resting, self._used = None, self._clock()
        self._report(Waking())
        self._begin_load()

    def _prove(self, worked: bool) -> None:
        if worked and not self._descent.proven and self._load is not None and self._load_is(self._asked_of):
            self._descent.prove(self._load.path)

    def _died(self, event: EngineDied) -> None:
        started, self._ready = self._ready is not None, None
        loading, former = self._loading, self._former
        self.info = None
        self._questions.drop_devices()
        self.counts.lost()
        if not loading:
            self._questions.drop_predictions()
        ended, shown = self._active, self._shown
        ended_id = ended.request_id if ended is not None else 0
        self._active, self._shown = None, False
        if not started:
            self._start_failed(event)
        elif loading and former is not None and former.same:
            self._died_changing(event, former, ended, shown)
        elif loading and self._cancelled_load:
            self._give_up(event, ended_id, tr("Loading was stopped."))
            self._client.start()
        elif loading or (ended is not None and not self._descent.proven):
            self._step_down(event, ended, shown)
        elif self._unasked_deaths >= _MOST_UNASKED_DEATHS:
            self._give_up(event, ended_id, tr("The engine keeps stopping"))
            self._down = True
        else:
            if self._resting is None:  # else nothing is lost that anybody would miss
                self._report(stopped(event, ended_id, recovering=self._load is not None))
            self._unasked_deaths += 1
            self._client.start()

    def _died_changing(self, event: EngineDied, former: Former, ended: Generate | None, shown: bool) -> None:
        """It died of another context for the model that it had: the former one is loaded again."""
        load_id = self._load.request_id if self._load is not None else 0
        why = tr("The engine stopped while the context was changed")
        failed = former.used_again(load_id, in_words(event, why), cancelled=self._cancelled_load)
        self._return_to(former)
        self._cancelled_load, self._unasked_deaths = False, self._unasked_deaths + 1
        self._report(failed)
        if ended is not None and not shown:
            self._waiting.insert(0, ended)
        if self._resting is not None:
            self._report(Resting(self._resting))
        else:
            ended_id = ended.request_id if ended is not None and shown else 0
            self._report(stopped(event, ended_id, why, recovering=True))
        self._client.start()

    def _step_down(self, event: EngineDied, ended: Generate | None, shown: bool) -> None:
        """Load again: unchanged the first time, one rung safer the second, then with another build."""
        if not self._descent.failed() and not self._other_libraries(event):
            ended_id = ended.request_id if ended is not None else 0
            self._give_up(event, ended_id, tr("The engine stops each time it loads this model"))
            self._client.start()
            return
        if ended is not None and ended.request_id == self._cancelled:
            self._report(Failed(ended.request_id, "cancelled", tr("Stopped.")))
        elif ended is not None and not shown:
            self._waiting.insert(0, ended)  # nothing was shown: it is asked again
        elif ended is not None:
            self._report(stopped(event, ended.request_id, recovering=True))
        self._report(Retrying(self._descent.words()))
        self._client.start()

    def _other_libraries(self, event: EngineDied) -> bool:
        """Whether there is another build of llama.cpp to begin anew with: this one loads nothing."""
        if (refused := self._client.refuse_libraries(event)) is not None:
            self._descent.begin_anew()
            self._report(refused)
        return refused is not None

    def _start_failed(self, event: EngineDied) -> None:
        """It died before it said a word: once may be chance, twice is a broken installation."""
        self._starts_failed += 1
        if self._starts_failed < FAILURES_PER_RUNG:
            self._client.start()
        else:
            self._give_up(event, 0, tr("The engine cannot be started"))
            self._down = True

    def _give_up(self, event: EngineDied, ended_id: int, why: str) -> None:
        load, self._load = self._load, None
        self._resting = self._former = None
        self._descent.reset()
        lines = "\n".join(telling(event.last_lines)[-6:])
        if load is not None:
            kind = "cancelled" if self._cancelled_load else "engine_stopped"
            self._report(Failed(load.request_id, kind, in_words(event, why), lines))
        self._report(stopped(event, ended_id, why, recovering=False))
        self._fail_waiting("engine_stopped", tr("{why}.", why=why), lines)

    @property
    def _loading(self) -> bool:
        return self._load is not None and self.info is None and self._resting is None

    def _load_is(self, request_id: int) -> bool:
        return self._load is not None and self._load.request_id == request_id

    def _active_is(self, request_id: int) -> bool:
        return self._active is not None and self._active.request_id == request_id

    def _send_next(self) -> None:
        """One request at a time goes to the engine: what waits here survives its death."""
        if self.info is not None and self.counts.waiting:
            self._used = self._clock()
            self.counts.send()
        elif self._load is None:
            self.counts.drop(*no_model())
        if self._resting is not None and (self._waiting or self.counts.waiting):
            self._wake()
        elif self._active is None and self._waiting and self.info is not None:
            self._active, self._shown = self._waiting.pop(0), False
            self._asked_of = self._load.request_id if self._load is not None else 0
            self._client.send(self._active)
        elif self._waiting and self._load is None:
            self._fail_waiting(*no_model())

    def is_active(self, request_id: int) -> bool:
        """Whether the engine is at work on this request, an answer or a load."""
        loading = self._load_is(request_id) and self._loading and self._ready is not None
        return self._active_is(request_id) or loading
