"""Closing, while the engine takes its time to save what it has read."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.vault import Vault
from app.paths import Paths
from app.store.store import Store
from tests.engine import scripted_engine
from tests.engine.test_vault import BUDGET, put
from ui.application import Application


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths) -> Iterator[Application]:
    """The app over a scripted engine, with a model that is loaded."""
    (tmp_path / "plan.json").write_text("[{}]", encoding="utf-8")
    model = tmp_path / "model.gguf"
    model.write_bytes(b"GGUF" + bytes(64))
    made = Application(qapp, paths, [sys.executable, scripted_engine.__file__, str(tmp_path)])
    made.start(str(model))
    qtbot.waitUntil(lambda: made.models.info is not None, timeout=20_000)
    yield made
    made.window.close()
    made.close()
    made.window.deleteLater()


@pytest.mark.parametrize("by_window", [True, False])
@pytest.mark.parametrize("again", ["close", "quit"])
def test_the_window_is_gone_at_once_and_the_engine_is_waited_for(
    desk: Application, monkeypatch: pytest.MonkeyPatch, by_window: bool, again: str
) -> None:
    saving, saved = threading.Event(), threading.Event()
    end = desk.worker._session.close

    def close_slowly() -> None:
        saving.set()
        assert saved.wait(20)
        end()

    monkeypatch.setattr(desk.worker._session, "close", close_slowly)
    seen: list[tuple[bool, bool]] = []

    def meanwhile() -> None:
        if not saving.is_set():
            return
        watch.stop()
        visible = any(widget.isVisible() for widget in QApplication.topLevelWidgets())
        if again == "close":
            desk.window.close()
        else:
            QApplication.quit()
        seen.append((visible, desk.worker.thread().isRunning()))
        saved.set()

    watch = QTimer()
    watch.timeout.connect(meanwhile)
    watch.start(5)
    desk.window.shortcuts.open_list()
    desk.memory_dialog.open_panel()
    if by_window:
        assert desk.window.close()
    else:
        desk.close()
    assert seen == [(False, True)]
    assert not desk.worker.thread().isRunning()
    assert not desk.stuck
    assert desk.window.close()


def test_what_was_chosen_last_is_kept_when_it_closes(desk: Application, qtbot: QtBot, paths: Paths) -> None:
    qtbot.waitUntil(lambda: desk.session._active)
    desk.window.actions_by_id["reading_memory"].trigger()
    assert desk.memory_dialog.isVisible()
    desk.memory_dialog.ram.spin.set_number(4.0)
    desk.window.close()
    store = Store.open(paths.store)
    assert store.state("reading_ram_bytes") == 4_000_000_000
    store.close()


def test_each_load_says_where_states_are_saved(desk: Application, tmp_path: Path, paths: Paths) -> None:
    lines = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    (load,) = [fields for _, name, fields in map(json.loads, lines) if name == "Load"]
    assert load["options"]["state_folder"] == str(paths.states)


def test_a_deleted_conversation_leaves_no_states(desk: Application, qtbot: QtBot, paths: Paths) -> None:
    desk.window.composer.edit.set_text("Why is the sky blue?")
    desk.window.composer.button.click()
    qtbot.waitUntil(lambda: desk.turns.idle and bool(desk.chat.key))
    vault = Vault(paths.states, BUDGET, print)
    mine, stays = put(vault, [1, 2], desk.chat.key), put(vault, [3, 4], "another")
    desk.window.actions_by_id["delete_chat"].trigger()
    qtbot.waitUntil(lambda: not mine.exists())
    assert stays.exists()
    desk.memory_dialog.open_panel()
    qtbot.waitUntil(desk.memory_dialog.delete_button.isEnabled)
    desk.memory_dialog.delete_button.click()
    qtbot.waitUntil(lambda: desk.memory_dialog.used.text() == "No readings are saved")
    assert not stays.exists()
