"""The store's worker in a thread, and a disk that can be full."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from app.errors import DiskFullError, UserError
from app.store.opening import OpenReport
from app.store.store import Store
from ui.workers.store import StoreReply, StoreWorker

_RETRY_MS = 20


class Desk(QObject):
    """The GUI's side: sends jobs and writes down what comes back."""

    start_wanted = Signal()
    close_wanted = Signal()
    wanted = Signal(int, object, bool)

    def __init__(self, worker: StoreWorker) -> None:
        super().__init__()
        self.worker, self.runs = worker, QThread()
        self.runs.setObjectName("store_thread")
        worker._retry.setInterval(_RETRY_MS)
        worker.moveToThread(self.runs)
        self.replies: dict[int, StoreReply] = {}
        self.opened: list[OpenReport | UserError] = []
        self.trouble: list[UserError | None] = []
        self.order: list[str] = []
        self._tickets, self.closed = 0, False
        self.start_wanted.connect(worker.start)
        self.close_wanted.connect(worker.close)
        self.wanted.connect(worker.do)
        worker.opened.connect(self._on_opened)
        worker.replied.connect(self._on_replied)
        worker.trouble.connect(self._on_trouble)
        worker.closed.connect(self._on_closed)
        self.runs.start()
        self.start_wanted.emit()

    @Slot(object)
    def _on_opened(self, outcome: OpenReport | UserError) -> None:
        assert QThread.currentThread() is self.thread()
        self.opened.append(outcome)
        self.order.append("opened")

    @Slot(object)
    def _on_replied(self, reply: StoreReply) -> None:
        self.replies[reply.ticket] = reply
        self.order.append(f"reply {reply.ticket}")

    @Slot(object)
    def _on_trouble(self, error: UserError | None) -> None:
        self.trouble.append(error)

    @Slot()
    def _on_closed(self) -> None:
        self.closed = True

    def send(self, job: Callable[[Store], object], *, writes: bool = False) -> int:
        self._tickets += 1
        self.wanted.emit(self._tickets, job, writes)
        return self._tickets

    def write(self, job: Callable[[Store], object]) -> int:
        return self.send(job, writes=True)

    def wait(self, qtbot: QtBot, ticket: int) -> StoreReply:
        qtbot.waitUntil(lambda: ticket in self.replies)
        return self.replies[ticket]

    def ask(self, qtbot: QtBot, job: Callable[[Store], object]) -> Any:
        reply = self.wait(qtbot, self.send(job))
        assert reply.error is None
        return reply.result

    def close(self, qtbot: QtBot) -> None:
        if self.runs.isRunning():
            self.close_wanted.emit()
            self.end(qtbot)

    def end(self, qtbot: QtBot) -> None:
        """Wait until the worker has closed, then for its thread."""
        qtbot.waitUntil(lambda: self.closed)
        self.runs.quit()
        assert self.runs.wait(5000)


Start = Callable[[Path], Desk]


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Start]:
    """Starts a worker over a folder and waits until it has opened the store."""
    desks: list[Desk] = []

    def begin(folder: Path) -> Desk:
        desks.append(Desk(StoreWorker(folder)))
        qtbot.waitUntil(lambda: bool(desks[-1].opened))
        return desks[-1]

    yield begin
    for desk in desks:
        desk.close(qtbot)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "conversations"


def keep(key: str, value: object) -> Callable[[Store], object]:
    return lambda store: store.set_state(key, value)


def state(key: str) -> Callable[[Store], object]:
    return lambda store: store.state(key)


class Disk:
    """Room for what is written, or none: says how often it was asked."""

    def __init__(self, error: type[UserError] = DiskFullError) -> None:
        self.full = threading.Event()
        self.full.set()
        self.asked = 0
        self._error = error

    def wrap(self, job: Callable[[Store], object]) -> Callable[[Store], object]:
        def guarded(store: Store) -> object:
            self.asked += 1
            if self.full.is_set():
                raise self._error("It does not work now.", "")
            return job(store)

        return guarded
