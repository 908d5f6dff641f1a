"""The worker that has formulas drawn, in its thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, QThread, Slot
from pytestqt.qtbot import QtBot

from app.render.math_values import MathDrawn, MathRefused, MathRequest
from tests.render.test_math_client import scripted
from ui.workers.math import MathWorker

REFUSE = """
    say(FormulaRefused(number, source))
"""
HANG = """
    say(FormulaRefused(number, source)) if source != "hang" else time.sleep(60)
"""
SLOW = """
    time.sleep(0.05)
    say(FormulaRefused(number, source))
"""


def wanted(*sources: str) -> tuple[MathRequest, ...]:
    return tuple(MathRequest(source, False, 16.0) for source in sources)


class Desk(QObject):
    """The GUI's side: writes down what comes back."""

    def __init__(self, qtbot: QtBot, command: list[str] | None) -> None:
        super().__init__()
        self.worker, self.runs, self.qtbot = MathWorker(command), QThread(), qtbot
        self.runs.setObjectName("math_thread")
        self.worker.moveToThread(self.runs)
        self.drawn: list[tuple[str, MathDrawn | MathRefused]] = []
        self.worker.drawn.connect(self._on_drawn)
        self.runs.start()

    @Slot(object, object)
    def _on_drawn(self, request: MathRequest, result: MathDrawn | MathRefused) -> None:
        assert QThread.currentThread() is self.thread()
        self.drawn.append((request.source, result))

    @property
    def sources(self) -> list[str]:
        return [source for source, _ in self.drawn]

    def wait_for(self, source: str) -> None:
        self.qtbot.waitUntil(lambda: source in self.sources, timeout=20_000)

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


def test_the_real_process_starts_with_the_first_formula(begin: Callable[..., Desk]) -> None:
    desk = begin()
    assert desk.worker._renderer._child is None
    desk.worker.want(wanted("x^2", r"\nonsense"))
    desk.wait_for(r"\nonsense")
    assert [type(result) for _, result in desk.drawn] == [MathDrawn, MathRefused]
    assert desk.close() < 1
    assert desk.worker._renderer._child is None, "its process has ended with its thread"


def test_what_is_wanted_last_takes_the_place_of_the_rest(begin: Callable[..., Desk]) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(wanted("a", *(f"old {number}" for number in range(200))))
    desk.wait_for("a")
    desk.worker.want(wanted("b", "c"))
    desk.wait_for("c")
    old = [source for source in desk.sources if source.startswith("old")]
    assert len(old) < 100, "they were not waited for"
    assert desk.sources[-2:] == ["b", "c"]


def test_it_closes_within_a_second_in_the_middle_of_a_formula(begin: Callable[..., Desk]) -> None:
    desk = begin(scripted(HANG))
    desk.worker.want(wanted("a", "hang", "b"))
    desk.wait_for("a")
    assert desk.close() < 1
    assert desk.sources == ["a"]


def test_one_that_hangs_does_not_stop_the_next(begin: Callable[..., Desk]) -> None:
    desk = begin(scripted(HANG))
    desk.worker._renderer._deadline_s = 0.3
    desk.worker.want(wanted("hang", "b"))
    desk.wait_for("b")
    assert desk.drawn[0] == ("hang", MathRefused("It takes too long to draw."))


def test_nothing_wanted_starts_nothing(begin: Callable[..., Desk]) -> None:
    desk = begin(scripted(REFUSE))
    desk.worker.want(())
    desk.close()
    assert desk.worker._renderer._child is None
    assert not desk.drawn
