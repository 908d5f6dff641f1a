"""An Enter while the app still starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.paths import Paths
from tests.engine import scripted_engine
from ui.application import Application
from ui.composer.composer import Composer
from ui.theme import ThemeManager


@pytest.fixture
def starting(qtbot: QtBot) -> tuple[Composer, list[str]]:
    """A composer of which nobody knows yet whether there is a model, and what it sends."""
    made = Composer(ThemeManager())
    qtbot.addWidget(made)
    made.show()
    sent: list[str] = []
    made.send_requested.connect(sent.append)
    QTest.keyClicks(made.edit, "Oaks?")
    QTest.keyClick(made.edit, Qt.Key.Key_Return)
    assert sent == []
    assert made.edit.text() == "Oaks?"
    return made, sent


def _known(composer: Composer, usable: bool = True) -> None:
    composer.set_usable(usable)
    composer.early.set_usable(usable)


def test_it_sends_once_a_model_is_on_its_way(starting: tuple[Composer, list[str]]) -> None:
    composer, sent = starting
    _known(composer)
    assert sent == ["Oaks?"]
    assert composer.edit.text() == ""
    QTest.keyClicks(composer.edit, "Elms?")
    _known(composer)
    assert sent == ["Oaks?"]


@pytest.mark.parametrize("key", [Qt.Key.Key_A, Qt.Key.Key_Backspace, Qt.Key.Key_Escape])
def test_what_is_done_after_it_takes_it_back(starting: tuple[Composer, list[str]], key: Qt.Key) -> None:
    composer, sent = starting
    QTest.keyClick(composer.edit, key)
    _known(composer)
    assert sent == []


def test_where_no_model_comes_it_is_over(starting: tuple[Composer, list[str]]) -> None:
    composer, sent = starting
    composer.early.on_decided("")
    _known(composer)
    assert sent == []
    assert composer.edit.text() == "Oaks?"


def test_a_model_that_fails_ends_it(starting: tuple[Composer, list[str]]) -> None:
    composer, sent = starting
    composer.early.on_decided("model.gguf")
    _known(composer, usable=False)
    _known(composer)
    assert sent == []


def test_what_was_sent_at_once_is_not_sent_again(qtbot: QtBot) -> None:
    composer = Composer(ThemeManager())
    qtbot.addWidget(composer)
    saved: list[str] = []
    composer.edit_saved.connect(lambda _id, text: saved.append(text))
    sent: list[str] = []
    composer.send_requested.connect(sent.append)
    composer.edit.set_text("A draft")
    composer.begin_edit("m1", "An answer", answer=True)
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert saved == ["An answer"]
    _known(composer)
    assert sent == []
    assert composer.edit.text() == "A draft"


@pytest.mark.parametrize(("path", "expected"), [("model.gguf", ["Oaks?"]), ("", [])])
def test_the_window_tells_it(
    qapp: QApplication, tmp_path: Path, paths: Paths, path: str, expected: list[str]
) -> None:
    desk = Application(qapp, paths, [sys.executable, scripted_engine.__file__, str(tmp_path)])
    composer = desk.window.composer
    sent: list[str] = []
    try:
        composer.send_requested.disconnect()
        composer.send_requested.connect(sent.append)
        QTest.keyClicks(composer.edit, "Oaks?")
        QTest.keyClick(composer.edit, Qt.Key.Key_Return)
        desk.first_model.decided.emit(path)
        desk.models.usable_changed.emit(True)
        assert sent == expected
    finally:
        desk.window.close()
        desk.close()
        desk.window.deleteLater()
