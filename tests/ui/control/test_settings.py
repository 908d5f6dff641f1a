"""The settings that hold: from the file, from the session before there was one, and changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.errors import DiskFullError
from app.settings import store as store_module
from app.settings.migrations import MOVED
from app.settings.model import AppearanceSettings, EngineSettings, ModeSettings, Settings, StorageSettings
from app.store.store import Store
from tests.ui.control.conftest import Stage

SESSION = {
    "theme": "dark",
    "enter_sends": False,
    "mode": "thinking",
    "thinking_budget": 2048,
    "reading_ram_bytes": 4_000_000_001,
    "reading_disk_bytes": 7,
    "sidebar_width": 200,
}
FROM_SESSION = Settings(
    mode=ModeSettings("thinking", 2048),
    appearance=AppearanceSettings("dark", False),
    storage=StorageSettings("", 4_000_000_001, 7),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def written(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_bytes())
    return found


def remember(stage: Stage, state: dict[str, object]) -> None:
    """What an older version left in the database."""

    def job(store: Store) -> None:
        for key, value in state.items():
            store.set_state(key, value)

    stage.store.write(job)


def test_what_the_session_kept_moves_into_the_file_once(stages: Callable[[], Stage], path: Path) -> None:
    stage = stages()
    remember(stage, SESSION)
    stage.settings_worker.start()
    assert not stage.said["settings.restored"]  # not before the database has told
    stage.session.start()
    assert stage.said["settings.restored"] == [(FROM_SESSION,)]
    assert written(path)["appearance"] == {"theme": "dark", "enter_sends": False}
    left = stage.from_store(lambda store: {key: store.state(key) for key in SESSION})
    assert left == {**dict.fromkeys(MOVED), "sidebar_width": 200}
    again = stages()
    again.settings_worker.start()
    assert again.said["settings.restored"] == [(FROM_SESSION,)]  # no need for the database
    again.session.start()
    assert len(again.said["settings.restored"]) == 1
    assert again.last("session.restored") == {"sidebar_width": 200}


def test_nothing_is_lost_where_the_file_cannot_be_written(
    stages: Callable[[], Stage], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stages()
    remember(stage, SESSION)
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "write_atomic", _full)
        stage.session.start()
        stage.settings_worker.start()
        assert stage.settings.settings == FROM_SESSION
        assert "disk is full" in stage.notices[-1].text
    assert not path.exists()
    assert stage.from_store(lambda store: store.state("theme")) == "dark"
    stage.settings.change("engine", n_threads=2)
    stage.settings.flush()
    assert stage.last("settings.notice_gone") == "settings_unsaved"
    assert stage.from_store(lambda store: store.state("theme")) is None
    again = stages()
    again.settings_worker.start()
    assert again.settings.settings.appearance == FROM_SESSION.appearance
    assert again.settings.engine.n_threads == 2


def _full(_path: Path, _data: bytes) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_that_is_there_counts_and_the_session_does_not(
    stage: Stage, path: Path, file_first: bool
) -> None:
    path.write_text('{"version": 1, "appearance": {"theme": "light"}}')
    remember(stage, SESSION)
    steps = [stage.settings_worker.start, stage.session.start]
    for step in steps if file_first else steps[::-1]:
        step()
    assert stage.settings.settings == Settings(appearance=AppearanceSettings("light"))
    left = stage.from_store(lambda store: [store.state(key) for key in ("theme", "sidebar_width")])
    assert left == [None, 200]


def test_a_broken_file_is_told_of_and_the_session_stays_out_of_it(stage: Stage, path: Path) -> None:
    path.write_text("{")
    remember(stage, SESSION)
    stage.session.start()
    stage.settings_worker.start()
    assert stage.settings.settings == Settings()
    assert "damaged" in stage.notices[-1].text
    assert stage.notices[-1].level == "warning"
    assert stage.from_store(lambda store: store.state("theme")) == "dark"


def test_a_change_holds_at_once_and_is_written_a_moment_later(stage: Stage, path: Path, qtbot: QtBot) -> None:
    stage.settings_worker.start()
    stage.session.start()
    before = path.read_bytes()
    for threads in (2, 3, 4):
        assert stage.settings.change("engine", n_threads=threads)
    assert stage.settings.engine.n_threads == 4
    assert stage.last("settings.changed") == (
        "engine",
        EngineSettings(n_threads=3),
        EngineSettings(n_threads=4),
    )
    assert stage.last("settings.settings_changed") == stage.settings.settings
    assert path.read_bytes() == before
    qtbot.waitUntil(lambda: path.read_bytes() != before)
    assert written(path) == {"version": 1, "engine": {"n_threads": 4}}
    assert len(stage.said["settings.change_wanted"]) == 2  # the first start, and the three together


def test_the_same_value_is_no_change(stage: Stage) -> None:
    assert stage.settings.change("engine", n_threads=0)
    assert not stage.said["settings.changed"]


def test_a_value_that_cannot_be_is_refused_by_its_name(stage: Stage) -> None:
    assert not stage.settings.change("network", proxy="", endpoint="nowhere")
    assert stage.last("settings.refused")[:2] == ("network", "endpoint")
    assert not stage.said["settings.changed"]


def test_who_is_quicker_than_the_file_is_heard(stage: Stage, path: Path) -> None:
    path.write_text('{"version": 1, "appearance": {"theme": "light", "enter_sends": false}}')
    stage.settings.change("appearance", theme="dark")
    stage.settings.flush()
    assert not stage.said["settings.change_wanted"]
    stage.settings_worker.start()
    assert stage.settings.settings.appearance == AppearanceSettings("dark", False)
    assert written(path)["appearance"] == {"theme": "dark", "enter_sends": False}


def test_the_engine_is_told_only_by_apply(stage: Stage) -> None:
    stage.settings.change("engine", n_threads=2, load_last=False)
    assert not stage.said["settings.engine_options_wanted"]
    stage.settings.apply_engine({"n_gpu_layers": 3, "cache_type": "q8_0", "load_last": True})
    wanted = EngineSettings(n_gpu_layers=3, cache_type="q8_0", n_threads=2, load_last=False)
    assert stage.said["settings.engine_options_wanted"] == [(wanted,)]
    stage.settings.apply_engine({"cache_type": "q9"})
    assert len(stage.said["settings.engine_options_wanted"]) == 1


def test_what_could_not_be_written_is_told_and_tried_again(
    stage: Stage, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.settings_worker.start()
    stage.session.start()
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "write_atomic", _full)
        stage.settings.change("engine", n_threads=2)
        stage.settings.flush()
    assert str(DiskFullError("The disk is full.")) in stage.notices[-1].text
    stage.settings_worker.close()
    assert written(path)["engine"] == {"n_threads": 2}
