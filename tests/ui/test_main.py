"""The entry point, as a process of its own."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

import app.paths
import ui.__main__ as entry
import ui.claim
import ui.start
from app.version import VERSION
from ui.__main__ import has_display


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    kept.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-P", "-m", "ui", *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux starts without a display")
def test_without_a_display_it_names_the_command_line() -> None:
    done = _run()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "cascade-desk ask" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux starts without a display")
def test_a_display_that_nobody_answers_for_is_none() -> None:
    done = _run(DISPLAY=":9999")
    assert done.returncode == 1
    assert "cascade-desk ask" in done.stderr


def test_a_subcommand_goes_to_the_command_line(tmp_path: Path) -> None:
    done = _run("ask", "--model", str(tmp_path / "none.gguf"), "hello")
    assert done.returncode == 1
    assert "There is no file" in done.stderr


def test_it_says_its_version_without_a_display() -> None:
    done = _run("--version")
    assert (done.returncode, done.stdout) == (0, f"Cascade Desk {VERSION}\n")


def test_a_display_is_not_asked_for_where_qt_draws_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert has_display()


def test_documents_can_be_named_for_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "has_display", lambda: True)
    seen: list[argparse.Namespace] = []
    monkeypatch.setattr(entry, "run_window", lambda options: seen.append(options) or 0)
    assert entry.main(["model.gguf", "book.pdf", "--attach", "a.txt", "--attach", "folder"]) == 0
    assert (seen[0].files, seen[0].attach) == (["model.gguf", "book.pdf"], ["a.txt", "folder"])
    assert entry.main([]) == 0
    assert seen[1].attach == []


def test_portable_data_needs_a_folder_that_can_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cascade-desk-data").touch()  # for root, too, no folder can be made there
    monkeypatch.setattr(entry, "has_display", lambda: True)
    monkeypatch.setattr(app.paths, "portable_folder", lambda: tmp_path / "cascade-desk-data")
    said: list[str] = []
    monkeypatch.setattr(ui.claim, "say", said.append)
    assert entry.main(["--portable"]) == 1
    assert str(tmp_path) in said[0]
    assert "without --portable" in said[0]


def test_portable_data_is_beside_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(entry, "has_display", lambda: True)
    monkeypatch.setattr(app.paths, "portable_folder", lambda: tmp_path / "new" / "data")
    seen: list[ui.start.Asked] = []
    monkeypatch.setattr(ui.start, "run", lambda asked: seen.append(asked) or 0)
    assert entry.main(["--portable", "relative.pdf"]) == 0
    assert seen[0].paths.data == tmp_path / "new" / "data"
    assert seen[0].files == (str(Path.cwd() / "relative.pdf"),)
    assert seen[0].lock is not None
    seen[0].lock.release()


def test_two_places_at_once_make_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "has_display", lambda: True)
    with pytest.raises(SystemExit):
        entry.main(["--portable", "--data-dir", "x"])
