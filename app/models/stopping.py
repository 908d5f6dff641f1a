"""How a transfer is told to stop, from any thread, also while it waits for the network."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


class StopSignal:
    """Set once by whoever wants the work to end; looked at by whoever does it."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def set(self) -> None:
        """Ask for the end; a read from the guarded socket returns at once. Any thread."""
        with self._lock:
            self._event.set()
            _shut(self._socket)

    def is_set(self) -> bool:
        """Whether the end was asked for."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for so long, or until the end is asked for: whether it was."""
        return self._event.wait(seconds)

    @contextlib.contextmanager
    def guarding(self, connection: object) -> Iterator[None]:
        """While inside, `set` shuts this socket; anything that is not a socket is not guarded."""
        with self._lock:
            self._socket = connection if isinstance(connection, socket.socket) else None
            if self._event.is_set():
                _shut(self._socket)
        try:
            yield
        finally:
            with self._lock:
                self._socket = None


def _shut(connection: socket.socket | None) -> None:
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
