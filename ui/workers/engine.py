"""The QThread worker that hosts the model session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.engine.client import ClientEvent, EngineClient
from app.engine.ladder import LadderMemory
from app.engine.protocol import Generate, LoadOptions
from app.engine.session import EngineSession, SessionEvent


class EngineWorker(QObject):
    """Lives in its thread; commands come by queued signals, events leave as `event`.

    Nothing here waits: writing a command is a write to a pipe that the engine always reads, and
    the client's reader thread hands its events over through `_arrived`.
    """

    event = Signal(object)
    closed = Signal()
    _arrived = Signal(object)

    def __init__(self, ladder: Path, ids: Iterator[int], command: Sequence[str] | None = None) -> None:
        super().__init__()
        self.setObjectName("engine_worker")
        self._client = EngineClient(self._deliver, command)
        self._session = EngineSession(self._client, LadderMemory(ladder), self._report, ids)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def engine_pid(self) -> int | None:
        """The process id of the engine, for diagnostics and tests."""
        return self._client.pid

    @Slot()
    def start(self) -> None:
        """Start the engine's process."""
        self._session.start()

    @Slot(int, str, object)
    def load(self, request_id: int, path: str, options: LoadOptions) -> None:
        self._session.load(path, options, request_id)

    @Slot(object)
    def generate(self, request: Generate) -> None:
        self._session.generate(request)

    @Slot(int)
    def cancel(self, request_id: int) -> None:
        self._session.cancel(request_id)

    @Slot()
    def try_full_speed(self) -> None:
        self._session.try_full_speed()

    @Slot()
    def close(self) -> None:
        """End the engine's process, then say `closed`."""
        self._session.close()
        self.closed.emit()

    def _deliver(self, event: ClientEvent) -> None:
        # On the client's reader thread: the signal carries it over to this object's thread.
        self._arrived.emit(event)

    @Slot(object)
    def _on_arrived(self, event: ClientEvent) -> None:
        self._session.handle(event)

    def _report(self, event: SessionEvent) -> None:
        self.event.emit(event)
