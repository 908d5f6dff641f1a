"""Deleting and measuring saved states, whatever the folder is like."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.engine.vault import Vault
from tests.engine.test_vault import BUDGET, put
from ui.workers.states import SavedStates


def filled(folder: Path) -> list[Path]:
    vault = Vault(folder, BUDGET, print)
    return [put(vault, [1, 2, 3], "one"), put(vault, [4, 5], "one"), put(vault, [6, 7, 8], "two")]


def test_a_conversation_is_deleted_whole_and_the_others_stay(tmp_path: Path) -> None:
    *ones, two = filled(tmp_path)
    states = SavedStates(tmp_path)
    whole = states.total_bytes()
    assert whole == sum(path.stat().st_size for path in (*ones, two))
    states.delete(["none", "one"])
    assert list(tmp_path.iterdir()) == [two]
    assert states.total_bytes() == two.stat().st_size < whole
    states.delete_all()
    assert list(tmp_path.iterdir()) == []
    assert states.total_bytes() == 0


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    states = SavedStates(tmp_path / "states")
    states.delete(["one"])
    states.delete_all()
    assert states.total_bytes() == 0
    assert not (tmp_path / "states").exists()
    filled(tmp_path / "states")  # the engine makes it later
    assert states.total_bytes() > 0
    assert capsys.readouterr().err == ""


def test_what_goes_wrong_is_a_line_and_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(tmp_path)
    states = SavedStates(tmp_path)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("app.engine.vault.os.scandir", refuse)
    states.delete(["one"])
    states.delete_all()
    assert states.total_bytes() == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("cascade-desk: ") and "Permission denied" in line for line in lines)


def test_what_cannot_be_removed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = filled(tmp_path)
    monkeypatch.setattr(Vault, "remove", lambda *_: False)
    states = SavedStates(tmp_path)
    states.delete(["one"])
    states.delete_all()
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "cascade-desk: Not all saved states of a deleted conversation could be removed.",
        "cascade-desk: Not all saved states could be removed.",
    ]
