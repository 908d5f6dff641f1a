"""The window's process crashes for real, and the next start says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.watched.test_words import ROOT


def _run(folder: Path, how: str) -> subprocess.CompletedProcess[str]:
    model = folder / "none.gguf"
    return subprocess.run(
        [sys.executable, "-m", "tests.watched.crash_script", str(folder), str(model), how],
        cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


def test_the_next_start_tells_of_a_crash(tmp_path: Path) -> None:
    done = _run(tmp_path, "crash")
    assert done.returncode != 0
    assert done.returncode != 3, done.stderr
    done = _run(tmp_path, "tell")
    assert done.returncode == 0, done.stderr
    told = (tmp_path / "told.txt").read_text(encoding="utf-8")
    assert told.startswith(
        "Cascade Desk ended unexpectedly last time\nFatal Python error: Segmentation fault\n"
    )
    assert "crash_script.py:" in told
    logs = sorted(path.name for path in (tmp_path / "data" / "logs").iterdir())
    assert logs == ["cascade-desk.log", "last-crash.txt"]
