"""The parent's side of the engine's process: start it, write commands, read events, see it die."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app import children
from app.diagnostics.native import native_line
from app.engine.libraries import Libraries, LibrariesRefused
from app.engine.protocol import (
    COMMANDS,
    EVENTS,
    Close,
    Closing,
    Command,
    Event,
    Failed,
)
from app.errors import TOO_LONG
from app.language import tr
from app.paths import self_command
from app.wire import WireError

_LOG = logging.getLogger("cascade.engine")
_KEPT_LINES = 60
_EXIT_S = 1.5
#: 6 GB, the state of a million tokens, take about ten seconds to be written.
_SAVE_S = 20.0
#: A build for a GPU that a person put there may be half a gigabyte on a slow disk; then it hangs.
_LIBRARIES_S = 120.0


@dataclass(frozen=True)
class EngineDied:
    """The process ended. `how` says it in words; `last_lines` are the end of its standard error."""

    generation: int
    how: str
    last_lines: tuple[str, ...]


ClientEvent = Event | EngineDied | LibrariesRefused


class EngineClient:
    """One engine process at a time; `start` again after it died.

    Args:
        deliver: called with every event, on this object's reader thread. The default puts them
            into a queue for `next_event`.
        command: what to run in place of this program's own engine.
        libraries: builds of llama.cpp that are tried before the one inside. Where the process ends before
            it is ready LibrariesRefused stands for EngineDied, and the next `start` goes on without it.
    """

    def __init__(
        self,
        deliver: Callable[[ClientEvent], None] | None = None,
        command: Sequence[str] | None = None,
        libraries: Libraries | None = None,
    ) -> None:
        self._libraries = libraries
        self._queue: queue.Queue[ClientEvent] = queue.Queue()
        self._deliver = deliver or self._queue.put
        self._command = list(command) if command else self_command("engine-process")
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._frames: queue.SimpleQueue[Iterator[bytes] | None] = queue.SimpleQueue()
        self._closing = False
        self._heard = threading.Event()
        self.generation = 0

    @property
    def pid(self) -> int | None:
        """The process id of the running engine."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the process; its first event is Ready, or EngineDied where it cannot be started."""
        self.generation += 1
        self._closing = False
        self._heard = threading.Event()
        given = os.environ if self._libraries is None else self._libraries.environment()
        environment = dict(given, GGML_NO_BACKTRACE="1", PYTHONUTF8="1")
        try:
            process = children.spawn(self._command, environment, subprocess.PIPE)
        except OSError as error:  # the program was moved away or replaced; too many files are open
            self._process, self._threads = None, []
            self._deliver(EngineDied(self.generation, error.strerror or type(error).__name__, ()))
            return
        self._process = process
        # A hung engine reads nothing: only the writer's thread may wait for it, never the caller.
        self._frames = queue.SimpleQueue()
        lines: deque[str] = deque(maxlen=_KEPT_LINES)
        errors = threading.Thread(target=_collect, args=(process, lines), name="engine-stderr", daemon=True)
        events = threading.Thread(
            target=self._read,
            args=(process, lines, errors, self._frames, self.generation),
            name="engine-events",
            daemon=True,
        )
        writer = threading.Thread(
            target=_write, args=(process, self._frames), name="engine-commands", daemon=True
        )
        self._threads = [errors, events, writer]
        self._patience = threading.Timer(_LIBRARIES_S, process.kill)
        self._patience.daemon = True
        if self._libraries is not None:
            for refused in self._libraries.untried():
                self._deliver(refused)
            if self._libraries.chosen:
                self._patience.start()
        for thread in self._threads:
            thread.start()

    def send(self, command: Command) -> None:
        """Send a command; returns at once.

        If the process is gone its EngineDied is on the way: nothing is raised. What is too long to be
        sent is answered by Failed ("request").
        """
        try:
            self._frames.put(COMMANDS.pieces(command))
        except WireError:
            self._deliver(Failed(command.request_id, "request", tr(TOO_LONG[0]), tr(TOO_LONG[1])))

    def next_event(self, timeout: float | None = None) -> ClientEvent | None:
        """The next event of the default queue, or None after `timeout` seconds."""
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            return None

    def kill(self) -> None:
        """End the process at once; EngineDied follows. From any thread."""
        if self._process is not None:
            self._process.kill()

    def refuse_libraries(self, died: EngineDied) -> LibrariesRefused | None:
        """Start without the build in use from now on, as `died` was the last of its loads; None for ours."""
        if self._libraries is None:
            return None
        return self._libraries.refuse(died.how, died.last_lines, loading=True)

    def close(self) -> None:
        """Let the process save what is new, end it, and wait for it and for the threads.

        It gets `_SAVE_S` for that if it hears at all. No EngineDied is delivered.
        """
        process = self._process
        if process is None:
            return
        self._closing = True
        self.send(Close(0))
        self._frames.put(None)
        try:
            self._heard.wait(_EXIT_S)
            process.wait(_SAVE_S if self._heard.is_set() else 0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join(_EXIT_S)
        self._process = None

    def _read(
        self,
        process: subprocess.Popen[bytes],
        lines: deque[str],
        errors: threading.Thread,
        frames: queue.SimpleQueue[Iterator[bytes] | None],
        generation: int,
    ) -> None:
        assert process.stdout is not None
        problem, heard, ready = "", self._heard, False
        patience = self._patience
        try:
            while (event := EVENTS.read(process.stdout)) is not None:
                ready = ready or self._became_ready(patience)
                if isinstance(event, Closing):
                    heard.set()
                else:
                    self._deliver(event)
        except (WireError, OSError, ValueError) as error:
            # Out of step: nothing that it says can be believed any more.
            problem = str(error)
            process.kill()
        heard.set()  # nothing more is to be heard
        patience.cancel()
        _reap(process)
        frames.put(None)
        errors.join(_EXIT_S)
        for pipe in (process.stdout, process.stderr):
            with contextlib.suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()
        if not self._closing:
            how = _exit_in_words(process.returncode)
            how = f"{how} ({problem})" if problem else how
            self._deliver(self._ended(ready, EngineDied(generation, how, tuple(lines))))

    def _became_ready(self, patience: threading.Timer) -> bool:
        """The first event is there: what it was started with works. True."""
        patience.cancel()
        if self._libraries is not None:
            self._libraries.became_ready()
        return True

    def _ended(self, ready: bool, died: EngineDied) -> ClientEvent:
        """What the end of a process means: before it was ready, libraries that it can't use."""
        refused = None
        if not ready and self._libraries is not None:
            refused = self._libraries.refuse(died.how, died.last_lines)
        return refused or died


def _write(process: subprocess.Popen[bytes], frames: queue.SimpleQueue[Iterator[bytes] | None]) -> None:
    """Write frames until None, then close the engine's input."""
    assert process.stdin is not None
    with contextlib.suppress(OSError, ValueError):
        while (frame := frames.get()) is not None:
            process.stdin.writelines(frame)
            process.stdin.flush()
    with contextlib.suppress(OSError, ValueError):
        process.stdin.close()


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that has nothing more to say; kill it where it doesn't end."""
    try:
        process.wait(_EXIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _collect(process: subprocess.Popen[bytes], lines: deque[str]) -> None:
    """Keep the last lines of standard error: assertions of native code are found only there."""
    assert process.stderr is not None
    with contextlib.suppress(OSError, ValueError):
        for line in process.stderr:
            text = line.decode("utf-8", "replace").rstrip()[:2000]
            lines.append(text)
            if told := native_line(text):
                _LOG.info("%s", told)


def _exit_in_words(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return tr("signal {name}", name=signal.Signals(-code).name)
    return tr("exit code {code}", code=f"{code:#x}" if code > 255 else str(code))
