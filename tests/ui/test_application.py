"""The whole application: models, settings, tokens and documents together."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.vault import Vault
from app.paths import Paths
from app.settings.model import SamplingSettings
from app.settings.store import Found
from app.settings.tokens import TokenStore
from app.store.store import Store
from tests.engine import scripted_engine
from tests.engine.test_vault import BUDGET, put
from tests.settings.test_tokens import TOKEN, Memory
from tests.ui.scripted_desk import scripted_desk
from ui.application import Application
from ui.chat.shown import Shown


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths) -> Iterator[Application]:
    with scripted_desk(qapp, qtbot, tmp_path, paths) as made:
        yield made


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
