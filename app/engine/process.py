"""The engine's child process: its threads, its pipes, and who may write where.

    main thread     loads and decodes, one job after the other
    reader thread   takes commands off the pipe; Cancel goes past the queue
    query thread    answers devices and state while the main thread decodes
    counter thread  counts tokens meanwhile
    writer thread   encodes events and writes them, so that decoding never waits for that
    states thread   writes what was read to the disk (app.engine.keeper)

The process ends at the end of its input, also in mid-decode: it never outlives the window. Only
after Close it first saves what is new, while somebody waits for that.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import queue
import signal
import sys
import threading
import traceback
from dataclasses import replace
from time import perf_counter
from typing import BinaryIO

from app.engine.protocol import (
    COMMANDS,
    EVENTS,
    Cancel,
    Close,
    Closing,
    Command,
    CountPrompt,
    CountTokens,
    Devices,
    Event,
    Failed,
    Forget,
    Forgotten,
    Generate,
    GetDevices,
    GetState,
    Load,
    Loaded,
    LoadProgress,
    Predict,
    ReadProgress,
    Ready,
    SetBudgets,
    State,
    Unload,
    Unloaded,
)
from app.engine.values import Phase
from app.errors import UserError
from app.language import tr
from app.wire import WireError

#: Each token takes the interpreter several times, and must not wait for it 5 ms, as is usual, each time.
_SWITCH_S = 0.0005
CAPABILITIES = (
    *("messages", "raw_prompt", "grammar", "tools", "thinking_budget", "count_tokens", "devices"),
    *("saved_states", "predict", "count_prompt"),
)
_Job = Load | Unload | Generate | Predict | Forget | SetBudgets | Close


def claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take the protocol's pipes away from standard input and output.

    Native code that prints goes to standard error from here on, and nothing but this process's
    own frames reaches the parent. The descriptors are not inherited by children.
    """
    if os.name == "nt":
        import msvcrt

        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)  # type: ignore[attr-defined,unused-ignore]
    commands = os.fdopen(os.dup(0), "rb")
    events = os.fdopen(os.dup(1), "wb")
    empty, nobody = os.pipe()  # not the null device: where that is a file, others' words are in it
    os.close(nobody)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return commands, events


