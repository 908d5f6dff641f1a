"""The main job in the real window, on real models."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from app.chat.conversation import ChatSettings
from tests.e2e.conftest import Desk

OpenDesk = Callable[[Path], Desk]
LONG = "word " * 3000


def test_the_capital_of_france(open_desk: OpenDesk, starter: Path) -> None:
    desk = open_desk(starter)
    desk.loaded()
    answer = desk.ask("What is the capital of France?")
    footer, mark = desk.finished(answer)
    assert "Paris" in desk.text(answer)
    assert "Paris" in desk.window.view.visible_plain_text()
    assert mark == ""
    assert "tokens/s" in footer


def test_a_question_can_be_sent_before_the_model_is_there(open_desk: OpenDesk, starter: Path) -> None:
    desk = open_desk(starter)
    desk.until(lambda: desk.window.composer.edit.isEnabled() and bool(desk.models.loading))
    answer = desk.ask("What is the capital of France?")
    desk.finished(answer)
    assert "Paris" in desk.text(answer)


def test_thinking_with_a_budget_ends_its_thought_and_answers(open_desk: OpenDesk, hybrid: Path) -> None:
    desk = open_desk(hybrid)
    assert desk.loaded().modes == ("thinking", "instruct")
    desk.chat.set_settings(ChatSettings(temperature=0.0))  # random weights may end at any token by chance
    desk.chat.set_budget(32)
    answer = desk.ask("Prove it")
    desk.until(lambda: desk.text(answer) != "")
    assert desk.text(answer, "reasoning") != ""
    assert "Thought for" in desk.window.view.visible_plain_text()
    desk.qtbot.keyClick(desk.window.composer.edit, Qt.Key.Key_Escape)
    _footer, mark = desk.finished(answer)
    assert mark == "Stopped"


def test_stop_by_mouse_keeps_what_was_written(open_desk: OpenDesk, hybrid: Path) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    answer = desk.ask("Go on")
    desk.until(lambda: desk.text(answer, "reasoning") != "")
    desk.qtbot.mouseClick(desk.window.composer.button, Qt.MouseButton.LeftButton)
    _footer, mark = desk.finished(answer)
    kept = desk.text(answer, "reasoning")
    assert mark == "Stopped"
    assert kept
    again = desk.ask("And again")
    desk.until(lambda: desk.text(again, "reasoning") != "")
    assert desk.text(answer, "reasoning") == kept


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT], ids=lambda s: s.name)
@pytest.mark.parametrize("phase", ["loading", "reading", "answering"])
def test_the_engine_dies_and_nothing_is_lost(
    open_desk: OpenDesk, hybrid: Path, phase: str, number: signal.Signals
) -> None:
    desk = open_desk(hybrid)
    if phase == "loading":
        desk.until(lambda: desk.fraction > 0)
        assert desk.info is None
        os.kill(desk.pid, number)
        desk.loaded()
    else:
        desk.loaded()
        first = desk.ask("Before")
        desk.until(lambda: desk.text(first, "reasoning") != "")
        desk.messages.stop()
        desk.finished(first)
        answer = desk.ask(LONG if phase == "reading" else "Now")
        reached = {
            "reading": lambda: 0 < desk.reading < 1,
            "answering": lambda: desk.text(answer, "reasoning") != "",
        }
        desk.until(reached[phase])
        os.kill(desk.pid, number)
        _footer, mark = desk.finished(answer)
        assert "stopped" in mark
        kept = desk.text(answer, "reasoning")
        assert bool(kept) == (phase == "answering")
        desk.until(lambda: "running again" in desk.notice())
        assert number.name in desk.notice()
        assert desk.text(answer, "reasoning") == kept
        assert desk.text(first, "reasoning")
    after = desk.ask("Still there?")
    desk.until(lambda: desk.text(after, "reasoning") != "")


def test_a_model_is_opened_by_dropping_it(open_desk: OpenDesk, hybrid: Path, sliding: Path) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(sliding))])
    held = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(50, 50), *held)
    QApplication.sendEvent(desk.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(desk.window, QDropEvent(QPointF(50, 50), *held))
    desk.until(lambda: desk.info is not None and desk.info.architecture == "gemma3")
    thinking = desk.window.findChild(QToolButton, "mode_thinking")
    assert "no thinking mode" in thinking.toolTip()
    answer = desk.ask("Hello")
    desk.until(lambda: desk.text(answer) != "")


def test_a_file_that_is_no_model_is_refused_in_words(open_desk: OpenDesk, tmp_path: Path) -> None:
    bad = tmp_path / "notes.gguf"
    bad.write_text("not a model")
    desk = open_desk(bad)
    desk.until(desk.window.notices.isVisible)
    assert "not a GGUF" in desk.window.notices.findChild(QLabel, "notice_text").text()
    assert desk.window.welcome.title.text() == "No model is loaded"
    assert not desk.window.composer.button.isEnabled()


def test_a_wrong_file_does_not_cost_the_loaded_model(
    open_desk: OpenDesk, hybrid: Path, tmp_path: Path
) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    bad = tmp_path / "notes.gguf"
    bad.write_text("not a model")
    desk.window.model_chosen.emit(str(bad))
    desk.until(lambda: "still is" in desk.notice())
    assert desk.loaded().architecture == "nemotron_h_moe"
    answer = desk.ask("Still there?")
    desk.until(lambda: desk.text(answer, "reasoning") != "")


def test_a_hung_engine_is_ended_by_stop_and_comes_back(
    open_desk: OpenDesk, hybrid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.workers.engine._CANCEL_MS", 1500)  # ten seconds for people
    desk = open_desk(hybrid)
    desk.loaded()
    answer = desk.ask("Go on")
    desk.until(lambda: desk.text(answer, "reasoning") != "")
    os.kill(desk.pid, signal.SIGSTOP)
    desk.qtbot.keyClick(desk.window.composer.edit, Qt.Key.Key_Escape)
    desk.finished(answer)
    desk.until(lambda: "running again" in desk.notice())
    after = desk.ask("Still there?")
    desk.until(lambda: desk.text(after, "reasoning") != "")


def test_a_hung_engine_does_not_hold_up_the_end(open_desk: OpenDesk, hybrid: Path) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    os.kill(desk.pid, signal.SIGSTOP)
    desk.ask(LONG * 5)  # far more than a pipe takes
    engine = psutil.Process(desk.pid)
    desk.window.close()
    assert not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE


def test_closing_ends_the_engine(open_desk: OpenDesk, hybrid: Path) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    answer = desk.ask("Go on for long")
    desk.until(lambda: desk.text(answer, "reasoning") != "")
    engine = psutil.Process(desk.pid)
    desk.window.close()
    assert not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE
