"""The size of the compute buffer, written down as a formula, against llama.cpp's own reckoning."""

from __future__ import annotations

import time
from pathlib import Path
from typing import get_args

import pytest

from app.engine.dry_run import compute_buffers
from app.engine.values import LoadOptions
from app.models.gguf import read_model
from app.models.layout import Block, Experts, Layout
from app.models.memory import CacheType, Plan, estimate
from tests import miniatures
from tests.engine.plain_llama import log
from tests.models.shapes import SHAPES

#: A hundredth of a MiB is what llama.cpp prints; the smallest buffers have a tenth of one.
_PRINTED = 0.005 * 1024 * 1024
#: Of these shapes; of random ones (make soak) a tenth.
_SHARE = 0.01
CASES: list[tuple[int, int, CacheType, bool]] = [
    (256, 512, "f16", True),
    (300, 32, "f16", True),
    (4096, 512, "f16", True),
    (4096, 512, "f16", False),
    (4096, 2048, "q8_0", True),
    (65_536, 512, "q4_0", True),
    (65_536, 128, "f32", True),
    (262_144, 512, "f16", True),
    (262_144, 512, "f32", False),
    (1_048_576, 512, "q8_0", True),
]


def shares(path: Path, cases: list[tuple[int, int, CacheType, bool]]) -> list[float]:
    """How far the formula is from the dry run in each case, as a share of it."""
    layout = read_model(path).layout
    found = []
    for n_ctx, n_ubatch, cache_type, flash in cases:
        options = LoadOptions(
            n_ctx=n_ctx, n_batch=n_ubatch, cache_type=cache_type, flash_attention=flash, cpu_only=True
        )
        exact = compute_buffers(path, options, log())["CPU"]
        plan = Plan(n_ctx, n_ubatch, cache_type, flash)
        off = abs(estimate(layout, (), plan).cpu.compute - exact)
        found.append(max(0.0, off - _PRINTED) / exact)
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_as_the_dry_run(name: str) -> None:
    found = shares(miniatures.build(SHAPES[name]), CASES)
    print(name, [f"{100 * share:.2f} %" for share in found])
    assert max(found) < _SHARE


def test_the_starter(starter: Path) -> None:
    assert max(shares(starter, CASES[:7])) < _SHARE


def test_the_real_shape(tmp_path: Path) -> None:
    """1,101 MiB for a million tokens in steps of 512: the mask is 1,024 of it."""
    path = tmp_path / "real.gguf"
    miniatures.header_only(miniatures.REAL, path)
    assert max(shares(path, CASES)) < 0.01
    layout = read_model(path).layout
    compute = estimate(layout, (), Plan(1_048_576, 512)).cpu.compute
    assert round(compute / 1024 / 1024, 1) == 1101.0
    assert compute - estimate(layout, (), Plan(524_288, 512)).cpu.compute == 512 * 1024 * 1024


def test_senseless_layouts_are_quick() -> None:
    """Heads of nothing, and every block with every expert at work; a stranger's header may say so."""
    block = Block(attention=True, moe=True, has_kv=True, heads=1, kv_heads=1)
    layout = Layout("llama", 4096, 64, 100, (block,) * 512, experts=Experts(1024, 1024, 2**31, 2**31))
    started = time.process_time()
    for cache_type in get_args(CacheType):
        assert estimate(layout, (), Plan(2**31, cache_type=cache_type)).total > 0
    assert time.process_time() - started < 4 * 1.0
