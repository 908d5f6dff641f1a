"""Shapes by chance against llama.cpp's own reckoning, and contexts of a million tokens."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.engine.dry_run import compute_buffers
from app.engine.values import LoadOptions
from app.models.gguf import read_model
from app.models.memory import CacheType, Plan, estimate
from tests import miniatures
from tests.engine.plain_llama import log
from tests.miniatures import Shape
from tests.models.buffers import MIB, real_buffers
from tests.models.shapes import SHAPES

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

_COUNT = 1000


def shape_by_chance(chance: random.Random) -> Shape:
    """Any shape that llama.cpp loads."""
    kind = chance.choice(("hybrid", "plain", "mixture", "sliding", "recurrent"))
    letters = {"plain": "*", "mixture": "E", "sliding": "*", "recurrent": "M"}.get(kind, "ME*")
    blocks = "".join(chance.choice(letters) for _ in range(chance.randint(1, 7)))
    blocks = {"hybrid": "M*E" + blocks, "sliding": "*****" + blocks}.get(kind, blocks)
    kv_heads = chance.choice((1, 2, 4))
    return Shape(
        "plain" if kind == "mixture" else kind,
        embedding=chance.choice((64, 128, 256)),
        heads=kv_heads * chance.choice((1, 2, 4)),
        kv_heads=kv_heads,
        head_size=chance.choice((32, 64, 128)),
        feed_forward=chance.choice((64, 128, 384, 1024)),
        blocks=blocks,
        inner=chance.choice((128, 256, 512)),
        state=chance.choice((16, 64, 128)),
        groups=chance.choice((1, 2, 4)),
        ssm_heads=chance.choice((4, 8, 16)),
        experts=chance.choice((4, 8, 32)),
        experts_used=chance.choice((1, 2, 4)),
        window=chance.choice((64, 512, 1024)),
        context=131_072,
        small_vocabulary=True,
    )


def test_compute_buffers_of_shapes_by_chance(tmp_path: Path) -> None:
    chance, path, shares = random.Random(3), tmp_path / "m.gguf", []
    for _ in range(_COUNT):
        shape = shape_by_chance(chance)
        path.unlink(missing_ok=True)
        miniatures.header_only(shape, path)
        flash = chance.random() < 0.7
        cache_type: CacheType = chance.choice(("f16", "q8_0", "q4_0", "f32") if flash else ("f16", "f32"))
        n_ctx, n_ubatch = (
            chance.choice((100, 300, 4096, 65_536, 262_144)),
            chance.choice((32, 128, 512, 2048)),
        )
        options = LoadOptions(
            n_ctx=n_ctx, n_batch=n_ubatch, cache_type=cache_type, flash_attention=flash, cpu_only=True
        )
        exact = compute_buffers(path, options, log())["CPU"]
        plan = Plan(n_ctx, n_ubatch, cache_type, flash)
        compute = estimate(read_model(path).layout, (), plan).cpu.compute
        shares.append(max(0.0, abs(compute - exact) - 0.005 * MIB) / exact)
        assert shares[-1] < 0.10, (shape, plan, compute, exact)
    shares.sort()
    middle, most = shares[_COUNT // 2], shares[_COUNT * 99 // 100]
    print(f"median {middle:.2%}, 99 of 100 {most:.2%}, worst {shares[-1]:.2%}")


@pytest.mark.parametrize("cache_type", ["f16", "q8_0", "q4_0"])
@pytest.mark.parametrize("name", ["hybrid", "hybrid_bench", "one_kv_head", "wide_window"])
def test_a_million_tokens(name: str, cache_type: CacheType) -> None:
    path = miniatures.build(SHAPES[name])
    header = read_model(path)
    found = estimate(header.layout, header.tensors, Plan(1_048_576, cache_type=cache_type)).cpu
    real = real_buffers(path, 1_048_576, cache_type=cache_type)
    assert found.kv / MIB == pytest.approx(real.kv, abs=0.01)
    assert found.recurrent / MIB == pytest.approx(real.rs, abs=0.005)
    assert found.compute / MIB == pytest.approx(real.compute, abs=0.005)
