from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ui.lock import take


def test_one_has_it_at_a_time(tmp_path: Path) -> None:
    first = take(tmp_path / "new" / "window.lock")
    assert first is not None
    assert take(tmp_path / "new" / "window.lock") is None
    first.release()
    first.release()
    again = take(tmp_path / "new" / "window.lock")
    assert again is not None
    again.release()


def test_it_is_gone_with_a_process_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from ui.lock import take\n"
        "held = take(Path(sys.argv[1])); print(held is not None, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert take(tmp_path / "lock") is None
        process.kill()
        process.wait()
    held = take(tmp_path / "lock")
    assert held is not None
    held.release()


def test_a_folder_that_cannot_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        take(tmp_path / "file" / "lock")
