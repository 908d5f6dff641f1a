"""What workers share that have things made in a process of their own, the last wanted ones only."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.render.child import Child


class LatestWorker(QObject):
    """Lives in its thread. `want` and `stop` go past the queue, from any thread."""

    _asked = Signal()

    def __init__(self, child: Child[Any]) -> None:
        super().__init__()
        self._ending = child
        self._lock = threading.Lock()
        self._wanted: list[Any] = []
        self._running: object = None
        self._stopped = False
        self._asked.connect(self._on_asked, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def want(self, requests: Sequence[Any]) -> None:
        """Do these in their order, and nothing else that was asked for before. From any thread."""
        with self._lock:
            self._wanted = [request for request in requests if request != self._running]
        if requests:
            self._asked.emit()

    def stop(self) -> None:
        """The app closes: what is done ends within 0.1 s, then the process, nothing else begins. From any
        thread."""
        self._stopped = True
        self._asked.emit()

    def close(self) -> None:
        """End the process. From any thread, once the worker's own has ended."""
        self._ending.close()

    @Slot()
    def _on_asked(self) -> None:
        while not self._stopped:
            with self._lock:
                if not self._wanted:
                    return
                request = self._running = self._wanted.pop(0)
            self._do(request)
            with self._lock:
                self._running = None
        self._ending.close()

    def _do(self, request: Any) -> None:
        """One of them; returns within 0.1 s after `_stopped`."""
        raise NotImplementedError
