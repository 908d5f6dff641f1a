from __future__ import annotations

import random

from app.models import cascade
from app.models.contexts import typed_tokens
from app.models.fit import Candidate, Wishes
from app.models.machine import GpuMemory, Machine
from app.models.prospect import context_range, fit_at

GIB = 1024**3
SIZE = 18_166_698_432
IQ4_XS = Candidate("IQ4_XS", SIZE, cascade.layout(), cascade.tensors(SIZE))


def card(gib: float, ram_gib: int = 32) -> Machine:
    total = int(gib * GIB)
    return Machine((GpuMemory("CUDA0", "A card", total, total),), ram_gib * GIB, ram_gib * GIB)


def test_the_zones_are_where_each_context_goes() -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    draw = random.Random(seed)
    for machine in (card(19.5), card(18.6, 16), card(8, 64), Machine((), 20 * GIB, 24 * GIB)):
        found = context_range(IQ4_XS, machine, Wishes())
        ends = [zone.end for zone in found.zones]
        assert ends == sorted(set(ends))
        assert ends[-1] == found.most == 1_048_576
        assert (found.least, found.declared) == (4096, 262_144)
        for zone, before in zip(found.zones, [4096, *ends], strict=False):
            n_ctx = draw.randint(min(before + before // 16 + 256, zone.end), zone.end)
            assert fit_at(IQ4_XS, machine, Wishes(), n_ctx).where == zone.where


def test_a_small_card_runs_out_within_the_range() -> None:
    places = [zone.where for zone in context_range(IQ4_XS, card(19.5), Wishes(cache_type="f16")).zones]
    assert places[:2] == ["gpu", "split"]


def test_without_a_gpu_the_range_says_so() -> None:
    found = context_range(IQ4_XS, Machine((), 20 * GIB, 24 * GIB), Wishes())
    assert not found.has_gpu
    assert {zone.where for zone in found.zones} == {"cpu", "nowhere"}


def test_typed_contexts() -> None:
    for text, expected in (
        ("262144", 262_144), ("262,144", 262_144), (" 256K ", 262_144), ("1M", 1_048_576), ("1.5k", 1536),
        ("1,5K", 1536), ("64 k tokens", 65_536), ("100 000", 100_000), ("8192 tokens", 8192),
        ("", None), ("many", None), ("-5", None), ("1e6", None), ("1.2.3K", None), ("9" * 40, None),
        ("9" * 12 + "M", None),
    ):  # fmt: skip
        assert typed_tokens(text) == expected, text
