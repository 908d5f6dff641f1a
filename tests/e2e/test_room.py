"""Where the context has too little room, in the real window with a real engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.chat.conversation import ChatSettings
from tests import miniatures
from tests.e2e.conftest import Desk
from tests.e2e.test_documents import Documents

OpenDesk = Callable[[Path], Desk]
SMALL = 4096


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    """A model whose context was set to 4,096 tokens."""
    desk = open_desk(miniatures.hybrid())
    desk.loaded()
    desk.application.settings.apply_engine({"n_ctx": SMALL})
    desk.until(lambda: desk.info is not None and desk.info.n_ctx == SMALL)
    return desk


def choice(desk: Desk, beginning: str) -> QPushButton:
    """The button of the offer whose label begins so, once it is there."""
    room = desk.window.room

    def found() -> list[QPushButton]:
        return [one for one in room.buttons() if one.accessibleName().startswith(beginning)]

    desk.until(lambda: room.isVisible() and bool(found()))
    return found()[0]


def click(desk: Desk, qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_document_that_does_not_fit_waits_until_the_context_is_longer(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    book = tmp_path / "book.txt"
    book.write_text("\n".join(f"Line {number} of the book is like the others." for number in range(900)))
    documents = Documents(desk)
    documents.drop(book)
    documents.settled()
    counted = documents.counted()
    assert counted > SMALL
    desk.until(lambda: "the context holds 4,096" in desk.window.room.text.text())
    desk.write("What is in line 7?")
    qtbot.mouseClick(desk.window.room.close_button, Qt.MouseButton.LeftButton)
    assert not desk.window.room.isVisible()
    desk.press(Qt.Key.Key_Return)
    assert desk.window.room.isVisible()
    assert desk.answers == []
    assert desk.window.composer.draft() == "What is in line 7?"
    click(desk, qtbot, choice(desk, "Use "))
    desk.until(lambda: desk.info is not None and desk.info.n_ctx > counted)
    desk.until(lambda: not desk.window.room.isVisible())
    assert desk.window.composer.edit.hasFocus()
    desk.press(Qt.Key.Key_Return)
    (answer,) = desk.answers
    desk.until(lambda: desk.text(answer) != "" or desk.text(answer, "reasoning") != "")
    desk.press(Qt.Key.Key_Escape)
    desk.finished(answer)
    info = desk.ended[answer].info
    assert info is not None
    assert info.prompt_tokens > counted


def test_a_document_that_does_not_fit_can_be_left_out(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    book.write_text("word " * 6000)
    documents = Documents(desk)
    documents.drop(book)
    click(desk, qtbot, choice(desk, "Leave out book.txt"))
    desk.until(lambda: not desk.window.room.isVisible())
    assert documents.chips == []
    assert "was removed" in desk.notices()


def fill(desk: Desk, left: int) -> str:
    """Ask something that leaves so many tokens, or a few less, for the answer; its id.

    The answer is greedy, so that random weights don't end it by chance.
    """
    desk.chat.set_settings(ChatSettings(temperature=0.0))
    words = "and so on " * 40
    desk.write(words)
    desk.until(lambda: desk.application.gauge.value.exact and desk.application.gauge.value.used > 0)
    one = desk.application.gauge.value.used
    desk.write(words + "and so on " * 40)
    desk.until(lambda: desk.application.gauge.value.exact and desk.application.gauge.value.used > one)
    each = (desk.application.gauge.value.used - one) / 40
    return desk.ask("and so on " * (80 + int((SMALL - left - desk.application.gauge.value.used) / each)))


def said(desk: Desk, answer: str) -> str:
    return desk.text(answer, "reasoning") + desk.text(answer)


def test_an_answer_that_runs_out_of_room_goes_on_in_a_longer_context(desk: Desk, qtbot: QtBot) -> None:
    answer = fill(desk, 450)
    desk.until(lambda: len(said(desk, answer)) > 20)
    button = choice(desk, "Use ")
    assert button.accessibleName() == "Use a context of 8,192 and go on"
    assert desk.window.room.text.text().startswith("This answer has room for ")
    before = said(desk, answer)
    click(desk, qtbot, button)
    desk.until(lambda: desk.info is not None and desk.info.n_ctx == 8192)
    desk.until(lambda: len(said(desk, answer)) > len(before) + 100)
    assert desk.answers == [answer]
    desk.press(Qt.Key.Key_Escape)
    desk.until(lambda: desk.idle)
    assert said(desk, answer).startswith(before)


def test_an_answer_that_ended_for_want_of_room_goes_on(desk: Desk, qtbot: QtBot) -> None:
    answer = fill(desk, 30)
    desk.until(lambda: answer in desk.ended)
    assert desk.ended[answer].mark == "context_full"
    before = said(desk, answer)
    click(desk, qtbot, choice(desk, "Use a context of 8,192 and go on"))
    desk.until(lambda: len(said(desk, answer)) > len(before) + 100)
    assert desk.answers == [answer]
    desk.press(Qt.Key.Key_Escape)
    desk.until(lambda: desk.idle)
    assert said(desk, answer).startswith(before)
