"""The worker that has code coloured, in its thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from app.render.colour_values import Coloured, ColourRefused, ColourRequest, request_for
from app.render.highlight import START
from tests.render.test_colour_client import scripted
from ui.workers.colours import ColourWorker

SLOW = """
    time.sleep(60 if text == "hang" else 0.05)
    say(CodeRefused(number, text))
"""


def wanted(*texts: str) -> tuple[ColourRequest, ...]:
    return tuple(request_for("python", START, [text]) for text in texts)


class Desk(QObject):
    """The GUI's side: writes down what comes back."""

    def __init__(self, qtbot: QtBot, command: list[str] | None) -> None:
        super().__init__()
        self.worker, self.runs, self.qtbot = ColourWorker(command), QThread(), qtbot
        self.runs.setObjectName("colour_thread")
        self.worker.moveToThread(self.runs)
        self.found: list[tuple[str, Coloured | ColourRefused]] = []
        self.worker.coloured.connect(self._on_coloured)
        self.runs.start()

    @Slot(object, object)
    def _on_coloured(self, request: ColourRequest, result: Coloured | ColourRefused) -> None:
        assert QThread.currentThread() is self.thread()
        self.found.append((request.text, result))

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


@pytest.fixture
def begin(qtbot: QtBot) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def start(command: list[str] | None = None) -> Desk:
        desks.append(Desk(qtbot, command))
        return desks[-1]

    yield start
    for desk in desks:
        desk.close()


def test_the_real_process_starts_with_the_first_code(begin: Callable[..., Desk]) -> None:
    desk = begin()
    assert desk.worker._colourer._child is None
    desk.worker.want(wanted("if x:", "pass"))
    desk.wait_for("pass")
    assert [type(result) for _, result in desk.found] == [Coloured, Coloured]
    assert desk.close() < 1
    assert desk.worker._colourer._child is None, "its process has ended with its thread"


def test_what_is_wanted_last_takes_the_place_of_the_rest(begin: Callable[..., Desk]) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(wanted("a", *(f"old {number}" for number in range(200))))
    desk.wait_for("a")
    desk.worker.want(wanted("b", "c"))
    desk.wait_for("c")
    assert len(desk.texts) < 100, "they were not waited for"
    assert desk.texts[-2:] == ["b", "c"]


def test_what_is_being_done_is_not_done_twice(begin: Callable[..., Desk]) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(wanted("a", "b"))
    desk.qtbot.waitUntil(lambda: desk.worker._running is not None, timeout=20_000)
    desk.worker.want(wanted("a", "c"))
    desk.wait_for("c")
    assert desk.texts == ["a", "c"]


def test_it_closes_within_a_second_in_the_middle_of_code(begin: Callable[..., Desk]) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(wanted("a", "hang", "b"))
    desk.wait_for("a")
    assert desk.close() < 1
    assert desk.texts == ["a"]


def test_nothing_wanted_starts_nothing(begin: Callable[..., Desk]) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(())
    desk.close()
    assert desk.worker._colourer._child is None
