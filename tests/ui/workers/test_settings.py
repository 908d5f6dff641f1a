"""The worker of the settings file: what it says, and what it tries again."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import UserError
from app.settings import store as store_module
from app.settings.model import EngineSettings, Settings
from app.settings.store import Found, SettingsStore
from ui.workers.settings import SettingsWorker


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


@pytest.fixture
def worker(qapp: object, path: Path) -> SettingsWorker:
    return SettingsWorker(path)


def test_it_says_what_the_file_says(worker: SettingsWorker, path: Path) -> None:
    SettingsStore(path).change({"engine": {"n_threads": 3}})
    said: list[Found] = []
    worker.loaded.connect(said.append)
    worker.start()
    assert said == [Found(Settings(engine=EngineSettings(n_threads=3)))]


def test_what_failed_is_written_with_the_next_change(
    worker: SettingsWorker, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[UserError] = []
    written: list[bool] = []
    worker.failed.connect(failed.append)
    worker.written.connect(lambda: written.append(True))

    def broken(_path: Path, _data: bytes) -> None:
        raise OSError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "write_atomic", broken)
        worker.change({"engine": {"n_threads": 3}})
        worker.change({"engine": {"n_threads": 4, "n_batch": 64}})
    assert len(failed) == 2
    assert "Permission denied" in str(failed[0])
    assert not written
    worker.change({"appearance": {"theme": "dark"}})
    assert written == [True]
    assert SettingsStore(path).load().settings.engine == EngineSettings(n_threads=4, n_batch=64)
    worker.close()
    assert written == [True]


@pytest.mark.parametrize("name", ["there", "gone", "folder", "\0", "x" * 5000])
def test_it_looks_for_a_file(worker: SettingsWorker, tmp_path: Path, name: str) -> None:
    (tmp_path / "there").touch()
    (tmp_path / "folder").mkdir()
    said: list[tuple[str, str]] = []
    path = f"{tmp_path}/{name}"
    worker.looked.connect(lambda asked, found: said.append((asked, found)))
    worker.look(path)
    assert said == [(path, path if name == "there" else "")]


def test_a_model_that_was_moved_with_all_data_is_found(worker: SettingsWorker, tmp_path: Path) -> None:
    model = tmp_path / "models" / "owner" / "repository" / "m.gguf"
    model.parent.mkdir(parents=True)
    model.touch()
    said: list[str] = []
    worker.looked.connect(lambda _asked, found: said.append(found))
    worker.look("/media/stick/cascade-desk-data/models/owner/repository/m.gguf")
    worker.look("/media/stick/models/other/repository/m.gguf")
    assert said == [str(model), ""]