class EngineProcess:
    """Everything of the child but llama.cpp, which is imported once the pipes are safe."""

    def __init__(self, commands: BinaryIO, events: BinaryIO) -> None:
        self._commands, self._events = commands, events
        self._outbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._jobs: queue.Queue[_Job] = queue.Queue()
        self._queries: queue.Queue[GetDevices | GetState] = queue.Queue()
        self._cancel_lock = threading.Lock()
        self._cancelled: set[int] = set()
        self._current: int | None = None
        self._phase: Phase = "idle"
        self._closing = False

    def run(self) -> None:
        """Serve until the input ends. Call it on the main thread."""
        os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # an assertion must not start a debugger
        from app.engine import native_libraries

        libraries = native_libraries.use()  # before anything else loads llama.cpp
        import llama_cpp.llama_cpp as llama

        from app.engine.counting import TokenCounter
        from app.engine.host import Host
        from app.engine.native import CancelFlag, NativeLog

        self._log, self._flag = NativeLog(), CancelFlag()
        self._host = Host(self._log, self._flag)
        self._counter = TokenCounter(self._host, self.emit)
        threading.Thread(target=self._write_events, name="events", daemon=True).start()
        self.emit(
            Ready(
                engine="llama.cpp",
                version=_binding_version(),
                capabilities=CAPABILITIES,
                gpu_offload=bool(llama.llama_supports_gpu_offload()),
                system_info=llama.llama_print_system_info().decode("utf-8", "replace"),
                backends=native_libraries.backends(),
                libraries=libraries,
            )
        )
        threading.Thread(target=self._read_commands, name="commands", daemon=True).start()
        threading.Thread(target=self._answer_queries, name="queries", daemon=True).start()
        threading.Thread(target=self._counter.run, name="counter", daemon=True).start()
        while True:
            self._run_job(self._next_job())

    def _next_job(self) -> _Job:
        """What comes next; where nothing comes for a while, what is new is saved meanwhile."""
        keeper = self._host.keeper
        if keeper is not None:
            try:
                return self._jobs.get(timeout=self._host.idle_s)
            except queue.Empty:
                with self._reporting(0):
                    keeper.save_idle(self._host.pace, self._host.idle_s, lambda: not self._jobs.empty())
        return self._jobs.get()

    def emit(self, event: Event) -> None:
        """Send an event; from any thread. Events leave in the order of the calls."""
        self._outbox.put(event)

    def _write_events(self) -> None:
        while True:
            try:
                EVENTS.write(self._events, self._outbox.get())
            except OSError:
                os._exit(0)  # nobody listens any more
            except WireError as error:  # a bug; without its events an engine only seems to hang
                sys.stderr.write(f"engine: {error}\n")
                os._exit(1)

    # ---- reader thread --------------------------------------------------------------------

    def _read_commands(self) -> None:
        try:
            while (command := COMMANDS.read(self._commands)) is not None:
                self._dispatch(command)
        except (WireError, OSError) as error:
            sys.stderr.write(f"engine: {error}\n")
        if not self._closing:
            # The parent is gone or out of step. Native threads may be in mid-graph: don't unwind.
            os._exit(0)

    def _dispatch(self, command: Command) -> None:
        if isinstance(command, Cancel):
            with self._cancel_lock:
                self._cancelled.add(command.target_id)
                if command.target_id == self._current:
                    self._flag.set()
            self._counter.cancel(command.target_id)
        elif isinstance(command, CountTokens | CountPrompt):
            self._counter.put(command)
        elif isinstance(command, GetDevices | GetState):
            self._queries.put(command)
        else:
            if isinstance(command, Close):
                with self._cancel_lock:
                    self._closing = True
                    self._flag.set()
                self.emit(Closing(command.request_id))
            self._jobs.put(command)

    # ---- query thread ---------------------------------------------------------------------

    def _answer_queries(self) -> None:
        while True:
            query = self._queries.get()
            with self._reporting(query.request_id):
                self._answer(query)

    def _answer(self, query: GetDevices | GetState) -> None:
        if isinstance(query, GetDevices):
            from app.engine.placement import devices

            self.emit(Devices(query.request_id, devices(self._host.buffers)))
            return
        info = self._host.info
        cached = len(self._host.cache.tokens) if info is not None else 0
        self.emit(State(query.request_id, self._phase, info, cached, self._log.tail()))

    # ---- main thread ----------------------------------------------------------------------

    def _run_job(self, job: _Job) -> None:
        if isinstance(job, Close):
            self._close()
        with self._cancel_lock:
            if self._closing and not isinstance(job, Forget):
                return  # nobody waits for it any more; what is forgotten must not be saved
            self._current = job.request_id
            if job.request_id in self._cancelled:
                self._flag.set()
        try:
            with self._reporting(job.request_id, loads=isinstance(job, Load)):
                self._do(job)
        finally:
            with self._cancel_lock:
                self._phase = "idle"
                self._cancelled.discard(job.request_id)
                self._current = None
                self._flag.clear()

    def _do(self, job: _Job) -> None:
        if isinstance(job, Unload):
            self._host.unload()
            self.emit(Unloaded(job.request_id))
        elif isinstance(job, Load):
            self._load(job)
        elif isinstance(job, Generate):
            from app.engine.generate import generate

            self._phase = "reading"
            generate(self._host, job, self._emit_and_follow)
        elif isinstance(job, Predict):
            self._predict(job)
        elif isinstance(job, Forget):
            keeper = self._host.keeper
            self.emit(Forgotten(job.request_id, keeper is None or keeper.forget(job.conversation)))
        elif isinstance(job, SetBudgets):
            self._host.set_budgets(job.budgets)

    def _predict(self, job: Predict) -> None:
        from app.engine.requests import predict
        from app.engine.segments import BuildCancelled

        def in_the_way() -> bool:
            return not self._jobs.empty() or self._flag.is_set()

        try:
            self.emit(predict(self._host, job.request_id, job.request, in_the_way))
        except BuildCancelled:
            self.emit(Failed(job.request_id, "cancelled", tr("Something else was asked.")))

    def _close(self) -> None:
        """Save, then end: native threads of a device may be in mid-graph, so nothing is unwound."""
        with self._cancel_lock:
            self._flag.clear()
        with self._reporting(0):
            self._host.close()
        os._exit(0)

    def _emit_and_follow(self, event: Event) -> None:
        if isinstance(event, ReadProgress):
            self._phase = "answering" if event.read >= event.total else "reading"
        self.emit(event)

    def _load(self, job: Load) -> None:
        from app.engine.host import LoadCancelled

        self._phase = "loading"
        started = perf_counter()
        told = -1.0

        def on_progress(fraction: float) -> None:
            nonlocal told
            if fraction - told >= 0.01 or fraction >= 1.0:
                told = fraction
                self.emit(LoadProgress(job.request_id, fraction))

        try:
            info = self._host.load(job.path, job.options, on_progress)
        except LoadCancelled:
            message = tr("Loading was stopped.")
            self.emit(Failed(job.request_id, "cancelled", message, kept=self._host.info))
        else:
            self.emit(Loaded(job.request_id, info, perf_counter() - started))

    @contextlib.contextmanager
    def _reporting(self, request_id: int, *, loads: bool = False):  # type: ignore[no-untyped-def]
        """Turn what a request raises into its Failed event; the process goes on."""
        try:
            yield
            return
        except UserError as error:
            failed = Failed(request_id, error.kind, error.message, error.hint)
        except MemoryError:
            failed = Failed(request_id, "out_of_memory", tr("There is not enough memory for this."))
        except Exception as error:  # a bug: reported whole, the engine stays usable
            traceback.print_exc()
            failed = Failed(
                request_id,
                "bug",
                tr("The engine has a fault: {kind}: {error}", kind=type(error).__name__, error=error),
            )
        self.emit(replace(failed, kept=self._host.info) if loads else failed)


def _binding_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("llama-cpp-python")
    except PackageNotFoundError:
        return "unknown"


def main() -> int:
    """The body of `cascade-desk engine-process`."""
    # Ctrl+C in a terminal reaches the whole group: the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable(all_threads=False)  # the other threads would push the telling lines out
    sys.setswitchinterval(_SWITCH_S)
    commands, events = claim_pipes()
    EngineProcess(commands, events).run()
    return 0
