"""Files that a person asked for are written in a thread of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from app.errors import UserError
from ui.workers.files import FileWorker


class Desk(QObject):
    """The GUI's side: asks, and writes down what comes back."""

    wanted = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.worker, self.runs = FileWorker(), QThread()
        self.runs.setObjectName("file_thread")
        self.worker.moveToThread(self.runs)
        self.told: list[tuple[str, UserError | None]] = []
        self.wanted.connect(self.worker.write)
        self.worker.written.connect(self._on_written)
        self.worker.failed.connect(self._on_failed)
        self.runs.start()

    @Slot(str)
    def _on_written(self, path: str) -> None:
        assert QThread.currentThread() is self.thread()
        self.told.append((path, None))

    @Slot(str, object)
    def _on_failed(self, path: str, error: UserError) -> None:
        self.told.append((path, error))


@pytest.fixture
def desk(qapp: object) -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.runs.quit()
    assert desk.runs.wait(5000)


@pytest.mark.parametrize("data", ["Größe 🎉\n", "Größe 🎉\n".encode()], ids=["text", "bytes"])
def test_it_writes(qtbot: QtBot, tmp_path: Path, desk: Desk, data: str | bytes) -> None:
    path = str(tmp_path / "one.txt")
    desk.wanted.emit(path, data)
    qtbot.waitUntil(lambda: bool(desk.told))
    assert desk.told == [(path, None)]
    assert Path(path).read_bytes() == "Größe 🎉\n".encode()


def test_it_says_what_failed(qtbot: QtBot, tmp_path: Path, desk: Desk) -> None:
    path = str(tmp_path / "gone" / "one.txt")
    desk.wanted.emit(path, "x")
    qtbot.waitUntil(lambda: bool(desk.told))
    assert desk.told[0][0] == path
    assert isinstance(desk.told[0][1], UserError)
