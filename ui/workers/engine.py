"""The QThread worker that hosts the model session."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.engine.client import ClientEvent, EngineClient
from app.engine.ladder import LadderMemory
from app.engine.libraries import Libraries
from app.engine.load_errors import check_file
from app.engine.protocol import CountPrompt, CountTokens, Delta, Failed, Generate, Predict
from app.engine.session import EngineSession
from app.engine.session_events import SessionEvent
from app.engine.values import Budgets, LoadOptions
from app.errors import UserError
from ui.workers.states import SavedStates

#: A cancel takes milliseconds on a CPU, and one step of 512 tokens on a GPU: after this it hangs.
_CANCEL_MS = 10_000
#: How often it is looked whether the model may rest.
_REST_MS = 5_000
#: Events are taken so often at most.
_GATHER_MS = 10


class EngineWorker(QObject):
    """Lives in its thread; commands come by queued signals, events leave as `event`.

    Nothing here waits: writing a command is a write to a pipe that the engine always reads, and
    the client's reader thread leaves its events in `_inbox`, of which `_arrived` tells. Text that comes
    faster than a screen is painted leaves in fewer, longer pieces.
    """

    event = Signal(object)
    load_refused = Signal(object)
    states_measured = Signal(object)  # bytes; an int of Qt's would end at 2 GB
    closed = Signal()
    _arrived = Signal()

    def __init__(
        self,
        ladder: Path,
        states: Path,
        ids: Iterator[int],
        command: Sequence[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        llama: Path | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("engine_worker")
        self._client = EngineClient(self._deliver, command, Libraries(llama) if llama else None)
        self._session = EngineSession(self._client, LadderMemory(ladder), self._report, ids, clock)
        self._states = SavedStates(states)
        self._overdue = 0
        self._watch = QTimer(self)
        self._watch.setSingleShot(True)
        self._watch.setInterval(_CANCEL_MS)
        self._watch.timeout.connect(self._on_overdue)
        self._idle = QTimer(self)
        self._idle.setInterval(_REST_MS)
        self._idle.timeout.connect(self._on_idle)
        self._inbox: list[ClientEvent] = []
        self._lock = threading.Lock()
        self._taken_at, self._pause_ms = 0.0, _GATHER_MS
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setTimerType(Qt.TimerType.PreciseTimer)
        self._gather.timeout.connect(self._on_gathered)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def engine_pid(self) -> int | None:
        """The process id of the engine, for diagnostics and tests."""
        return self._client.pid

    @Slot()
    def start(self) -> None:
        """Start the engine's process where it isn't up."""
        self._session.start()

    @Slot(int, str, object)
    def load(self, request_id: int, path: str, options: LoadOptions) -> None:
        """Load a model; what cannot be one is refused before the present model is given up."""
        try:
            check_file(Path(path))
        except UserError as error:
            self.load_refused.emit(Failed(request_id, error.kind, error.message, error.hint))
        else:
            self._session.load(path, options, request_id)

    @Slot(object)
    def generate(self, request: Generate) -> None:
        self._session.generate(request)

    @Slot(int)
    def cancel(self, request_id: int) -> None:
        """Stop a request; an engine that doesn't react is ended, and starts again by itself."""
        self._session.cancel(request_id)
        if self._session.is_active(request_id):
            self._overdue = request_id
            self._watch.start()

    @Slot()
    def _on_overdue(self) -> None:
        if self._session.is_active(self._overdue):
            self._client.kill()

    @Slot(str)
    def forget_rung(self, path: str) -> None:
        self._session.forget_rung(path)

    @Slot(int)
    def set_idle_minutes(self, minutes: int) -> None:
        """After how many minutes without a request the model is unloaded until the next one; 0 for never."""
        self._session.set_idle(60.0 * minutes)
        if minutes > 0:
            self._idle.start()
        else:
            self._idle.stop()

    @Slot()
    def _on_idle(self) -> None:
        self._session.rest()

    @Slot(int)
    def ask_devices(self, request_id: int) -> None:
        """Ask what the devices have and hold: `event` brings Devices, or Failed where the engine is down."""
        self._session.ask_devices(request_id)

    # ---- counts ---------------------------------------------------------------------------

    @Slot(object)
    def count_tokens(self, query: CountTokens) -> None:
        """Count a text, meanwhile: `event` brings TokenCount, or Failed without a model.

        It waits for a model that is being loaded, and wakes one that rests.
        """
        self._session.counts.ask(query)

    @Slot(object)
    def count_prompt(self, query: CountPrompt) -> None:
        """Count what a question would make the prompt: PromptCount or Failed, as `count_tokens`.

        Failed ("request") also where its key is not known any more: after the engine died, or was
        asked with several others.
        """
        self._session.counts.ask(query)

    @Slot(int)
    def cancel_count(self, request_id: int) -> None:
        """Its answer or Failed ("cancelled") follows all the same; nothing where that has come."""
        self._session.counts.cancel(request_id)

    # ---- what has been read ---------------------------------------------------------------

    @Slot(object)
    def predict(self, command: Predict) -> None:
        """Ask what a request would cost to read."""
        self._session.predict(command.request_id, command.request)

    @Slot(object)
    def set_budgets(self, budgets: Budgets) -> None:
        self._session.set_budgets(budgets)

    @Slot(str)
    def forget(self, conversation_id: str) -> None:
        """A conversation was deleted: nothing that was read of it stays, with an engine or without."""
        self._session.forget(conversation_id)
        self._states.delete([conversation_id])

    @Slot(list)
    def delete_states(self, conversation_ids: list[str]) -> None:
        """Remove what is saved of conversations that no engine knows any more."""
        self._states.delete(conversation_ids)

    @Slot()
    def delete_all_states(self) -> None:
        """Remove all that is saved of what was read; states_measured follows."""
        self._states.delete_all()
        self.measure_states()

    @Slot()
    def measure_states(self) -> None:
        """Say with states_measured what the saved states take on the disk."""
        self.states_measured.emit(self._states.total_bytes())

    @Slot()
    def close(self) -> None:
        """End the engine's process, then say `closed`."""
        self._watch.stop()
        self._idle.stop()
        self._gather.stop()
        self._pause_ms = 0  # what comes now is taken in at once: nobody may wait for it any more
        with ExitStack() as ending:  # whatever fails, the thread ends, and nobody waits for it in vain
            ending.callback(self.closed.emit)
            ending.callback(self._session.close)
            self._on_gathered()

    def end_now(self) -> None:
        """While it closes: end its process with what is not saved of what was read. From any thread."""
        self._client.kill()

    def _deliver(self, event: ClientEvent) -> None:
        # On the client's reader thread: the signal carries it over to this object's thread.
        with self._lock:
            self._inbox.append(event)
            first = len(self._inbox) == 1
        if first:
            self._arrived.emit()

    @Slot()
    def _on_arrived(self) -> None:
        since = 1000 * (time.monotonic() - self._taken_at)
        if since >= self._pause_ms:
            self._on_gathered()
        else:
            self._gather.start(self._pause_ms - int(since))

    @Slot()
    def _on_gathered(self) -> None:
        self._taken_at = time.monotonic()
        with self._lock:
            events, self._inbox = self._inbox, []
        for event in joined(events):
            self._session.handle(event)

    def _report(self, event: SessionEvent) -> None:
        self.event.emit(event)


def joined(events: Sequence[ClientEvent]) -> list[ClientEvent]:
    """The same with each run of text of one channel as one piece."""
    found: list[ClientEvent] = []
    for belongs, run in itertools.groupby(events, _text_of):
        several = list(run)
        last = several[-1]
        if belongs is not None and isinstance(last, Delta):
            text = "".join(one.text for one in several if isinstance(one, Delta))
            found.append(replace(last, text=text))
        else:
            found += several
    return found


def _text_of(event: ClientEvent) -> tuple[int, str, int] | None:
    """What a piece of text goes on with; None for anything else."""
    return (event.request_id, event.channel, event.choice) if isinstance(event, Delta) else None
