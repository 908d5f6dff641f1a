"""What the end waits for, and how a person ends the waiting."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

import ui.ending
from ui.ending import Ending


class _Worker(QObject):
    closed = Signal()

    def end_now(self) -> None:
        """The engine's process is killed: its worker closes."""
        QTimer.singleShot(0, self.closed.emit)


class _Desk(QObject):
    close_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.worker, self.store_worker = _Worker(), _Worker()
        self.hub_worker, self.settings_worker = _Worker(), _Worker()

    def close_quick(self) -> None:
        for worker in (self.store_worker, self.hub_worker, self.settings_worker):
            worker.closed.emit()


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> _Desk:
    monkeypatch.setattr(ui.ending, "_TELL_MS", 10)
    return _Desk()


def test_nothing_is_said_where_it_is_quick(qtbot: QtBot, desk: _Desk) -> None:
    ending = Ending(desk)  # type: ignore[arg-type]
    desk.close_wanted.connect(lambda: QTimer.singleShot(0, desk.worker.closed.emit))
    desk.close_wanted.connect(lambda: QTimer.singleShot(0, desk.close_quick))
    ending.wait()
    assert ending.window is None


@pytest.mark.parametrize("how", ["button", "escape", "close"])
def test_it_says_what_it_waits_for_until_it_is_enough(qtbot: QtBot, desk: _Desk, how: str) -> None:
    ending = Ending(desk)  # type: ignore[arg-type]
    seen = SimpleNamespace(text="")

    def look() -> None:
        window = ending.window
        if window is None or not window.isVisible():
            QTimer.singleShot(5, look)
            return
        seen.text = window.label.text()
        if how == "button":
            QTest.mouseClick(window.findChild(QPushButton), Qt.MouseButton.LeftButton)
        elif how == "escape":
            window.activateWindow()
            QTest.keyClick(window, Qt.Key.Key_Escape)
        else:
            window.close()

    desk.close_wanted.connect(lambda: QTimer.singleShot(0, desk.close_quick))
    QTimer.singleShot(0, look)
    ending.wait()
    assert not ending.waits_for
    assert "what the model has read" in seen.text


def test_conversations_are_not_broken_off(qtbot: QtBot, desk: _Desk) -> None:
    ending = Ending(desk)  # type: ignore[arg-type]
    seen: list[tuple[str, bool]] = []

    def look() -> None:
        window = ending.window
        if window is None:
            QTimer.singleShot(5, look)
            return
        seen.append((window.label.text(), window.button.isVisible()))
        if len(seen) == 1:
            desk.close_quick()
            QTimer.singleShot(0, look)
        else:
            desk.worker.closed.emit()

    QTimer.singleShot(0, look)
    ending.wait()
    assert [shown for _, shown in seen] == [False, True]
    assert "conversations" in seen[0][0]
