from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app import children


def test_it_is_talked_to_and_ends_with_its_reader() -> None:
    code = "import sys; print(sys.stdin.readline().upper(), end='', flush=True); sys.stdin.read()"
    process = children.spawn([sys.executable, "-c", code], stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"hello\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"HELLO\n"
    reader = threading.Thread(target=process.stdout.read)
    reader.start()
    children.end(process, reader, None)
    assert process.returncode is not None
    assert not reader.is_alive()
    assert all(pipe is not None and pipe.closed for pipe in (process.stdin, process.stdout, process.stderr))
    children.end(process, reader)  # once more does no harm


def test_it_has_the_environment_that_it_is_given() -> None:
    process = children.spawn(
        [sys.executable, "-c", "import os; print(sorted(set(os.environ) & {'ONE', 'HOME'}))"], {"ONE": "1"}
    )
    assert process.communicate(timeout=30)[0].split() == [b"['ONE']"]


def test_a_program_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        children.spawn([str(tmp_path / "gone")])
