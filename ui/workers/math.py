"""The QThread worker that has formulas drawn, in a process that starts with the first of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.render.math_client import MathRenderer
from app.render.math_values import MathDrawn, MathRefused, MathRequest


class MathWorker(QObject):
    """Lives in its thread. `want` and `stop` go past the queue, from any thread.

    Signals:
        drawn: MathRequest, and MathDrawn or MathRefused.
    """

    drawn = Signal(object, object)
    _asked = Signal()

    def __init__(self, command: Sequence[str] | None = None) -> None:
        super().__init__()
        self.setObjectName("math_worker")
        self._renderer = MathRenderer(command)
        self._lock = threading.Lock()
        self._wanted: list[MathRequest] = []
        self._stopped = False
        self._asked.connect(self._on_asked, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def want(self, requests: Sequence[MathRequest]) -> None:
        """Draw these in their order, and nothing else that was asked for before. From any thread."""
        with self._lock:
            self._wanted = list(requests)
        if requests:
            self._asked.emit()

    def stop(self) -> None:
        """The app closes: what is drawn ends within 0.1 s, then the process, nothing else begins. From any
        thread."""
        self._stopped = True
        self._asked.emit()

    def close(self) -> None:
        """End the process. From any thread, once the worker's own has ended."""
        self._renderer.close()

    @Slot()
    def _on_asked(self) -> None:
        self._draw()
        if self._stopped:
            self._renderer.close()

    def _draw(self) -> None:
        while not self._stopped:
            with self._lock:
                if not self._wanted:
                    return
                request = self._wanted.pop(0)

            def on_result(_index: int, result: MathDrawn | MathRefused, of: MathRequest = request) -> None:
                self.drawn.emit(of, result)

            self._renderer.render([request], on_result, lambda: self._stopped)
