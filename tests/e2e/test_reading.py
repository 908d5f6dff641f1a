"""What was read, in the real window: told before it is read again, and gone with its conversation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.engine.vault import conversation_key
from tests.e2e.conftest import Desk

OpenDesk = Callable[[Path], Desk]
CTRL = Qt.KeyboardModifier.ControlModifier
TEXTS = ("The river runs to the sea. " * 40, "A lake lies still. " * 40)


def test_another_answer_and_an_edit_say_what_they_read(
    open_desk: OpenDesk, starter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.control.cost._WORTH_S", -1.0)
    desk = open_desk(starter)
    desk.application.cost._patience.setInterval(60_000)
    desk.loaded()
    first = desk.ask("What is the capital of France?")
    desk.finished(first)
    desk.until(lambda: desk.idle)
    desk.press(Qt.Key.Key_R, CTRL)
    desk.until(lambda: desk.notice().startswith("Regenerating reads about"))
    assert desk.idle
    desk.press(Qt.Key.Key_R, CTRL)
    assert not desk.notices()
    desk.until(lambda: desk.idle and desk.chat.conversation.branch()[-1].id != first)
    line = desk.window.composer.editing_line
    desk.press(Qt.Key.Key_Up)
    desk.until(line.cost.isVisible)
    assert line.cost.text().startswith("Sending this reads about")
    desk.press(Qt.Key.Key_Escape)
    assert not line.cost.isVisible()


def test_a_deleted_conversation_is_deleted_from_what_was_read(
    open_desk: OpenDesk, starter: Path, tmp_path: Path
) -> None:
    states = tmp_path / "data" / "states"

    def saved(conversation: str) -> bool:
        return any(states.glob(f"{conversation_key(conversation)}-*.state"))

    desk = open_desk(starter)
    desk.loaded()
    keys = []
    for text in TEXTS:
        desk.press(Qt.Key.Key_N, CTRL)
        answer = desk.ask(text)
        desk.until(lambda answer=answer: desk.text(answer) != "")
        desk.press(Qt.Key.Key_Escape)
        desk.until(lambda: desk.idle)
        keys.append(desk.chat.key)
    first, second = keys
    desk.until(lambda: saved(first))  # it was left
    desk.application.library.delete([first])
    desk.until(lambda: not saved(first))
    desk.window.close()
    assert saved(second)
    assert not saved(first)
    again = open_desk(starter)
    again.loaded()
    again.application.commands.reading_memory()
    page = again.application.settings_dialog.storage
    again.until(lambda: "use" in page.used.words)
    page.delete.click()
    again.until(lambda: not list(states.glob("*.state")))
