"""The worker that has formulas drawn, in its thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.render.math_values import MathDrawn, MathRefused, MathRequest
from tests.render.test_math_client import scripted
from tests.ui.workers.drawing_desk import Begin, DrawingDesk, closing
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


@pytest.fixture
def begin(qtbot: QtBot) -> Iterator[Begin]:
    yield from closing(
        lambda command: DrawingDesk(qtbot, MathWorker(command), "drawn", lambda request: str(request.source))
    )


def test_the_real_process_starts_with_the_first_formula(begin: Begin) -> None:
    desk = begin()
    assert desk.worker._renderer._child is None
    desk.worker.want(wanted("x^2", r"\nonsense"))
    desk.wait_for(r"\nonsense")
    assert [type(result) for _, result in desk.found] == [MathDrawn, MathRefused]
    assert desk.close() < 1
    assert desk.worker._renderer._child is None, "its process has ended with its thread"


def test_what_is_wanted_last_takes_the_place_of_the_rest(begin: Begin) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(wanted("a", *(f"old {number}" for number in range(200))))
    desk.wait_for("a")
    desk.worker.want(wanted("b", "c"))
    desk.wait_for("c")
    old = [source for source in desk.texts if source.startswith("old")]
    assert len(old) < 100, "they were not waited for"
    assert desk.texts[-2:] == ["b", "c"]


def test_it_closes_within_a_second_in_the_middle_of_a_formula(begin: Begin) -> None:
    desk = begin(scripted(HANG))
    desk.worker.want(wanted("a", "hang", "b"))
    desk.wait_for("a")
    assert desk.close() < 1
    assert desk.texts == ["a"]


def test_one_that_hangs_does_not_stop_the_next(begin: Begin) -> None:
    desk = begin(scripted(HANG))
    desk.worker._renderer._deadline_s = 0.3
    desk.worker.want(wanted("hang", "b"))
    desk.wait_for("b")
    assert desk.found[0] == ("hang", MathRefused("It takes too long to draw."))


def test_nothing_wanted_starts_nothing(begin: Begin) -> None:
    desk = begin(scripted(REFUSE))
    desk.worker.want(())
    desk.close()
    assert desk.worker._renderer._child is None
    assert not desk.found
