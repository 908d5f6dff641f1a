"""The settings file: what is kept, what is set aside, what is never overwritten."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from app.errors import DiskFullError, SettingsError
from app.settings import store as module
from app.settings.model import (
    AppearanceSettings,
    EngineSettings,
    ModeSettings,
    SamplingSettings,
    Settings,
    StorageSettings,
)
from app.settings.store import Found, SettingsStore
from tests.settings import hostile
from tests.settings.test_model import sound


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "settings.json"


@pytest.fixture
def store(path: Path) -> SettingsStore:
    path.parent.mkdir()
    return SettingsStore(path)


def write(path: Path, content: Any) -> None:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def kept(path: Path) -> Any:
    return json.loads(path.read_bytes())


def aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("settings.broken-*.json"))


def test_no_file_is_no_fault(store: SettingsStore) -> None:
    assert store.load() == Found(fresh=True)


def test_what_is_changed_is_there_again(path: Path) -> None:
    sampling = SamplingSettings(temperature=0.3)
    SettingsStore(path).change({"appearance": {"theme": "dark"}, "mode": {"thinking": sampling}})
    assert SettingsStore(path).load() == Found(
        Settings(mode=ModeSettings(thinking=sampling), appearance=AppearanceSettings("dark"))
    )
    assert kept(path) == {
        "version": 1,
        "appearance": {"theme": "dark"},
        "mode": {"thinking": {"temperature": 0.3}},
    }
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0


def test_what_is_as_by_default_is_left_out(store: SettingsStore, path: Path) -> None:
    store.change({"mode": {"thinking": SamplingSettings(0.3), "mode": "thinking"}})
    store.change({"mode": {"thinking": SamplingSettings(), "mode": ""}})
    assert kept(path) == {"version": 1}


def test_nothing_to_change_makes_a_file_all_the_same(store: SettingsStore, path: Path) -> None:
    store.change({})
    assert kept(path) == {"version": 1}
    assert not store.load().fresh


def test_a_change_leaves_all_else_in_the_file(store: SettingsStore, path: Path) -> None:
    theirs = {
        "version": 1,
        "plugins": [1],
        "engine": {"n_ctx": 4096, "new": "x"},
        "mode": {"thinking": {"z": 1}},
    }
    write(path, theirs)
    store.change({"engine": {"n_threads": 3}, "mode": {"thinking": SamplingSettings(top_k=3)}})
    assert kept(path) == {
        **theirs,
        "engine": {"n_ctx": 4096, "new": "x", "n_threads": 3},
        "mode": {"thinking": {"z": 1, "top_k": 3}},
    }


def test_two_windows_change_each_its_own(path: Path, store: SettingsStore) -> None:
    other = SettingsStore(path)
    store.load()
    other.load()
    store.change({"appearance": {"theme": "dark"}})
    other.change({"engine": {"n_threads": 2}})
    assert store.load().settings == Settings(
        engine=EngineSettings(n_threads=2), appearance=AppearanceSettings("dark")
    )


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        "{}",
        '{"version": 0}',
        '{"version": true}',
        '{"version": "1"}',
        "\0" * 500,
        '{"version": 1, "x": ' + "[" * 100_000,
        '{"version": ' + "1" * 5000 + "}",
        " " * 2_000_000,
    ],
)
def test_a_broken_file_is_set_aside_and_told_of(store: SettingsStore, path: Path, content: str) -> None:
    write(path, content)
    found = store.load()
    assert found.settings == Settings()
    assert not found.fresh
    assert found.problem is not None
    (broken,) = aside(path)
    assert broken.read_text(encoding="utf-8") == content
    assert broken.name in str(found.problem)
    assert not path.exists()
    store.change({"engine": {"n_threads": 2}})
    assert store.load() == Found(Settings(engine=EngineSettings(n_threads=2)))


def test_a_second_broken_file_gets_a_name_of_its_own(store: SettingsStore, path: Path) -> None:
    for content in ("{", "[", "x"):
        write(path, content)
        store.load()
    assert sorted(one.read_text() for one in aside(path)) == ["[", "x", "{"]


def test_bytes_that_are_no_text(store: SettingsStore, path: Path) -> None:
    path.write_bytes(bytes(range(256)))
    assert store.load().problem is not None
    assert aside(path)


def test_values_that_cannot_be_are_told_once_and_a_copy_is_kept(store: SettingsStore, path: Path) -> None:
    content = {"version": 1, "engine": {"n_threads": -4, "n_ctx": 4096}, "appearance": 7, "other": {}}
    write(path, content)
    found = store.load()
    assert found.settings == Settings(engine=EngineSettings(n_ctx=4096))
    assert "engine.n_threads, appearance" in str(found.problem)
    (copy,) = aside(path)
    assert kept(copy) == content
    if os.name == "posix":
        assert copy.stat().st_mode & 0o077 == 0  # a proxy's password may be in it
    assert kept(path) == {"version": 1, "engine": {"n_ctx": 4096}, "other": {}}
    assert store.load() == Found(found.settings)


def test_a_newer_version_is_used_as_far_as_it_is_known_and_not_overwritten(
    store: SettingsStore, path: Path
) -> None:
    content = {"version": 2, "appearance": {"theme": "dark", "font": "x"}, "engine": {"n_threads": "many"}}
    write(path, content)
    found = store.load()
    assert found.settings == Settings(appearance=AppearanceSettings("dark"))
    assert "newer" in str(found.problem)
    with pytest.raises(SettingsError, match="newer"):
        store.change({"appearance": {"theme": "light"}})
    assert kept(path) == content
    assert not aside(path)


def test_an_older_version_is_migrated(
    store: SettingsStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VERSION", 3)
    steps = (
        lambda raw: {**raw, "engine": {"n_threads": raw["threads"]}},
        lambda raw: {**raw, "engine": {**raw["engine"], "n_batch": 64}},
    )
    migrate = module.migrate
    monkeypatch.setattr(module, "migrate", lambda raw, version: migrate(raw, version, steps))
    write(path, {"version": 1, "threads": 5})
    assert store.load() == Found(Settings(engine=EngineSettings(n_threads=5, n_batch=64)))
    store.change({"appearance": {"theme": "dark"}})
    assert kept(path)["version"] == 3
    assert store.load().settings.engine == EngineSettings(n_threads=5, n_batch=64)
    write(path, {"version": 1})  # what a step does not expect
    assert store.load().problem is not None
    assert aside(path)


def test_a_file_that_cannot_be_read_is_not_overwritten(store: SettingsStore, path: Path) -> None:
    path.mkdir()
    found = store.load()
    assert "cannot be read" in str(found.problem)
    with pytest.raises(SettingsError, match="not saved"):
        store.change({"engine": {"n_threads": 2}})
    assert path.is_dir()


def test_a_full_disk_is_told(store: SettingsStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.change({"engine": {"n_threads": 2}})

    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_atomic", full)
    with pytest.raises(DiskFullError):
        store.change({"engine": {"n_threads": 3}})
    assert kept(path)["engine"] == {"n_threads": 2}


def test_a_link_stays_a_link(path: Path, tmp_path: Path, store: SettingsStore) -> None:
    real = tmp_path / "dotfiles.json"
    write(real, {"version": 1})
    path.symlink_to(real)
    store.change({"storage": {"reading_ram_bytes": 5}})
    assert path.is_symlink()
    assert SettingsStore(real).load().settings.storage == StorageSettings(reading_ram_bytes=5)


def test_whatever_stands_in_the_file_the_settings_are_sound_and_nothing_is_lost(path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    path.parent.mkdir()
    for _ in range(400):
        for one in aside(path):
            one.unlink()
        content = hostile.content(chance)
        write(path, content)
        before = path.read_bytes()
        found = SettingsStore(path).load()
        assert all(sound(getattr(found.settings, group)) for group in module.GROUPS)
        if found.problem is None or "newer" in str(found.problem):
            assert path.read_bytes() == before
        else:
            assert [one.read_bytes() for one in aside(path)] == [before]
            assert SettingsStore(path).load().problem is None
