"""What a diagnosis says of builds of llama.cpp that the person put there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app.doctor.engine import ask_engine, engine_part
from app.doctor.values import EngineFacts
from app.engine import libraries
from tests.engine import builds


def test_the_backends_and_the_build_are_named() -> None:
    part = engine_part(
        EngineFacts("1.0", "CPU : A = 1", True, backends=("Vulkan", "CPU"), libraries="/a/vulkan")
    )
    rows = dict(part.rows)
    assert rows["Backends"] == "Vulkan, CPU"
    assert rows["Own build of llama.cpp"] == "/a/vulkan"
    assert part.problems == ()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a build of Linux")
def test_one_that_cannot_be_used_is_a_problem_and_the_engine_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "_in_use", "")
    builds.of_another_version(tmp_path / "cuda")
    facts = ask_engine(deadline_s=60, llama=tmp_path)
    assert facts.version
    assert facts.devices
    assert facts.libraries == ""
    part = engine_part(facts)
    assert len(part.problems) == 1
    assert "it is version 0.1.2, and this app needs" in part.problems[0]
