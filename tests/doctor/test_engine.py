from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from app.doctor.engine import ask_engine, engine_part
from app.doctor.values import EngineFacts
from app.engine.values import Device
from tests.engine import scripted_engine
from tests.engine.scripted_engine import info


def command(folder: Path, plan: dict[str, str]) -> list[str]:
    (folder / "plan.json").write_text(json.dumps([plan]), encoding="utf-8")
    return [sys.executable, scripted_engine.__file__, str(folder)]


def test_a_real_engine_is_asked_and_ended() -> None:
    facts = ask_engine()
    assert facts.problem == ""
    assert facts.version[0].isdigit()
    assert facts.devices[0].kind == "cpu"
    rows = dict(engine_part(facts).rows)
    assert "free" in rows["CPU (cpu)"]


@pytest.mark.parametrize(
    ("plan", "problem"),
    [({"ready": "die"}, "The engine ended: signal SIGKILL."), ({"devices": "wait"}, "")],
)
def test_one_that_dies_or_keeps_silent_is_told_of(tmp_path: Path, plan: dict[str, str], problem: str) -> None:
    facts = ask_engine(command(tmp_path, plan), deadline_s=10 if problem else 1)
    assert facts.problem == problem
    assert facts.last_lines == ()  # its last words could be anybody's


def test_one_that_cannot_be_started_is_told_of(tmp_path: Path) -> None:
    facts = ask_engine([str(tmp_path / "none")])
    assert facts.problem == "The engine cannot be started (No such file or directory)."
    assert engine_part(facts).problems == (facts.problem,)


def test_one_that_says_nothing_is_waited_for_so_long_only(tmp_path: Path) -> None:
    facts = ask_engine([sys.executable, "-c", "import sys; sys.stdin.read()"], deadline_s=0.3)
    assert facts.problem == "The engine does not answer."


def test_a_model_has_no_name_and_place() -> None:
    facts = EngineFacts(
        "1",
        " CPU : AVX = 1 | \n",
        True,
        (Device("CUDA0", "Big", "gpu", 2**30, 2**31),),
        info("/x/gossamer.gguf"),
    )
    text = str(engine_part(facts))
    assert "gossamer" not in text
    assert "('Build', 'CPU : AVX = 1')" in text
    assert "llama, F32, 0 MB, context of 1,024 tokens, 1 layers" in text
    assert "('CUDA0 (gpu)', 'Big, 1.1 GB of 2.1 GB free')" in text
