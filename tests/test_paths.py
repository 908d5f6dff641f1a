"""Where things are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.paths import Paths, portable_folder, self_command
from tests.engine.support import child_environment


def test_a_data_folder_holds_everything(tmp_path: Path) -> None:
    paths = Paths.default(tmp_path / "d")
    assert paths.data == tmp_path / "d"
    assert paths.logs == tmp_path / "d" / "logs"
    assert paths.ladder.parent == paths.data
    assert paths.states == paths.data / "states"
    assert {paths.models.parent, paths.downloads.parent, paths.licences.parent} == {paths.data}
    assert not (tmp_path / "d").exists(), "looking is not making"


def test_a_relative_folder_and_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Paths.default("x").data == tmp_path / "x"
    assert Paths.default("~/x").data == tmp_path / "x"


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of Linux")
def test_the_users_own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    paths = Paths.default()
    assert paths.data == tmp_path / "share" / "cascade-desk"
    assert paths.logs.is_relative_to(tmp_path / "state" / "cascade-desk")


def test_the_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert self_command("ask", "x") == [sys.executable, "-P", "-m", "app", "ask", "x"]
    assert self_command("x", module="ui") == [sys.executable, "-P", "-m", "ui", "x"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert self_command("ask", "x") == [sys.executable, "ask", "x"]
    assert self_command("x", module="ui") == [sys.executable, "x"]


def test_a_folder_named_app_is_not_run_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text("print('theirs')", encoding="utf-8")
    command = self_command("ask", "--help")
    environment = {**child_environment(), "COLUMNS": "200"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "theirs" not in done.stdout
    assert done.returncode == 0, done.stderr
    assert os.pathsep not in environment["PYTHONPATH"]


def test_a_folder_beside_the_program_has_everything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "cascade-desk"))
    assert portable_folder() == tmp_path / "cascade-desk-data"
    assert not Paths.default().data.is_relative_to(tmp_path)
    portable_folder().mkdir()
    assert Paths.default().data == tmp_path / "cascade-desk-data"
    assert Paths.default().logs.is_relative_to(tmp_path)
    assert Paths.default(tmp_path / "other").data == tmp_path / "other"


def test_of_a_mac_bundle_it_is_beside_the_bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "Desk.app" / "Contents" / "MacOS" / "cascade-desk"))
    assert portable_folder() == tmp_path / "cascade-desk-data"


def test_from_source_it_is_beside_the_packages() -> None:
    assert portable_folder().parent == Path(__file__).resolve().parent.parent
    assert not portable_folder().exists()
