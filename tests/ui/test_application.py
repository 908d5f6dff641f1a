"""Closing, while the engine takes its time to save what it has read."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.chat.library import NEW
from app.documents.client import DocumentReader
from app.engine.vault import Vault
from app.paths import Paths
from app.settings.model import SamplingSettings
from app.settings.store import Found, SettingsStore
from app.settings.tokens import TokenStore
from app.store.store import Store
from tests.documents.test_client import SPIN, _replaced
from tests.engine import scripted_engine
from tests.engine.test_vault import BUDGET, put
from tests.settings.test_tokens import TOKEN, Memory
from ui.application import Application
from ui.chat.shown import Shown
from ui.composer.attached import Attached
from ui.ending import Ending


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


class Saving:
    """An engine that takes its time to end: until `saved` is set."""

    def __init__(self, desk: Application, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.saved = threading.Event(), threading.Event()
        self._end = desk.worker._session.close
        monkeypatch.setattr(desk.worker._session, "close", self._close)

    def _close(self) -> None:
        self.began.set()
        assert self.saved.wait(20)
        self._end()


@pytest.mark.parametrize("by_window", [True, False])
def test_the_window_is_gone_at_once_and_the_engine_is_waited_for(
    desk: Application, monkeypatch: pytest.MonkeyPatch, by_window: bool
) -> None:
    saving = Saving(desk, monkeypatch)
    seen: list[tuple[bool, bool]] = []

    def meanwhile() -> None:
        if not saving.began.is_set():
            return
        watch.stop()
        visible = any(widget.isVisible() for widget in QApplication.topLevelWidgets())
        seen.append((visible, desk.worker.thread().isRunning()))
        desk.window.close()  # once more
        saving.saved.set()

    watch = QTimer()
    watch.timeout.connect(meanwhile)
    watch.start(5)
    desk.window.shortcuts.open_list()
    desk.settings_dialog.open_dialog()
    if by_window:
        assert desk.window.close()
    else:
        desk.close()
    assert seen == [(False, True)]
    assert not desk.worker.thread().isRunning()
    assert not desk.stuck
    assert desk.window.close()


def test_an_engine_that_saves_is_waited_for_where_the_event_loop_was_ended(
    desk: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    saving = Saving(desk, monkeypatch)
    later = threading.Timer(0.2, saving.saved.set)

    def ended_early(_ending: Ending) -> None:
        desk.close_wanted.emit()
        assert saving.began.wait(20)
        later.start()

    monkeypatch.setattr(Ending, "wait", ended_early)
    desk.close()
    later.join()
    assert not desk.stuck
    assert not desk.worker.thread().isRunning()


def test_what_was_chosen_last_is_kept_when_it_closes(desk: Application, qtbot: QtBot, paths: Paths) -> None:
    qtbot.waitUntil(lambda: desk.settings.ready)
    desk.window.actions_by_id["reading_memory"].trigger()
    page = desk.settings_dialog.storage
    assert page.isVisible()
    page.ram.spin.set_number(4.0)
    desk.window.close()
    assert SettingsStore(paths.settings).load().settings.storage.reading_ram_bytes == 4_000_000_000


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
    page = desk.settings_dialog.storage
    desk.commands.reading_memory()
    qtbot.waitUntil(page.delete.isEnabled)
    page.delete.click()
    qtbot.waitUntil(lambda: page.used.words == "No readings are saved")
    assert not stays.exists()


def test_what_is_seen_before_it_is_read_is_what_is_copied_archived_and_deleted(
    desk: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.window.composer.edit.set_text("Why is the sky blue?")
    desk.window.composer.button.click()
    qtbot.waitUntil(lambda: desk.turns.idle and bool(desk.chat.key))
    asked: list[object] = []
    monkeypatch.setattr(desk.library, "copy", asked.append)
    monkeypatch.setattr(desk.library, "delete", asked.append)
    monkeypatch.setattr(desk.library, "set_archived", lambda ids, _on: asked.append(ids))
    desk.chat.glimpsed = "long"
    for name in ("copy_conversation", "delete_chat", "archive_chat"):
        desk.window.actions_by_id[name].trigger()
    desk.chat.glimpsed = ""
    assert asked == ["long", ["long"], ["long"]]


def test_what_was_loaded_last_is_loaded_at_the_next_start(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths, desk: Application
) -> None:
    assert desk.models.info is not None
    desk.window.close()
    again = Application(qapp, paths, [sys.executable, scripted_engine.__file__, str(tmp_path)])
    again.start()
    qtbot.waitUntil(lambda: again.models.info is not None, timeout=20_000)
    assert again.models.info is not None
    assert Path(again.models.info.path) == tmp_path / "model.gguf"
    again.window.close()
    again.window.deleteLater()


def test_a_person_who_is_quicker_than_the_last_model_is_not_overruled(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths, desk: Application
) -> None:
    desk.window.close()
    other = tmp_path / "other.gguf"
    other.write_bytes(b"GGUF" + bytes(64))
    again = Application(qapp, paths, [sys.executable, scripted_engine.__file__, str(tmp_path)])
    again.start()
    again.models.open_model(str(other))
    qtbot.waitUntil(again.window.isVisible)
    qtbot.waitUntil(lambda: again.models.info is not None, timeout=20_000)
    assert again.models.info is not None
    assert Path(again.models.info.path) == other
    assert again.settings.engine.last_model == str(other)
    again.window.close()
    again.window.deleteLater()


def test_the_speed_of_a_model_goes_with_it(desk: Application) -> None:
    desk.window.status.set_rate(32.0)
    assert desk.window.status.rate.text() == "32 tokens/s"
    desk.models.act("reload")
    assert desk.window.status.rate.text() == ""


def test_each_choice_of_settings_holds_at_once(desk: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.settings.ready)
    desk.settings.change("appearance", theme="dark", enter_sends=False)
    assert desk.theme.dark
    assert not desk.window.composer.edit.enter_sends
    desk.settings.change("appearance", announce="finished")
    assert desk.window.view.access.announcer.mode == "finished"
    desk.window.switch_theme()
    assert desk.settings.settings.appearance.theme == desk.theme.mode == "contrast"
    desk.settings.change("mode", mode="thinking", thinking_budget=512)
    assert desk.chat.conversation.settings.thinking_budget == 512
    desk.window.composer.budget_chosen.emit(2048)
    assert desk.settings.settings.mode.thinking_budget == 2048
    desk.settings.change("mode", instruct=SamplingSettings(temperature=0.25))
    assert desk.window.settings.rows["temperature"].spin.text() == "Settings: 0.25"
    assert desk.window.settings.rows["top_p"].spin.text().startswith("Model's: ")
    desk.window.composer.edit.set_text("Why is the sky blue?")
    desk.window.composer.button.click()
    qtbot.waitUntil(lambda: desk.turns.idle and bool(desk.chat.key))


def test_a_chat_that_has_begun_keeps_its_mode(desk: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.settings.ready)
    desk.window.composer.edit.set_text("Why is the sky blue?")
    desk.window.composer.button.click()
    qtbot.waitUntil(lambda: desk.turns.idle and bool(desk.chat.key))
    desk.settings.change("mode", mode="thinking", thinking_budget=512)
    assert desk.chat.conversation.settings.thinking_budget is None
    desk.chat.new()
    assert desk.chat.conversation.settings.thinking_budget == 512


def test_a_keyring_that_waits_for_its_password_does_not_hold_up_closing(
    desk: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = threading.Event(), threading.Event()

    class Locked(Memory):
        def get_password(self, service: str, username: str) -> str | None:
            asked.set()
            assert answered.wait(20)
            return None

    monkeypatch.setattr(desk.token_worker, "_store", TokenStore(Locked()))
    desk.settings.change("network", token_kept=True)
    assert asked.wait(20)
    desk.close()
    assert desk.stuck
    assert not desk.worker.thread().isRunning()
    answered.set()
    assert desk._token_thread.wait(5000)


def test_the_settings_are_built_when_they_are_opened(desk: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.settings.ready)
    assert not desk.has_settings_dialog
    desk.settings.change("appearance", enter_sends=False)
    desk.window.actions_by_id["settings"].trigger()
    assert desk.has_settings_dialog
    assert desk.settings_dialog.isVisible()
    assert not desk.settings_dialog.appearance.enter.value()
    desk.settings_dialog.change_wanted.emit("appearance", {"enter_sends": True})
    assert desk.window.composer.edit.enter_sends
    desk.settings_dialog.change_wanted.emit("network", {"endpoint": "nowhere"})
    assert "cannot be used" in desk.settings_dialog.network.endpoint.note.text()


def test_a_token_goes_to_the_keyring_and_not_into_the_file(
    desk: Application, qtbot: QtBot, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = Memory()
    monkeypatch.setattr(desk.token_worker, "_store", TokenStore(keyring))
    desk.commands.open_settings()
    page = desk.settings_dialog.network
    page.token.edit.setText(TOKEN)
    page.keep.click()
    qtbot.waitUntil(lambda: desk.network.token_state == ("kept", ""))
    assert desk.network.hub_settings().token == TOKEN
    assert list(keyring.kept.values()) == [TOKEN]
    desk.window.close()
    assert json.loads(paths.settings.read_bytes())["network"] == {"token_kept": True}
    assert not [one for one in paths.data.rglob("*") if one.is_file() and TOKEN.encode() in one.read_bytes()]


def test_what_an_older_version_kept_is_there(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths
) -> None:
    store = Store.open(paths.store)
    for key, value in {"theme": "dark", "enter_sends": False, "thinking_budget": 2048}.items():
        store.set_state(key, value)
    store.close()
    (tmp_path / "plan.json").write_text("[{}]", encoding="utf-8")
    old = Application(qapp, paths, [sys.executable, scripted_engine.__file__, str(tmp_path)])
    old.start(str(tmp_path / "none.gguf"))
    qtbot.waitUntil(old.window.isVisible)
    qtbot.waitUntil(lambda: old.settings.ready)
    assert old.theme.dark
    assert not old.window.composer.edit.enter_sends
    qtbot.waitUntil(lambda: old.chat.defaults.thinking_budget == 2048)
    qtbot.waitUntil(paths.settings.exists)
    qtbot.waitUntil(lambda: not old.settings._adopting)
    old.window.close()
    old.window.deleteLater()
    assert json.loads(paths.settings.read_bytes()) == {
        "version": 1,
        "mode": {"thinking_budget": 2048},
        "appearance": {"theme": "dark", "enter_sends": False},
    }
    store = Store.open(paths.store)
    assert [store.state(key) for key in ("theme", "enter_sends", "thinking_budget")] == [None] * 3
    store.close()


def test_a_model_that_was_named_is_loaded_as_the_settings_say(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plan.json").write_text("[{}]", encoding="utf-8")
    made = Application(qapp, paths, [sys.executable, scripted_engine.__file__, str(tmp_path)])
    asked: list[str] = []
    monkeypatch.setattr(made.models, "open_model", asked.append)
    made._shown = True
    made.first_model.start("named.gguf")
    QApplication.processEvents()
    assert not asked
    made.settings.on_loaded(Found())
    qtbot.waitUntil(lambda: asked == ["named.gguf"])
    made.close()
    made.window.deleteLater()


def test_closing_while_a_document_is_read(desk: Application, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("BAD", encoding="utf-8")
    desk.document_worker._reader = DocumentReader(command=_replaced(SPIN))
    seen: list[Attached] = []
    desk.attachments.changed.connect(seen.extend)
    paths = [str(tmp_path / name) for name in ("bad.txt", "waits.txt")]
    desk.attachments.add_paths(paths)
    qtbot.waitUntil(lambda: any(one.status == "Reading" for one in seen), timeout=20_000)
    begun = time.monotonic()
    desk.document_worker.stop()
    desk._end_documents()
    assert time.monotonic() - begun < 1
    desk.window.close()
    assert not desk.stuck
    with closing(Store.open(desk.paths.store)) as store:
        kept = [(one.path, one.state) for one in store.attached(NEW)]
    assert kept == [(path, "reading") for path in paths]


def test_what_is_attached_at_the_start_goes_to_a_new_chat(
    desk: Application, qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "given.txt"
    path.write_text("given", encoding="utf-8")
    desk.messages.send("Before")
    qtbot.waitUntil(lambda: desk.library.entries != [])
    desk.window.close()
    again = Application(qapp, desk.paths, desk.worker._client._command)
    again.start()
    again.attachments.add_paths([str(path)])
    qtbot.waitUntil(lambda: len(again.attachments.parts()) == 1, timeout=20_000)
    qtbot.waitUntil(lambda: again.library.entries != [])
    assert again.chat.conversation.messages == {}
    again.window.close()
    again.window.deleteLater()


def test_code_is_coloured_by_a_process_that_ends_with_the_window(desk: Application, qtbot: QtBot) -> None:
    view = desk.window.view
    desk.window.pages.setCurrentWidget(view)
    view.show_messages([Shown("a", "assistant", "```html\n<p>\n```")])
    (row,) = (placed for placed in view.placer.rows if placed.item.kind == "code")
    qtbot.waitUntil(lambda: bool(row.item._layouts[0].formats()), timeout=20_000)
    child = desk.colour_worker._colourer._child
    assert child is not None
    desk.close()
    assert child.poll() is not None
