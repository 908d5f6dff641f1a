from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import pytest
from PySide6.QtCore import QMimeData, Qt
from pytestqt.qtbot import QtBot

from ui.composer.composer import Composer

LINES = "\n".join(f"a short line {number}" for number in range(45_000))


def _paste(composer: Composer, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    composer.edit.keeps_pastes = True
    composer.edit.insertFromMimeData(data)


def _filled(composer: Composer) -> Callable[[], bool]:
    return lambda: not composer.edit.is_filling


@pytest.mark.parametrize("written", ["", "before", "\U0001f44d"])
def test_a_long_paste_is_read_whole_while_it_goes_in(composer: Composer, qtbot: QtBot, written: str) -> None:
    composer.edit.set_text(f"{written}after")
    cursor = composer.edit.textCursor()
    cursor.setPosition(cursor.position() - len("after"))
    composer.edit.setTextCursor(cursor)
    _paste(composer, LINES)
    assert composer.edit.is_filling
    assert len(composer.edit.toPlainText()) < len(LINES)
    assert composer.edit.text() == f"{written}{LINES}after"
    qtbot.waitUntil(_filled(composer))
    assert composer.edit.toPlainText() == f"{written}{LINES}after"
    composer.edit.undo()
    assert composer.edit.text() == f"{written}after"


def test_millions_of_characters_in_short_lines_do_not_hang(composer: Composer, qtbot: QtBot) -> None:
    text = "\n".join(f"a short line {number}" for number in range(280_000))
    for put in (composer.set_draft, lambda long: _paste(composer, long)):
        composer.set_draft("")
        began = perf_counter()
        put(text)
        assert perf_counter() - began < 0.8
        assert composer.draft() == text
    composer.set_draft("")


def test_a_long_draft_is_nothing_to_undo(composer: Composer, qtbot: QtBot) -> None:
    composer.set_draft(LINES)
    qtbot.waitUntil(_filled(composer))
    composer.edit.undo()
    assert composer.edit.text() == LINES
    qtbot.keyClicks(composer.edit, "x")
    composer.edit.undo()
    assert composer.edit.text() == LINES


def test_another_draft_ends_the_one_that_goes_in(composer: Composer, qtbot: QtBot) -> None:
    composer.set_draft(LINES)
    composer.set_draft("short")
    assert not composer.edit.is_filling
    assert composer.edit.toPlainText() == "short"


def test_what_is_done_meanwhile_comes_behind_the_whole(composer: Composer, qtbot: QtBot) -> None:
    composer.set_draft(LINES)
    qtbot.keyClicks(composer.edit, "x")
    assert composer.edit.text() == f"{LINES}x"
    composer.set_draft(LINES)
    composer.quote("said")
    assert composer.edit.text() == f"{LINES}\n\n> said\n\n"


def test_a_question_is_sent_whole_and_its_draft_told_once_it_is_in(composer: Composer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(composer.draft_changed) as changed:
        _paste(composer, LINES)
    assert not composer.edit.is_filling
    assert changed.args == [LINES]
    composer.set_draft(LINES)
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.mouseClick(composer.button, Qt.MouseButton.LeftButton)
    assert sent.args == [LINES]
    assert composer.edit.text() == ""
    assert not composer.edit.is_filling
