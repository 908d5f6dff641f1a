from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.control.afterwards import Afterwards
from ui.notices import Notice


class Stage:
    """Something that is held back, and what was said of it."""

    def __init__(self) -> None:
        self.afterwards = Afterwards()
        self.done: list[str] = []
        self.notices: list[Notice] = []
        self.gone: list[str] = []
        self.afterwards.notice.connect(self.notices.append)
        self.afterwards.notice_gone.connect(self.gone.append)

    def offer(self, key: str) -> Notice:
        self.afterwards.offer(
            key, f"{key} is gone.", lambda: self.done.append(f"{key} back"), lambda: self.done.append(key)
        )
        return self.notices[-1]


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage()


def test_undo_takes_it_back_and_nothing_is_done_later(stage: Stage) -> None:
    notice = stage.offer("a")
    assert notice.action_label == "Undo"
    stage.afterwards.act("of another")
    stage.afterwards.act(notice.action)
    assert stage.gone == [notice.key]
    stage.afterwards.settle(notice.key)
    stage.afterwards.settle_all()
    assert stage.done == ["a back"]


def test_a_closed_notice_carries_it_out_once(stage: Stage) -> None:
    notice = stage.offer("a")
    assert stage.done == []
    stage.afterwards.settle(notice.key)
    stage.afterwards.settle(notice.key)
    stage.afterwards.act(notice.action)
    assert stage.done == ["a"]


def test_several_are_held_apart_and_all_are_carried_out_at_the_end(stage: Stage) -> None:
    first, _second = stage.offer("a"), stage.offer("b")
    stage.afterwards.act(first.action)
    stage.afterwards.settle_all()
    assert stage.done == ["a back", "b"]


def test_the_same_once_more_carries_out_the_first(stage: Stage) -> None:
    stage.offer("a")
    again = stage.offer("a")
    assert stage.done == ["a"]
    stage.afterwards.act(again.action)
    assert stage.done == ["a", "a back"]


def test_after_its_time_it_is_carried_out(stage: Stage, qtbot: QtBot) -> None:
    stage.afterwards.stays_ms = 10
    notice = stage.offer("a")
    qtbot.waitUntil(lambda: stage.done == ["a"])
    assert stage.gone == [notice.key]
