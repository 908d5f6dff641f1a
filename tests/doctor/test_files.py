from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.diagnostics.logs import NAME as LOG
from app.doctor import files
from app.doctor.files import conversations, library, log_part, models_folder, settings_part
from app.paths import Paths
from app.store import Store
from app.store.database import NAME


@pytest.fixture
def store(paths: Paths) -> Path:
    """A database with something in it, closed."""
    with closing(Store.open(paths.store)):
        pass
    return paths.store / NAME


def settings(paths: Paths, text: str) -> None:
    paths.data.mkdir(parents=True, exist_ok=True)
    paths.settings.write_text(text, encoding="utf-8")


def test_settings_that_differ_are_told_without_secrets(paths: Paths) -> None:
    assert settings_part(paths).rows == (("All settings", "as at first"),)
    groups = {
        "network": {"proxy": "http://me:tamarind@proxy.example:1", "offline": True},
        "engine": {"last_model": "/x/gossamer.gguf", "n_ctx": 4096},
        "mode": {"thinking": {"temperature": 0.5}},
    }
    settings(paths, json.dumps({"version": 1, **groups}))
    part = settings_part(paths)
    assert part.problems == ()
    assert dict(part.rows) == {
        "network.proxy": "http://(hidden)@proxy.example:1",
        "network.offline": "True",
        "engine.last_model": "set",
        "engine.n_ctx": "4096",
        "mode.thinking.temperature": "0.5",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "The settings file is damaged."),
        ('{"version": 999}', "newer Cascade Desk"),
        ('{"version": 1, "engine": {"n_ctx": "x"}}', "could not be understood: engine.n_ctx"),
    ],
)
def test_settings_that_are_damaged_are_said_and_left(paths: Paths, text: str, said: str) -> None:
    settings(paths, text)
    part = settings_part(paths)
    assert said in part.problems[0]
    assert [path.name for path in paths.data.iterdir()] == ["settings.json"]
    assert paths.settings.read_text(encoding="utf-8") == text


def test_the_folder_of_models_is_the_one_that_is_set(paths: Paths) -> None:
    assert models_folder(paths) == paths.models
    settings(paths, json.dumps({"version": 1, "storage": {"models_folder": "/m"}}))
    assert models_folder(paths) == Path("/m")


def test_a_sound_database_is_sound_and_untouched(paths: Paths, store: Path) -> None:
    before = {path.name: path.read_bytes() for path in store.parent.iterdir()}
    part = conversations(paths)
    assert part.problems == ()
    assert ("Checked", "sound") in part.rows
    assert {path.name: path.read_bytes() for path in store.parent.iterdir()} == before


def test_one_that_is_in_use_is_looked_at_all_the_same(paths: Paths) -> None:
    with closing(Store.open(paths.store)):
        assert conversations(paths).problems == ()


def test_no_database_is_no_problem(paths: Paths) -> None:
    assert conversations(paths).rows == (("Saved", "none yet"),)
    assert not paths.store.exists()


@pytest.mark.parametrize("damage", ["header", "middle", "empty"])
def test_damage_is_said_plainly(paths: Paths, store: Path, damage: str) -> None:
    data = bytearray(store.read_bytes())
    if damage == "header":
        data[:16] = b"marmalade  quokk"
    elif damage == "middle":
        data[4096 + 8 : 3 * 4096] = bytes(2 * 4096 - 8)
    store.write_bytes(b"" if damage == "empty" else bytes(data))
    part = conversations(paths)
    if damage == "empty":
        assert part.problems == ()
    else:
        assert part.problems[0].startswith("The file of saved conversations is damaged.")


def test_a_database_that_is_too_large_is_looked_at_for_a_while(
    paths: Paths, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_CHECK_S", 0.3)
    seen: list[str] = []

    class Slow(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
            if "integrity_check" in sql:
                seen.append(sql)
                sql = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
            return super().execute(sql, *values)

    monkeypatch.setattr(files, "connect", lambda path, _mode: sqlite3.connect(path, factory=Slow))
    part = conversations(paths)
    assert seen
    assert part.rows[-1] == ("Checked", "too large to be looked through here")


def test_the_starter_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starter = tmp_path / "Starter-Q4_1.gguf"
    starter.write_bytes(bytes(3_000_000))
    monkeypatch.setattr(files, "starter_path", lambda: starter)
    assert library(tmp_path / "none").rows == (("Starter model", "Starter-Q4_1, 3 MB"),)


def test_models_are_counted_without_their_names(
    tmp_path: Path, plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "starter_path", lambda: None)
    for name in ("gossamer", "quokka"):
        (tmp_path / f"{name}.gguf").write_bytes(plain.read_bytes())
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + bytes(64))
    part = library(tmp_path)
    assert part.problems == ("1 file is damaged.",)
    ((count, words),) = part.rows
    assert count == "2 ×"
    assert words.startswith("llama, ")
    assert "gossamer" not in str(part)
    assert library(tmp_path / "none").rows == (("Found", "none"),)


def test_the_last_errors_and_the_last_crash_are_told(paths: Paths) -> None:
    assert log_part(paths).rows == (("Found", "none"),)
    paths.logs.mkdir(parents=True)
    lines = (
        "2026-01-01 10:00:00.000 INFO x: quiet",
        "2026-01-01 10:00:00.000 ERROR x: loud",
        "    ValueError",
    )
    (paths.logs / LOG).write_text("\n".join(lines), encoding="utf-8")
    (paths.logs / "last-crash.txt").write_text("Fatal Python error: Aborted\nmarmalade\n", encoding="utf-8")
    values = [value for _, value in log_part(paths).rows]
    assert values[:2] == [lines[1], lines[2]]
    assert values[3:] == ["Fatal Python error: Aborted"]
