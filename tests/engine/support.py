"""Drives a real engine process in tests: every wait has a deadline, nothing sleeps."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from app.engine.client import ClientEvent, EngineClient, EngineDied
from app.engine.protocol import (
    Command,
    Delta,
    Failed,
    Finished,
    Generate,
    Load,
    Loaded,
    Ready,
)
from app.engine.values import ChatMessage, LoadOptions, Sampling

GREEDY = Sampling(temperature=0.0)
DEADLINE_S = 60.0


def ask(text: str, **more: Any) -> dict[str, Any]:
    """The fields of a greedy request with one user message."""
    return {"messages": (ChatMessage("user", text),), "sampling": GREEDY, **more}


@dataclass
class Reply:
    """All events of one request, in order, with the time each came."""

    request_id: int
    events: list[ClientEvent] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def text(self, channel: str = "answer") -> str:
        return "".join(e.text for e in self.events if isinstance(e, Delta) and e.channel == channel)

    @property
    def finished(self) -> Finished:
        last = self.events[-1]
        assert isinstance(last, Finished), last
        return last

    @property
    def failed(self) -> Failed:
        last = self.events[-1]
        assert isinstance(last, Failed), last
        return last


class Driver:
    """One EngineClient, its events read on the test's thread."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self.client = EngineClient(command=command)
        self._ids = itertools.count(1)
        self.ready: Ready | None = None

    def start(self) -> Ready:
        self.client.start()
        event = self.until(lambda event: isinstance(event, Ready | EngineDied))
        assert isinstance(event, Ready), event
        self.ready = event
        return event

    def new_id(self) -> int:
        return next(self._ids)

    def send(self, command: Command) -> None:
        self.client.send(command)

    def until(
        self,
        wanted: Callable[[ClientEvent], bool],
        timeout: float = DEADLINE_S,
        into: Reply | None = None,
    ) -> ClientEvent:
        """The first event that is wanted; those before it (and it) are kept in `into`."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            event = self.client.next_event(left)
            if event is None:
                break
            if into is not None:
                into.events.append(event)
                into.times.append(time.monotonic())
            if wanted(event):
                return event
            # Nothing more comes of a dead process.
            assert not isinstance(event, EngineDied), event
        raise AssertionError(f"nothing within {timeout} s; before: {into.events[-3:] if into else ''}")

    def load(self, path: Path | str, **options: Any) -> Loaded | Failed | EngineDied:
        """Load and wait; a small context and one thread where nothing else is said."""
        request_id = self.new_id()
        self.send(Load(request_id, str(path), LoadOptions(**{"n_ctx": 1024, "n_threads": 1, **options})))
        event = self.until(
            lambda e: (
                isinstance(e, EngineDied) or (isinstance(e, Loaded | Failed) and e.request_id == request_id)
            )
        )
        assert isinstance(event, Loaded | Failed | EngineDied)
        return event

    def begin(self, **request: Any) -> Reply:
        """Send a request without waiting for its events."""
        reply = Reply(self.new_id())
        self.send(Generate(reply.request_id, **request))
        return reply

    def finish(self, reply: Reply, timeout: float = DEADLINE_S) -> Reply:
        """Wait for the end of a request, or of the process."""

        def is_last(event: ClientEvent) -> bool:
            return isinstance(event, EngineDied) or (
                isinstance(event, Finished | Failed) and event.request_id == reply.request_id
            )

        self.until(is_last, timeout, reply)
        return reply

    def generate(self, **request: Any) -> Reply:
        return self.finish(self.begin(**request))


@contextmanager
def engine(path: Path | str | None = None, **options: Any) -> Iterator[Driver]:
    """A running engine, with a model where one is named."""
    driver = Driver()
    try:
        driver.start()
        if path is not None:
            loaded = driver.load(path, **options)
            assert isinstance(loaded, Loaded), loaded
        yield driver
    finally:
        driver.client.close()


def descendants(pid: int) -> list[psutil.Process]:
    """The processes below `pid`, for a look at them after it is gone."""
    return psutil.Process(pid).children(recursive=True)


def wait_for(happened: Callable[[], object], timeout: float = DEADLINE_S) -> None:
    """Wait until another process has done something that it tells nobody of."""
    deadline = time.monotonic() + timeout
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def wait_gone(processes: Sequence[psutil.Process], timeout: float) -> list[psutil.Process]:
    """Those of `processes` that still run after `timeout` seconds (zombies have ended)."""

    def alive(process: psutil.Process) -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    deadline = time.monotonic() + timeout
    left = [process for process in processes if alive(process)]
    while left and time.monotonic() < deadline:
        time.sleep(0.01)
        left = [process for process in left if alive(process)]
    return left


def child_environment() -> dict[str, str]:
    """The environment for a script that imports `app` from this checkout."""
    root = str(Path(__file__).resolve().parents[2])
    return dict(os.environ, PYTHONPATH=root, PYTHONUTF8="1")
