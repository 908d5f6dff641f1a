"""The worker that has code coloured, in its thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.render.colour_values import Coloured, ColourRequest, request_for
from app.render.highlight import START
from tests.render.test_colour_client import scripted
from tests.ui.workers.drawing_desk import Begin, DrawingDesk, closing
from ui.workers.colours import ColourWorker

SLOW = """
    time.sleep(60 if text == "hang" else 0.05)
    say(CodeRefused(number, text))
"""


def wanted(*texts: str) -> tuple[ColourRequest, ...]:
    return tuple(request_for("python", START, [text]) for text in texts)


@pytest.fixture
def begin(qtbot: QtBot) -> Iterator[Begin]:
    yield from closing(
        lambda command: DrawingDesk(
            qtbot, ColourWorker(command), "coloured", lambda request: str(request.text)
        )
    )


def test_the_real_process_starts_with_the_first_code(begin: Begin) -> None:
    desk = begin()
    assert desk.worker._colourer._child is None
    desk.worker.want(wanted("if x:", "pass"))
    desk.wait_for("pass")
    assert [type(result) for _, result in desk.found] == [Coloured, Coloured]
    assert desk.close() < 1
    assert desk.worker._colourer._child is None, "its process has ended with its thread"


def test_what_is_wanted_last_takes_the_place_of_the_rest(begin: Begin) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(wanted("a", *(f"old {number}" for number in range(200))))
    desk.wait_for("a")
    desk.worker.want(wanted("b", "c"))
    desk.wait_for("c")
    assert len(desk.texts) < 100, "they were not waited for"
    assert desk.texts[-2:] == ["b", "c"]


def test_what_is_being_done_is_not_done_twice(begin: Begin) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(wanted("a", "b"))
    desk.qtbot.waitUntil(lambda: desk.worker._running is not None, timeout=20_000)
    desk.worker.want(wanted("a", "c"))
    desk.wait_for("c")
    assert desk.texts == ["a", "c"]


def test_it_closes_within_a_second_in_the_middle_of_code(begin: Begin) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(wanted("a", "hang", "b"))
    desk.wait_for("a")
    assert desk.close() < 1
    assert desk.texts == ["a"]


def test_nothing_wanted_starts_nothing(begin: Begin) -> None:
    desk = begin(scripted(SLOW))
    desk.worker.want(())
    desk.close()
    assert desk.worker._colourer._child is None
