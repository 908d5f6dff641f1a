from __future__ import annotations

import tomllib
from pathlib import Path

from app.version import VERSION


def test_both_places_say_the_same() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
