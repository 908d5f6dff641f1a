from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from app.doctor import machine
from app.doctor.machine import folders, memory, program
from app.paths import Paths
from app.version import VERSION


def test_versions_are_told() -> None:
    rows = dict(program({"Qt": "6.0"}).rows)
    assert rows["Cascade Desk"] == VERSION
    assert rows["Qt"] == "6.0"
    assert rows["PySide6"][0].isdigit()


def test_memory_is_told_where_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "system_memory", lambda: (2**30, 2**31))
    assert memory().rows[0] == ("RAM", "1.1 GB of 2.1 GB free")
    monkeypatch.setattr(machine, "system_memory", lambda: None)
    assert memory().rows[0] == ("RAM", "not known")


def test_folders_that_are_not_there_yet_are_no_problem(tmp_path: Path) -> None:
    paths = Paths.default(tmp_path / "data")
    part = folders(paths, paths.models)
    assert part.problems == ()
    assert list(tmp_path.iterdir()) == []  # looked at, not made


def test_looking_leaves_nothing(tmp_path: Path) -> None:
    assert folders(Paths(tmp_path, tmp_path), tmp_path).problems == ()
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_with_a_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    part = folders(Paths(tmp_path / "file", tmp_path), tmp_path / "file" / "models")
    assert part.problems == ("Data: a file is in its place", "Models: a file is in its place")

    def refuse(*_args: object, **_more: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(machine.tempfile, "mkstemp", refuse)
    part = folders(Paths(tmp_path, tmp_path), tmp_path)
    assert part.problems[0] == "Data: it cannot be written: Permission denied"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    part = folders(Paths(tmp_path / "data", tmp_path / "logs"), tmp_path / "models")
    tmp_path.chmod(0o700)
    assert part.problems[0] == "Data: it is not there and cannot be made"


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1024**2)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: usage)
    part = folders(Paths(tmp_path, tmp_path), tmp_path)
    assert part.problems[0] == "Data: the disk is nearly full (1 MB left)."
