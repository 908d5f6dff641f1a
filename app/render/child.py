"""The window's side of a process that answers requests: started with the first one, killed when one takes too
long, and started again for the next. Its inner side is app.render.serving."""

from __future__ import annotations

import contextlib
import enum
import itertools
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO, Any, Final, Generic, Protocol, Self, TypeVar

from app import children
from app.paths import self_command
from app.render.serving import Ready
from app.wire import Registry, WireError

#: Starting Python on a busy machine isn't the request's fault.
START_S: Final = 30.0
_POLL_S: Final = 0.05
#: Starts that fail in a row before no more is tried for this object's life.
_MOST_FAILED: Final = 3


class Failure(enum.Enum):
    """Why there is no reply."""

    GONE = "the process does not start"
    LATE = "its time was over: the process was killed"
    DIED = "it ended the process"
    CANCELLED = "nobody wants it any more"


class Reply(Protocol):
    """What a process sends: it names the request that it belongs to."""

    @property
    def request_id(self) -> int: ...


R = TypeVar("R", bound=Reply)


def never() -> bool:
    """Nobody cancels."""
    return False


class Child(Generic[R]):
    """A child process for one kind of request. From one worker's thread at a time, never the GUI's: asking
    waits.

    The process is kept for the next requests; `close` ends it, from any thread while nothing is asked.

    Args:
        name: the subcommand that it is started with, if there is no `command`.
        messages: what travels, Ready with it.
        kinds: the classes of replies.
        deadline_s: seconds for one reply.
    """

    def __init__(
        self,
        name: str,
        messages: Registry,
        kinds: tuple[type[R], ...],
        deadline_s: float,
        command: Sequence[str] | None = None,
    ) -> None:
        self._name, self._messages, self._kinds = name, messages, kinds
        self._command = list(command) if command is not None else self_command(name)
        self._deadline_s = deadline_s
        self._child: subprocess.Popen[bytes] | None = None
        self._replies: queue.Queue[Ready | R | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._ids = itertools.count(1)
        self._ready = False
        self._failed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        child, self._child = self._child, None
        if child is not None:
            children.end(child, self._thread)

    def _ask(self, request: Callable[[int], Any], cancelled: Callable[[], bool]) -> R | Failure:
        """The reply to `request(its number)`. After a failure other than GONE the process has ended."""
        if self._failed >= _MOST_FAILED or not self._start():
            return Failure.GONE
        if not self._ready:
            reply = self._wait(START_S, 0, cancelled)
            if not isinstance(reply, Ready):
                self.close()
                self._failed += reply is not Failure.CANCELLED
                return Failure.CANCELLED if reply is Failure.CANCELLED else Failure.GONE
            self._ready, self._failed = True, 0
        number = next(self._ids)
        self._send(request(number))
        reply = self._wait(self._deadline_s, number, cancelled)
        if isinstance(reply, Failure):
            self.close()
        assert not isinstance(reply, Ready)
        return reply

    def _start(self) -> bool:
        if self._child is not None and self._child.poll() is None:
            return True
        self.close()
        try:
            self._child = children.spawn(self._command)
        except OSError:
            self._failed += 1
            return False
        assert self._child.stdout is not None
        self._replies, self._ready = queue.Queue(), False
        self._thread = threading.Thread(
            target=self._pump,
            args=(self._child.stdout, self._replies),
            name=f"{self._name}-replies",
            daemon=True,
        )
        self._thread.start()
        return True

    def _send(self, message: Any) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):  # it died: the end of its replies tells
            self._messages.write(self._child.stdin, message)

    def _wait(self, patience: float, number: int, cancelled: Callable[[], bool]) -> Ready | R | Failure:
        """The reply to a request, or Ready to number 0; returns within 0.1 s after `cancelled` says so."""
        until = time.monotonic() + patience
        while True:
            if cancelled():
                return Failure.CANCELLED
            left = until - time.monotonic()
            if left <= 0:
                return Failure.LATE
            try:
                reply = self._replies.get(timeout=min(_POLL_S, left))
            except queue.Empty:
                continue
            if reply is None:
                return Failure.DIED
            if isinstance(reply, Ready):
                if not number:
                    return reply
            elif reply.request_id == number:
                return reply

    def _pump(self, stream: IO[bytes], replies: queue.Queue[Ready | R | None]) -> None:
        try:
            while (reply := self._messages.read(stream)) is not None:
                if not isinstance(reply, Ready) and not isinstance(reply, self._kinds):
                    break
                replies.put(reply)
        except (WireError, OSError, ValueError):
            pass
        replies.put(None)
