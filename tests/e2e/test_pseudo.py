"""The window in a language that is longer and all accents: nothing is left in English, and all has room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.language import PSEUDO, VARIABLE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found(hybrid: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a walk through the window finds, in a process that speaks that language from the start."""
    folder = tmp_path_factory.mktemp("pseudo")
    command = [sys.executable, "-m", "tests.e2e.pseudo_walk", str(hybrid), str(folder)]
    environment = {**os.environ, VARIABLE: PSEUDO, "QT_QPA_PLATFORM": "offscreen"}
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_everything_that_is_said_is_translated(found: dict[str, object]) -> None:
    assert found["seen"] > 1500  # type: ignore[operator]
    assert not found["untranslated"]


def test_everything_has_room(found: dict[str, object]) -> None:
    assert not found["clipped"]
