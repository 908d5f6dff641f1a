from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator

import pytest

from app.diagnostics.faults import FaultBook, Hooks


@pytest.fixture
def book() -> Iterator[FaultBook]:
    made = FaultBook()
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    hooks = Hooks(made)
    hooks.install()
    yield made
    hooks.remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def _raise(text: str = "marmalade") -> None:
    raise ValueError(text)


def _caught(book: FaultBook) -> None:
    try:
        _raise()
    except ValueError as error:
        book.take(error)


def test_what_nobody_catches_is_taken(book: FaultBook, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        _raise()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    thread = threading.Thread(target=_raise)
    thread.start()
    thread.join()
    assert [fault.thread for fault in book.faults] == ["window", "another thread"]
    told = capsys.readouterr().err
    assert "ValueError" in told
    assert "marmalade" not in told


def test_what_is_raised_where_it_cannot_be_caught_is_taken(book: FaultBook) -> None:
    class Leaves:
        def __del__(self) -> None:
            _raise()

    Leaves()
    gc.collect()
    assert [fault.trace.kind for fault in book.faults] == ["ValueError"]


def test_ctrl_c_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: passed.append(kind))
    book = FaultBook()
    hooks = Hooks(book)
    hooks.install()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    hooks.remove()
    assert passed == [KeyboardInterrupt]
    assert book.faults == ()


def test_a_storm_takes_no_more_room_than_one() -> None:
    told: list[bool] = []
    book = FaultBook(lambda: told.append(True))
    for _ in range(500):
        _caught(book)
    (fault,) = book.faults
    assert fault.count == 500
    assert len(told) == 500
    assert fault.lines()[-1] == "  (in window, 500 times)"


def test_different_faults_are_counted_from_some_number_on() -> None:
    book = FaultBook()
    for number in range(30):
        code = compile("\n" * number + "raise ValueError", "<string>", "exec")
        try:
            exec(code)
        except ValueError as error:
            book.take(error)
    assert len(book.faults) == 20
    assert book.missed == 10


def test_without_a_standard_error_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)  # as a program of a window has it on Windows
    book = FaultBook()
    _caught(book)
    assert len(book.faults) == 1


def test_who_is_told_may_fail() -> None:
    book = FaultBook(_raise)
    _caught(book)
    assert len(book.faults) == 1
