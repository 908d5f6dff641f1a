"""The GUI's side of a worker that has pieces of text drawn or coloured: writes down what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot


class DrawingDesk(QObject):
    """Owns the worker and its thread.

    Args:
        told: the worker's signal with a request and its result.
        text_of: what a request is about.
    """

    def __init__(self, qtbot: QtBot, worker: Any, told: str, text_of: Callable[[Any], str]) -> None:
        super().__init__()
        self.worker, self.runs, self.qtbot, self._text_of = worker, QThread(), qtbot, text_of
        self.runs.setObjectName("drawing_thread")
        self.worker.moveToThread(self.runs)
        self.found: list[tuple[str, Any]] = []
        getattr(self.worker, told).connect(self._on_told)
        self.runs.start()

    @Slot(object, object)
    def _on_told(self, request: Any, result: object) -> None:
        assert QThread.currentThread() is self.thread()
        self.found.append((self._text_of(request), result))

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.found]

    def wait_for(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: text in self.texts, timeout=20_000)

    def close(self) -> float:
        """Seconds that it takes."""
        begun = time.monotonic()
        self.worker.stop()
        self.runs.quit()
        assert self.runs.wait(5000)
        self.worker.close()
        return time.monotonic() - begun


Begin = Callable[..., DrawingDesk]


def closing(make: Callable[[list[str] | None], DrawingDesk]) -> Iterator[Begin]:
    """What a fixture yields: `make` with the command of a process, closed behind the test."""
    desks: list[DrawingDesk] = []

    def begin(command: list[str] | None = None) -> DrawingDesk:
        desks.append(make(command))
        return desks[-1]

    yield begin
    for desk in desks:
        desk.close()
