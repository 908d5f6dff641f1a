"""A day's work in the real window, by mouse and keyboard: nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from tests.e2e.conftest import Desk

OpenDesk = Callable[[Path], Desk]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


def click_spot(desk: Desk, message: str, kind: str) -> None:
    """Click on an action of a message, where it is drawn."""
    view = desk.window.view
    view.flush()
    index = view.model.by_id[message].index
    for placed in view.placer.rows:
        for spot in placed.item.spots() if placed.ref.message == index else ():
            if spot.kind == kind:
                middle = spot.rect.center()
                point = QPoint(int(view.column()[0] + middle.x()), int(placed.y + middle.y()))
                desk.qtbot.mouseMove(view.viewport(), point)
                desk.qtbot.mouseClick(view.viewport(), LEFT, pos=point)
                return
    raise AssertionError(f"{kind} is not on the screen")


def branch(desk: Desk) -> list[str]:
    return [message.text for message in desk.chat.conversation.branch()]


def test_a_days_work(open_desk: OpenDesk, starter: Path) -> None:
    desk = open_desk(starter)
    desk.loaded()
    first = desk.ask("Write a story about a river, with many details.")
    desk.until(lambda: len(desk.text(first)) > 20)
    desk.press(Qt.Key.Key_Escape)
    assert desk.finished(first)[1] == "Stopped"
    kept = desk.text(first)

    # continue, by its button
    desk.shown.clear()
    click_spot(desk, first, "continue")
    desk.until(lambda: len(desk.text(first)) > len(kept) + 20)
    desk.press(Qt.Key.Key_Escape)
    desk.finished(first)
    assert desk.text(first).startswith(kept)
    assert desk.chat.conversation.messages[first].text == desk.text(first)

    # regenerate by key, stop, and back to the first version by mouse
    desk.press(Qt.Key.Key_R, CTRL)
    desk.until(lambda: desk.turns.running is not None)
    desk.press(Qt.Key.Key_Escape)
    desk.until(lambda: desk.idle)
    second = desk.chat.conversation.branch()[-1].id
    assert second != first
    click_spot(desk, second, "previous")
    assert desk.chat.conversation.branch()[-1].id == first
    assert "1 / 2" in desk.screen()

    # edit the question by Up: a branch of its own, and the first one by its arrow
    desk.press(Qt.Key.Key_Up)
    assert desk.window.composer.edit.text().startswith("Write a story")
    desk.window.composer.edit.selectAll()
    desk.write("What is the capital of France?")
    desk.press(Qt.Key.Key_Return)
    desk.until(lambda: desk.idle and "Paris" in branch(desk)[-1])
    question = desk.chat.conversation.branch()[0].id
    click_spot(desk, question, "previous")
    assert branch(desk)[0].startswith("Write a story")
    click_spot(desk, desk.chat.conversation.branch()[0].id, "next")
    assert "Paris" in branch(desk)[-1]

    # a second conversation, found by search, renamed, deleted and brought back
    desk.press(Qt.Key.Key_N, CTRL)
    other = desk.ask("What is the capital of Italy?")
    desk.finished(other)
    desk.until(lambda: len(desk.titles()) == 2)
    desk.press(Qt.Key.Key_F, CTRL | SHIFT)
    search = desk.window.sidebar.search
    assert search.hasFocus()
    desk.qtbot.keyClicks(search, "paris")
    desk.until(lambda: desk.window.sidebar.list.rows.rowCount() > 0 and desk.window.sidebar.view == "search")
    desk.qtbot.keyClick(search, Qt.Key.Key_Return)
    desk.until(lambda: "Paris" in desk.screen())
    desk.qtbot.keyClick(search, Qt.Key.Key_Escape)
    key = desk.chat.key
    desk.application.library.rename(key, "Rivers and capitals")
    desk.until(lambda: "Rivers and capitals" in desk.titles())
    desk.press(Qt.Key.Key_Delete, CTRL | SHIFT)
    desk.until(lambda: len(desk.titles()) == 1)
    desk.until(lambda: "was deleted" in desk.notice())
    desk.press(Qt.Key.Key_Y, CTRL | SHIFT)
    desk.until(lambda: len(desk.titles()) == 2 and desk.chat.key == key)

    # a draft, and the end of the day
    desk.write("half a thought")
    here = branch(desk)
    desk.window.close()

    again = open_desk(starter)
    again.until(lambda: again.chat.key == key)
    assert branch(again) == here
    assert again.window.top_bar.title.text() == "Rivers and capitals"
    assert again.window.composer.edit.text() == "half a thought"
    again.loaded()
    again.write(" and more")
    again.press(Qt.Key.Key_Return)
    last = again.answers[-1]
    again.until(lambda: again.text(last) != "")
    assert branch(again)[: len(here)] == here
    assert again.chat.conversation.branch()[-2].text == "half a thought and more"


def test_what_waits_is_shown_and_can_be_dropped(open_desk: OpenDesk, hybrid: Path) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    first = desk.ask("One")
    desk.until(lambda: desk.text(first, "reasoning") != "")
    desk.press(Qt.Key.Key_N, CTRL)
    second = desk.ask("Two")
    assert desk.window.queue.isVisible()
    assert "Waiting" in desk.screen()
    waiting = [item for item in desk.turns.waiting() if not item.running]
    assert [item.question for item in waiting] == ["Two"]
    desk.turns.drop(waiting[0].request)
    assert desk.finished(second)[1] == "Stopped"
    desk.turns.stop_running()
    desk.until(lambda: desk.idle)
    assert not desk.window.queue.isVisible()


def test_a_conversation_that_is_answered_behind_another_is_whole(open_desk: OpenDesk, hybrid: Path) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    answer = desk.ask("Go on")
    desk.until(lambda: desk.text(answer, "reasoning") != "")
    here = desk.chat.key
    desk.press(Qt.Key.Key_N, CTRL)
    exchange = desk.turns.running
    assert exchange is not None
    told = len("".join(exchange.turn.reasoning))
    desk.until(lambda: len("".join(exchange.turn.reasoning)) > told + 50)
    desk.application.window.sidebar.open_requested.emit(here)
    desk.until(lambda: desk.chat.key == here)
    desk.until(lambda: len(desk.text(answer, "reasoning")) > told + 100)
    desk.press(Qt.Key.Key_Escape)
    desk.until(lambda: desk.idle)
    assert desk.text(answer, "reasoning") == desk.chat.conversation.messages[answer].reasoning


def test_a_temporary_chat_leaves_nothing(open_desk: OpenDesk, starter: Path, tmp_path: Path) -> None:
    desk = open_desk(starter)
    desk.loaded()
    desk.press(Qt.Key.Key_N, CTRL | SHIFT)
    assert desk.window.top_bar.badge.isVisible()
    answer = desk.ask("The secret word is Zanzibarbecue.")
    desk.finished(answer)
    desk.write("another Zanzibarbecue")
    desk.window.close()
    data = [file for file in (tmp_path / "data").rglob("*") if file.is_file()]
    assert any(file.name == "conversations.db" for file in data)
    assert not [file for file in data if b"anzibarbecue" in file.read_bytes()]


def test_the_conversation_is_copied_whole(open_desk: OpenDesk, starter: Path) -> None:
    desk = open_desk(starter)
    desk.loaded()
    desk.finished(desk.ask("What is the capital of France?"))
    desk.press(Qt.Key.Key_A, CTRL | SHIFT)
    copied = QGuiApplication.clipboard().text()
    assert "**You:**\n\nWhat is the capital of France?" in copied
    assert "Paris" in copied


def test_an_edit_that_is_not_finished_survives_switching_and_a_restart(
    open_desk: OpenDesk, starter: Path
) -> None:
    desk = open_desk(starter)
    desk.loaded()
    desk.finished(desk.ask("What is the capital of France?"))
    key, question = desk.chat.key, desk.chat.conversation.branch()[0].id
    desk.write("a draft")
    desk.messages.act("edit", question)
    desk.write(" Be brief")
    desk.press(Qt.Key.Key_N, CTRL)
    assert desk.window.composer.edit.text() == ""
    desk.window.sidebar.open_requested.emit(key)
    desk.until(lambda: desk.chat.key == key)
    assert desk.window.composer.editing == question
    assert desk.window.composer.edit.text() == "What is the capital of France? Be brief"
    desk.window.close()
    again = open_desk(starter)
    again.until(lambda: again.window.composer.editing == question)
    assert again.window.composer.edit.text() == "What is the capital of France? Be brief"
    again.press(Qt.Key.Key_Escape)
    assert again.window.composer.edit.text() == "a draft"
    again.window.close()
    last = open_desk(starter)
    last.until(lambda: last.chat.key == key)
    assert last.window.composer.editing == ""
    assert last.window.composer.edit.text() == "a draft"
