"""The worker that reads documents, in its thread, with a process that does what it is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from app.documents.client import DocumentReader
from app.documents.values import Extracted, Limits, Progress
from tests.documents.test_client import CRASH, SPIN, _replaced
from ui.workers.documents import (
    ChoosePages,
    DocumentProgress,
    DocumentRead,
    DocumentRefused,
    DocumentWorker,
    PagesChosen,
    ReadDocument,
)

PAGES = "[Page 1]\none\n\n[Page 2]\ntwo\n\n[Page 3]\nthree\n"


class Desk(QObject):
    """The GUI's side: sends what is to be read and writes down what comes back."""

    wanted = Signal(object)

    def __init__(self, reader: DocumentReader, qtbot: QtBot) -> None:
        super().__init__()
        self.worker, self.runs, self._qtbot = DocumentWorker(reader), QThread(), qtbot
        self.runs.setObjectName("document_thread")
        self.worker.moveToThread(self.runs)
        self.told: list[object] = []
        self.wanted.connect(self.worker.extract)
        self.worker.told.connect(self._on_told)
        self.runs.start()

    @Slot(object)
    def _on_told(self, told: object) -> None:
        assert QThread.currentThread() is self.thread()
        self.told.append(told)

    def of(self, ticket: int) -> list[object]:
        """What was said of a ticket, without progress."""
        return [one for one in self.told if one.ticket == ticket and not isinstance(one, DocumentProgress)]  # type: ignore[attr-defined]

    def last(self, ticket: int) -> object:
        self._qtbot.waitUntil(lambda: bool(self.of(ticket)), timeout=20_000)
        (one,) = self.of(ticket)
        return one

    def under_way(self, ticket: int) -> None:
        """Wait until it is read."""
        self._qtbot.waitUntil(lambda: any(one.ticket == ticket for one in self.told), timeout=20_000)  # type: ignore[attr-defined]

    def close(self) -> None:
        self.worker.stop()
        self.runs.quit()
        assert self.runs.wait(2000)
        self.worker.close()


Start = Callable[..., Desk]


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[Start]:
    """Starts a worker over a reader whose process runs `body` for files with BAD in them."""
    desks: list[Desk] = []

    def begin(body: str = SPIN, limits: Limits = Limits(stall_s=20)) -> Desk:  # noqa: B008 - frozen
        desks.append(Desk(DocumentReader(limits=limits, command=_replaced(body)), qtbot))
        return desks[-1]

    yield begin
    for desk in desks:
        desk.close()


def _files(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.txt") for name in texts]


def test_one_after_the_other_also_behind_a_process_that_died(start: Start, tmp_path: Path) -> None:
    desk = start(CRASH)
    for ticket, path in enumerate([*_files(tmp_path, a="one", b="BAD", c="three"), str(tmp_path / "none")]):
        desk.wanted.emit(ReadDocument(ticket, path))
    assert desk.last(0) == DocumentRead(0, Extracted("a.txt", "text", "one"))
    died = desk.last(1)
    assert isinstance(died, DocumentRefused)
    assert died.kind == "file_read"
    assert "ended the process" in died.message
    assert desk.last(2) == DocumentRead(2, Extracted("c.txt", "text", "three"))
    assert desk.last(3) == DocumentRefused(3, "file_read", "none: There is no such file.", "Check the path.")


def test_one_that_waits_and_one_that_is_read_can_be_cancelled(start: Start, tmp_path: Path) -> None:
    desk = start()
    bad, waits, good = _files(tmp_path, bad="BAD", waits="waits", good="good")
    for ticket, path in enumerate((bad, waits, good)):
        desk.wanted.emit(ReadDocument(ticket, path))
    desk.under_way(0)
    desk.worker.cancel(1)
    begun = time.monotonic()
    desk.worker.cancel(0)
    for ticket in (0, 1):
        assert desk.last(ticket).kind == "reading_stopped"  # type: ignore[attr-defined]
    assert time.monotonic() - begun < 2
    assert isinstance(desk.last(2), DocumentRead)


def test_pages_are_chosen_while_something_else_is_read(start: Start, tmp_path: Path) -> None:
    desk = start()
    desk.wanted.emit(ReadDocument(0, *_files(tmp_path, bad="BAD")))
    desk.under_way(0)
    for ticket, pages in enumerate(("2 - 2", "1-3", "", "4", "x"), 1):
        desk.worker.choose(ChoosePages(ticket, PAGES, "pdf", pages))
    assert desk.last(1) == PagesChosen(1, "[Page 2]\ntwo\n", "2")
    assert desk.last(2) == PagesChosen(2, PAGES, "")
    assert desk.last(3) == PagesChosen(3, PAGES, "")
    for ticket in (4, 5):
        assert desk.last(ticket).kind == "request"  # type: ignore[attr-defined]
    assert desk.of(0) == []


def test_pages_are_chosen_while_nothing_is_read(start: Start) -> None:
    desk = start()
    desk.worker.choose(ChoosePages(1, PAGES, "pdf", "3"))
    assert desk.last(1) == PagesChosen(1, "[Page 3]\nthree\n", "3")


def test_closing_ends_what_is_read_and_what_waits_at_once(start: Start, tmp_path: Path, qtbot: QtBot) -> None:
    desk = start()
    bad, good = _files(tmp_path, bad="BAD", good="good")
    desk.wanted.emit(ReadDocument(0, bad))
    desk.wanted.emit(ReadDocument(1, good))
    desk.under_way(0)
    begun = time.monotonic()
    desk.close()
    assert time.monotonic() - begun < 1
    assert desk.of(0) == desk.of(1) == []


class Broken:
    """A reader with a fault, that reports as fast as it can."""

    def extract(
        self,
        path: Path,
        _password: str,
        on_progress: Callable[[Progress], None],
        _stop: object,
        *,
        keep: bool,
    ) -> Extracted:
        if path.name == "fault":
            raise ZeroDivisionError
        until = time.monotonic() + 0.35
        while time.monotonic() < until:
            on_progress(Progress(1, 2))
        return Extracted(path.name, "text", "read and kept" if keep else "read")

    def close(self) -> None:
        pass


def test_progress_is_told_now_and_then_and_a_fault_ends_nothing(
    qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(Broken(), qtbot)  # type: ignore[arg-type]
    try:
        desk.wanted.emit(ReadDocument(0, "fault"))
        desk.wanted.emit(ReadDocument(1, "file"))
        desk.wanted.emit(ReadDocument(2, "file", keep=False))
        assert desk.last(0).kind == "bug"  # type: ignore[attr-defined]
        assert desk.last(1).document.text == "read and kept"  # type: ignore[attr-defined]
        assert desk.last(2).document.text == "read"  # type: ignore[attr-defined]
        progress = [one for one in desk.told if isinstance(one, DocumentProgress)]
        assert 1 <= len([one for one in progress if one.ticket == 1]) <= 4
        assert "ZeroDivisionError" in capsys.readouterr().err
    finally:
        desk.close()
