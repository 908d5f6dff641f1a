from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.diagnostics.crashes import CrashFile, last_crash, take_earlier

RUN = """
import faulthandler, sys, time
from pathlib import Path
from app.diagnostics.crashes import CrashFile
file = CrashFile(Path(sys.argv[1])); file.open()
print("ready", flush=True)
if sys.argv[2] == "crash": faulthandler._sigsegv()
if sys.argv[2] == "end": file.close()
if sys.argv[2] == "wait": sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def handler_as_before() -> Iterator[None]:
    """pytest has one of its own."""
    yield
    faulthandler.enable(sys.__stderr__)


def _run(folder: Path, how: str) -> int:
    command = [sys.executable, "-c", RUN, str(folder), how]
    return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode


def test_a_crash_is_told_of_once(tmp_path: Path) -> None:
    assert _run(tmp_path, "crash") != 0
    lines = take_earlier(tmp_path)
    assert lines[0] == "Fatal Python error: Segmentation fault"
    assert lines[1].startswith("Current thread")
    assert take_earlier(tmp_path) == ()
    known = last_crash(tmp_path)
    assert known is not None
    assert known[1] == lines
    assert not list(tmp_path.glob("crash-*"))


def test_an_end_in_order_leaves_nothing(tmp_path: Path) -> None:
    assert _run(tmp_path, "end") == 0
    assert list(tmp_path.iterdir()) == []
    assert last_crash(tmp_path) is None


def test_being_killed_is_no_crash(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path), "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline()
        assert take_earlier(tmp_path) == ()  # it lives: what it holds is its own
        assert len(list(tmp_path.glob("crash-*"))) == 1
        child.kill()
        child.wait()
    assert take_earlier(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_an_end_by_a_fault_is_told_of(tmp_path: Path) -> None:
    file = CrashFile(tmp_path)
    file.open()
    file.leave(["ValueError", "  app/store/rows.py:31 write", "some words of a stranger"])
    assert take_earlier(tmp_path) == ("ValueError", "  app/store/rows.py:31 write")


def test_a_folder_that_cannot_be_made_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("", encoding="utf-8")
    file = CrashFile(tmp_path / "logs")
    file.open()
    assert take_earlier(tmp_path / "logs") == ()
    file.close()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("Fatal Python error: Aborted\n", encoding="utf-8")
    (tmp_path / "crash-1.txt").symlink_to(other)
    os.mkfifo(tmp_path / "crash-2.txt")
    assert take_earlier(tmp_path) == ()
    assert other.exists()
