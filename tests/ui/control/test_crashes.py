from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject, QTimer, Slot
from pytestqt.qtbot import QtBot

from app.diagnostics.faults import FaultBook
from ui.control.crashes import CrashControl


class Screen(QObject):
    """What a person would see."""

    def __init__(self, control: CrashControl) -> None:
        super().__init__()
        self.reports: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.wanted = 0
        control.report_wanted.connect(self._on_report)
        control.report_changed.connect(self.texts.append)
        control.diagnosis_wanted.connect(self._on_wanted)

    @Slot(str, str, str)
    def _on_report(self, *report: str) -> None:
        self.reports.append(report)

    @Slot()
    def _on_wanted(self) -> None:
        self.wanted += 1


@pytest.fixture
def control(qtbot: QtBot) -> CrashControl:
    return CrashControl(quiet_ms=400)


def fail(book: FaultBook, kind: type[Exception] = ValueError) -> None:
    try:
        raise kind("marmalade")
    except Exception as error:
        book.take(error)


def test_a_storm_makes_one_report(control: CrashControl, qtbot: QtBot) -> None:
    book, screen = FaultBook(), Screen(control)
    control.watch(book)
    threads = [threading.Thread(target=lambda: [fail(book) for _ in range(200)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    qtbot.waitUntil(lambda: bool(screen.reports))
    (report,) = screen.reports
    assert report[0] == "Something in Cascade Desk failed"
    assert "600 times" in report[2]
    assert "marmalade" not in report[2]
    assert screen.wanted == 1
    control.set_diagnosis("PYTHON 1")
    assert screen.texts[-1].endswith("PYTHON 1\n")
    fail(book, KeyError)
    qtbot.waitUntil(lambda: "KeyError" in screen.texts[-1])
    assert len(screen.reports) == 1


def test_what_was_seen_is_not_told_again(control: CrashControl, qtbot: QtBot) -> None:
    book, screen = FaultBook(), Screen(control)
    control.watch(book)
    fail(book)
    qtbot.waitUntil(lambda: bool(screen.reports))
    control.on_closed()
    for _ in range(2):
        fail(book)
    with qtbot.waitSignal(control._timer.timeout):
        pass
    assert len(screen.reports) == 1
    fail(book, KeyError)  # another one
    qtbot.waitUntil(lambda: len(screen.reports) == 2)
    assert screen.wanted == 2


def test_a_crash_of_the_last_run_is_told_of_once(control: CrashControl, qtbot: QtBot) -> None:
    screen = Screen(control)
    control.watch(FaultBook(), ("Fatal Python error: Aborted", "  app/x.py:1 y"))
    qtbot.waitUntil(lambda: bool(screen.reports))
    assert screen.reports[0][0] == "Cascade Desk ended unexpectedly last time"
    assert screen.reports[0][2].startswith("Fatal Python error: Aborted\n  app/x.py:1 y")
    control.on_closed()
    control.tell()
    with qtbot.waitSignal(control._timer.timeout):
        pass
    assert len(screen.reports) == 1


def test_nothing_to_tell_asks_for_nothing(control: CrashControl, qtbot: QtBot) -> None:
    screen = Screen(control)
    control.watch(FaultBook())
    done: list[bool] = []
    QTimer.singleShot(450, control, lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done))
    assert screen.reports == []


def test_faults_after_the_window_are_no_faults(qtbot: QtBot) -> None:
    import shiboken6

    control, book = CrashControl(), FaultBook()
    control.watch(book)
    shiboken6.delete(control)
    fail(book)
    assert len(book.faults) == 1
