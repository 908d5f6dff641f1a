"""The rungs, and what is remembered of them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine import ladder
from app.engine.ladder import LadderMemory, machine_signature, rungs_for
from app.engine.protocol import Ready
from app.engine.values import LoadOptions

READY = Ready("llama.cpp", "0.3.36", (), gpu_offload=False, system_info="AVX2 = 1")


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF")
    return str(path)


@pytest.fixture
def memory(tmp_path: Path) -> LadderMemory:
    return LadderMemory(tmp_path / "deep" / "ladder.json")


def test_the_order_of_the_rungs() -> None:
    gpu = ["full", "no_extra_buffers", "no_flash", "fewer_layers", "cpu"]
    assert [rung.name for rung in rungs_for(gpu=True)] == gpu
    assert [rung.name for rung in rungs_for(gpu=False)] == gpu[:3]


def test_each_rung_keeps_the_changes_of_those_above() -> None:
    rungs, wanted = rungs_for(gpu=True), LoadOptions(n_ctx=99)
    found = [ladder.apply(wanted, rungs, index) for index in range(len(rungs))]
    assert found[0] == wanted
    assert found[1] == replace(wanted, extra_buffers=False)
    assert found[2] == replace(found[1], flash_attention=False)
    assert found[3] == replace(found[2], n_gpu_layers=16)
    assert found[4] == replace(found[3], cpu_only=True)


@pytest.mark.parametrize(("cache", "then"), [("q8_0", "f16"), ("q4_0", "f16"), ("f32", "f32")])
def test_without_flash_attention_the_cache_is_not_quantized(cache: str, then: str) -> None:
    rungs, wanted = rungs_for(gpu=True), LoadOptions(cache_type=cache)
    found = [ladder.apply(wanted, rungs, index).cache_type for index in range(len(rungs))]
    assert found == [cache, cache, then, then, then]


@pytest.mark.parametrize(("layers", "fewer"), [(-1, 16), (40, 20), (1, 0), (0, 0)])
def test_fewer_layers(layers: int, fewer: int) -> None:
    options = LoadOptions(n_gpu_layers=layers)
    assert ladder.apply(options, rungs_for(gpu=True), 3).n_gpu_layers == fewer


def test_nothing_is_remembered_at_first(memory: LadderMemory, model: str) -> None:
    assert memory.recall(model, "here") == "full"


def test_a_rung_is_remembered_for_file_and_machine(memory: LadderMemory, model: str) -> None:
    memory.remember(model, "here", "no_flash")
    assert memory.recall(model, "here") == "no_flash"
    assert memory.recall(model, "elsewhere") == "full"
    assert memory.recall(model + "2", "here") == "full"
    memory.remember(model, "here", "full")
    assert memory.recall(model, "here") == "full"


def test_another_file_of_the_same_name_starts_anew(memory: LadderMemory, model: str) -> None:
    memory.remember(model, "here", "no_flash")
    Path(model).write_bytes(b"GGUF, another")
    assert memory.recall(model, "here") == "full"
    Path(model).write_bytes(b"GGUF")
    os.utime(model, (1, 1))
    assert memory.recall(model, "here") == "full"


def test_a_missing_model_is_no_error(memory: LadderMemory) -> None:
    memory.remember("/nowhere/m.gguf", "here", "cpu")
    assert memory.recall("/nowhere/m.gguf", "here") == "cpu"


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b"[]", b"null", b'{"version": 2, "records": {}}', b'{"version": 1, "records": []}',
     b'{"version": 1}', b"[" * 100_000],
)  # fmt: skip
def test_a_broken_file_is_as_good_as_none(data: bytes, tmp_path: Path, model: str) -> None:
    path = tmp_path / "ladder.json"
    path.write_bytes(data)
    memory = LadderMemory(path)
    assert memory.recall(model, "here") == "full"
    memory.remember(model, "here", "cpu")
    assert memory.recall(model, "here") == "cpu"


@pytest.mark.parametrize("record", ["x", 3, None, [], {}, {"machine": "here"}])
def test_a_broken_record(record: object, memory: LadderMemory, model: str, tmp_path: Path) -> None:
    memory.remember(model, "here", "cpu")
    path = tmp_path / "deep" / "ladder.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["records"] = dict.fromkeys(stored["records"], record)
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert memory.recall(model, "here") in ("full", "None")


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, model: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    memory = LadderMemory(tmp_path / "file" / "ladder.json")
    memory.remember(model, "here", "cpu")
    assert memory.recall(model, "here") == "full"
    LadderMemory(None).remember(model, "here", "cpu")


def test_old_records_are_dropped(memory: LadderMemory, tmp_path: Path) -> None:
    for number in range(205):
        memory.remember(f"/m{number}", "here", "cpu")
    assert memory.recall("/m0", "here") == "full"
    assert memory.recall("/m204", "here") == "cpu"
    stored = json.loads((tmp_path / "deep" / "ladder.json").read_text(encoding="utf-8"))
    assert len(stored["records"]) == 200


def test_the_signature_changes_with_llama_cpp_and_the_machine() -> None:
    assert machine_signature(READY) == machine_signature(READY)
    others = [replace(READY, version="0.4"), replace(READY, system_info="AVX512 = 1")]
    assert len({machine_signature(ready) for ready in (READY, *others)}) == 3
