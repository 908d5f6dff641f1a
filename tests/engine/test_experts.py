"""Which tensors stay on the CPU. That llama.cpp puts them there is seen on a GPU: tests/gpu."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.experts import expert_blocks, overrides
from app.engine.parameters import model_parameters
from app.engine.values import LoadOptions
from app.models.gguf import read_model
from tests import miniatures
from tests.engine.here import Engine
from tests.engine.support import ask

MODELS = {
    "hybrid": miniatures.hybrid,
    "gated": lambda: miniatures.build(replace(miniatures.PLAIN, blocks="*EE*")),
    "dense": miniatures.plain,
}


@pytest.mark.parametrize("name", MODELS)
def test_the_blocks_are_those_of_the_estimate(name: str) -> None:
    path = MODELS[name]()
    header = read_model(path)
    assert expert_blocks(path) == [i for i, block in enumerate(header.layout.blocks) if block.moe]


def test_one_pattern_takes_the_experts_of_the_first_blocks(hybrid: Path) -> None:
    held = overrides(hybrid, 2)
    assert held is not None
    assert (len(held), held[1].pattern, held[1].buft) == (2, None, None)
    assert held[0].buft
    moved = [t for t in read_model(hybrid).tensors if re.search(held[0].pattern.decode(), t.name)]
    assert {tensor.block for tensor in moved} == {1, 4}
    assert all(tensor.is_expert for tensor in moved)
    # Block 1 and not block 11, whatever stands before or behind.
    assert not re.search(held[0].pattern.decode(), "blk.11.ffn_up_exps.weight")
    assert not re.search(held[0].pattern.decode(), "blk.1.ffn_up_shexp.weight")


def test_nothing_is_moved(hybrid: Path, tmp_path: Path) -> None:
    assert overrides(hybrid, 0) is None
    assert overrides(miniatures.plain(), 3) is None
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(40))
    assert overrides(broken, 3) is None
    assert overrides(tmp_path / "missing.gguf", 3) is None
    for options in (LoadOptions(cpu_experts=3, cpu_only=True), LoadOptions()):
        assert model_parameters(hybrid, options)[0].tensor_buft_overrides is None
    assert model_parameters(hybrid, LoadOptions(cpu_experts=99))[0].tensor_buft_overrides


def test_the_answers_stay_the_same(hybrid: Path) -> None:
    ids = []
    for count in (0, 2):
        engine = Engine(hybrid, cpu_experts=count)
        try:
            engine.run(**ask("Hello", max_tokens=12))
            ids.append(list(engine.host.cache.tokens))
        finally:
            engine.close()
    assert ids[0] == ids[1]
