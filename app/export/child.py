"""A child process of an export or an import, and the thread that hears what it says."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Sequence
from typing import IO, Any

from app import children
from app.errors import UserError
from app.language import tr
from app.wire import Registry, WireError


class Child:
    """Started when it is made; `end` kills it and waits. `replies` ends with None.

    Raises:
        UserError: the process cannot be started.
    """

    def __init__(self, command: Sequence[str], messages: Registry, most_waiting: int) -> None:
        self._messages = messages
        #: With a bound, so that a process that is faster than the window fills no memory.
        self.replies: queue.Queue[Any] = queue.Queue(most_waiting)
        try:
            self._process = children.spawn(command)
        except OSError as error:
            raise UserError(
                tr("A part of the app does not start: {reason}.", reason=error.strerror or error)
            ) from error
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._pump, name="file-replies", daemon=True)
        self._thread.start()

    def send(self, message: object) -> None:
        """Write a message; waits while the process is busy. OSError where it is gone."""
        stream = self._process.stdin
        assert stream is not None
        self._messages.write(stream, message)

    def kill(self) -> None:
        """Break it off. From any thread."""
        self._ended.set()
        self._process.kill()

    def end(self) -> None:
        """Kill it, if it still runs, and give back what it held."""
        self.kill()
        children.end(self._process, self._thread)

    def _pump(self) -> None:
        stream: IO[bytes] | None = self._process.stdout
        assert stream is not None
        with contextlib.suppress(WireError, OSError, ValueError):
            while (reply := self._messages.read(stream)) is not None:
                if not self._put(reply):
                    return
        self._put(None)

    def _put(self, reply: object) -> bool:
        while not self._ended.is_set():
            try:
                self.replies.put(reply, timeout=0.05)
            except queue.Full:
                continue
            return True
        return False
