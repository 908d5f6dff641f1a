"""A load from its wish to its fit, through the real worker: where the engine's program can't be started."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.paths import Paths
from tests import miniatures
from tests.engine import scripted_engine
from ui.application import Application
from ui.dialogs.notice_bar import NoticeCard

#: Well below the patience for an engine that says nothing of its devices.
SOON_MS = 8_000


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths) -> Iterator[Application]:
    """The app over a program that isn't there."""
    made = Application(qapp, paths, [str(tmp_path / "engine")])
    made.start(str(miniatures.hybrid()))
    yield made
    made.window.close()
    made.close()
    made.window.deleteLater()


@pytest.mark.skipif(sys.platform == "win32", reason="a script as a program")
def test_an_engine_that_cannot_be_started_is_told_once_and_comes_back_with_its_fit(
    desk: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    def cards() -> list[NoticeCard]:
        return [card for card in desk.window.notices.findChildren(NoticeCard) if card.isVisible()]

    ends: list[str] = []
    desk.models.unavailable.connect(ends.append)
    qtbot.waitUntil(lambda: ends[-2:] == ["engine_stopped", "request"], timeout=SOON_MS)
    qtbot.waitUntil(lambda: [card.notice.action for card in cards()] == ["reload"], timeout=SOON_MS)
    (card,) = cards()
    assert card.notice.text.startswith("The engine cannot be started (No such file or directory).")
    assert not desk.models.usable
    (tmp_path / "plan.json").write_text("[{}]", encoding="utf-8")
    program = tmp_path / "engine"
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" "{scripted_engine.__file__}" "{tmp_path}"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    again = card.findChild(QPushButton, "notice_action")
    assert again is not None
    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.models.info is not None, timeout=SOON_MS)
    qtbot.waitUntil(lambda: desk.fit.present is not None, timeout=SOON_MS)
