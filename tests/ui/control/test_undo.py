"""What can be taken back."""

from __future__ import annotations

from tests.ui.control.conftest import Stage


def test_the_button_of_a_notice_takes_its_own_back(stage: Stage) -> None:
    done: list[str] = []
    stage.undo.offer("First.", lambda: done.append("first"))
    stage.undo.offer("Second.", lambda: done.append("second"))
    first = stage.said["undo.notice"][0][0]
    assert (first.text, first.key, first.level, first.action_label) == ("First.", "undo", "info", "Undo")
    stage.undo.act(first.action)
    stage.undo.act(first.action)
    stage.undo.act("reload")
    assert done == ["first"]
    assert stage.said["undo.notice_gone"] == [("undo",)]


def test_the_shortcut_takes_back_one_after_the_other(stage: Stage) -> None:
    done: list[int] = []
    for number in range(3):
        stage.undo.offer(f"{number}", lambda number=number: done.append(number))
    for _ in range(4):
        stage.undo.undo_last()
    assert done == [2, 1, 0]


def test_only_so_many_are_kept(stage: Stage) -> None:
    done: list[int] = []
    for number in range(25):
        stage.undo.offer(f"{number}", lambda number=number: done.append(number))
    stage.undo.act(stage.said["undo.notice"][4][0].action)
    assert done == []
    for _ in range(30):
        stage.undo.undo_last()
    assert done == list(range(24, 4, -1))
