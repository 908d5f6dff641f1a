"""What is chosen for machines that people have, and what holds for any machine."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.models import cascade
from app.models.catalogue import KNOWN
from app.models.contexts import longest, stops_up_to
from app.models.fit import (
    AUTOMATIC,
    COMFORTABLE,
    GPU_RESERVE,
    Candidate,
    Fit,
    Wishes,
    copied_cache,
    fit_for_me,
    gpus_of,
    judge,
    kept_fit,
    longest_fitting,
)
from app.models.fit_words import explain
from app.models.gguf import read_model
from app.models.machine import GpuMemory, Machine, machine_of
from app.models.memory import Plan
from tests import miniatures

MIB, GIB = 1024**2, 1024**3
CASCADE = [
    Candidate(file.quantization, file.size, cascade.layout(), cascade.tensors(file.size))
    for file in KNOWN[0].files
]


def machine(*gpus_mib: int, ram_gib: int = 32, used_mib: int = 300) -> Machine:
    """GPUs of so many MiB, and RAM of which 6 GiB are in use."""
    gpus = [
        GpuMemory(f"CUDA{index}", f"Card {index}", (size - used_mib) * MIB, size * MIB)
        for index, size in enumerate(gpus_mib)
    ]
    return Machine(tuple(gpus), (ram_gib - 6) * GIB, ram_gib * GIB)


MACHINES = {
    "RTX 3060": machine(12_288),
    "RTX 3090": machine(24_576),
    "RTX 4090, desktop": machine(24_564, ram_gib=64, used_mib=1536),
    "RTX 5090": machine(32_607, ram_gib=64),
    "two RTX 3090": machine(24_576, 24_576, ram_gib=64),
    "A100": machine(81_920, ram_gib=256),
    "laptop of 16 GB": machine(ram_gib=16),
    "64 GB without a GPU": machine(ram_gib=64),
}


@pytest.mark.parametrize(
    ("name", "where", "quantization", "cpu_experts", "n_ctx"),
    [
        ("RTX 3060", "split", "IQ4_XS", True, 131_072),
        ("RTX 3090", "gpu", "IQ4_XS", False, 262_144),
        ("RTX 4090, desktop", "gpu", "IQ4_XS", False, 262_144),
        ("RTX 5090", "gpu", "Q5_K_M", False, 262_144),
        ("two RTX 3090", "gpu", "Q8_0", False, 262_144),
        ("A100", "gpu", "Q8_0", False, 262_144),
        ("laptop of 16 GB", "nowhere", "IQ4_XS", False, 4096),
        ("64 GB without a GPU", "cpu", "IQ4_XS", False, 65_536),
    ],
)
def test_what_is_chosen(name: str, where: str, quantization: str, cpu_experts: bool, n_ctx: int) -> None:
    fit = fit_for_me(CASCADE, MACHINES[name])
    print(name, fit.candidate.quantization, fit.plan, explain(fit, MACHINES[name], CASCADE))
    assert (fit.where, fit.candidate.quantization, fit.plan.n_ctx) == (where, quantization, n_ctx)
    assert bool(fit.plan.cpu_experts) == cpu_experts
    assert fit.plan.cache_type == "f16"


def test_what_is_known_of_the_model_is_its_shape() -> None:
    for size in (18_166_698_432, 63_200_000_000):
        total = sum(tensor.n_bytes for tensor in cascade.tensors(size))
        assert total == pytest.approx(size, rel=1e-6)
    elements = sum(tensor.n_elements for tensor in cascade.tensors(1))
    assert elements == pytest.approx(31.58e9, rel=0.001)  # the published count
    assert longest(cascade.layout()) == 1_048_576


def test_a_candidate_from_a_header_is_as_good() -> None:
    header = read_model(miniatures.hybrid())
    candidate = Candidate(header.quantization, header.n_bytes, header.layout, header.tensors)
    fit = fit_for_me([candidate], MACHINES["RTX 3090"])
    assert (fit.where, fit.plan.n_ctx) == ("gpu", AUTOMATIC)


@pytest.mark.parametrize("free_gib", [19, 20, 21, 22])
def test_no_quantized_cache_where_llama_cpp_refuses_it(free_gib: int) -> None:
    on = Machine((GpuMemory("CUDA0", "Card", free_gib * GIB, 24 * GIB),), 26 * GIB, 32 * GIB)
    assert fit_for_me(CASCADE, on, Wishes(flash_attention=False)).plan.cache_type == "f16"
    odd = replace(CASCADE[0], layout=replace(cascade.layout(), key_length=80, value_length=80))
    assert fit_for_me([odd], on).plan.cache_type == "f16"


def test_a_context_by_hand_that_is_too_long_is_not_called_short() -> None:
    fit = fit_for_me(CASCADE, MACHINES["laptop of 16 GB"], Wishes(n_ctx=1_048_576))
    assert "even" not in explain(fit, MACHINES["laptop of 16 GB"])
    assert "even with" in explain(fit_for_me(CASCADE, machine(ram_gib=8)), machine(ram_gib=8))


@pytest.mark.parametrize(("gpus", "words"), [((900,), "Your Card 0 has"), ((900, 900), "Your 2 GPUs have")])
def test_a_gpu_that_is_too_small_keeps_its_name(gpus: tuple[int, ...], words: str) -> None:
    on = machine(*gpus, ram_gib=64)
    assert explain(fit_for_me(CASCADE, on), on).startswith(f"{words} too little memory")


# ---- what holds for any machine -----------------------------------------------------------


def held(fit: Fit, on: Machine) -> None:
    """No device takes more than it has."""
    assert fit.estimate.cpu.total <= on.ram_free
    for gpu, device in zip(on.gpus, fit.estimate.devices[1:], strict=False):
        assert device.total + GPU_RESERVE <= gpu.free or not device.total


ORDER = ("nowhere", "cpu", "split", "gpu")


def test_any_machine() -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    draw = random.Random(seed)
    for _time in range(60):
        sizes = [draw.randrange(2_000, 90_000) for _ in range(draw.choice((0, 1, 1, 2)))]
        on = machine(*sizes, ram_gib=draw.randrange(8, 200))
        fit = fit_for_me(CASCADE, on)
        if fit.fits:
            held(fit, on)
            assert longest_fitting(fit, on) >= fit.plan.n_ctx
        else:
            assert fit.where == "nowhere"
            assert "more memory" in explain(fit, on)
        larger = replace(
            on, ram_free=on.ram_free + 4 * GIB, gpus=tuple(replace(g, free=g.free + 4 * GIB) for g in on.gpus)
        )
        better = fit_for_me(CASCADE, larger)
        assert ORDER.index(better.where) >= ORDER.index(fit.where)
        if better.where == fit.where and fit.fits:
            assert better.candidate.size >= fit.candidate.size


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(quantization="Q8_0"),
        Wishes(n_ctx=524_288),
        Wishes(cache_type="q4_0"),
        Wishes(n_ubatch=128, flash_attention=True),
        Wishes(cpu_experts=23),
        Wishes(n_gpu_layers=20),
        Wishes(quantization="IQ4_XS", n_ctx=8192, cpu_experts=0, cache_type="q8_0"),
    ],
)
@pytest.mark.parametrize("name", ["RTX 4090, desktop", "A100"])
def test_what_was_set_by_hand_is_kept(name: str, wishes: Wishes) -> None:
    fit = fit_for_me(CASCADE, MACHINES[name], wishes)
    assert fit.fits
    for field in ("n_ctx", "cache_type", "n_ubatch", "flash_attention", "cpu_experts", "n_gpu_layers"):
        wish = getattr(wishes, field)
        assert wish is None or getattr(fit.plan, field) == wish or fit.where == "cpu"
    assert wishes.quantization in (None, fit.candidate.quantization)
    held(fit, MACHINES[name])


def test_a_wish_that_cannot_be_held_says_by_how_much() -> None:
    on = MACHINES["RTX 3090"]
    plan = replace(fit_for_me(CASCADE, on).plan, n_ctx=1_048_576)
    iq4 = next(candidate for candidate in CASCADE if candidate.quantization == "IQ4_XS")
    fit = judge(iq4, plan, on)
    assert not fit.fits
    assert fit.missing == -fit.spare(on) > 0


def test_another_context_leaves_the_weights_where_they_are() -> None:
    """Two blocks of experts could move to the GPU for a shorter context: the weights would be read again."""
    on, small = MACHINES["RTX 3060"], CASCADE[0]
    present = fit_for_me([small], on).plan
    shorter = kept_fit(small, on, Wishes(n_ctx=8192), present)
    assert shorter is not None
    assert fit_for_me([small], on, Wishes(n_ctx=8192)).plan.cpu_experts < present.cpu_experts
    assert shorter.plan == replace(present, n_ctx=8192)
    held(shorter, on)
    assert kept_fit(small, on, Wishes(), present) is None  # everything is to be chosen
    assert kept_fit(small, on, Wishes(n_ctx=8192, cpu_experts=23), present) is None
    assert kept_fit(small, on, Wishes(n_ctx=1_048_576), present) is None  # it doesn't fit so
    assert kept_fit(small, MACHINES["64 GB without a GPU"], Wishes(n_ctx=8192), present) is None
    other_cache = kept_fit(small, on, Wishes(n_ctx=8192, cache_type="q8_0"), present)
    assert other_cache is not None
    assert other_cache.plan.cache_type == "q8_0"


def test_a_dense_model_keeps_layers_in_ram() -> None:
    header = read_model(miniatures.build(miniatures.PLAIN))
    in_blocks = sum(tensor.n_bytes for tensor in header.tensors if tensor.block is not None)
    factor = 20 * GIB // in_blocks
    tensors = tuple(
        replace(t, n_bytes=t.n_bytes * (1 if t.block is None else factor)) for t in header.tensors
    )
    large = Candidate("Q4_K_M", 20 * GIB, header.layout, tensors)
    on = machine(16_384, ram_gib=64)
    fit = fit_for_me([large], on)
    assert fit.where == "split"
    assert 0 < fit.plan.n_gpu_layers < len(header.layout.blocks) + 1
    assert "layers" in explain(fit, on)
    held(fit, on)


def test_a_quantized_cache_is_copied_on_the_gpu() -> None:
    """About a KiB a token for the real model: both KV heads of one block in f16."""
    plan = Plan(1000, cache_type="q8_0")
    assert copied_cache(cascade.layout(), plan) == 1000 * 1024
    assert copied_cache(cascade.layout(), replace(plan, cache_type="f16")) == 0


def test_the_context_stays_comfortable_before_the_quantization_gets_finer() -> None:
    """So much room that Q5_K_M would go in with 4,096 tokens: the smaller one is taken."""
    q5 = next(candidate for candidate in CASCADE if candidate.quantization == "Q5_K_M")
    short = Plan(4096, n_gpu_layers=-1)
    roomy = machine(81_920, ram_gib=64)
    short = replace(short, gpus=gpus_of(roomy))
    needed = judge(q5, short, roomy).estimate.devices[1].total + GPU_RESERVE
    tight = machine(needed // MIB + 50, ram_gib=64, used_mib=0)
    assert judge(q5, replace(short, gpus=gpus_of(tight)), tight).fits
    fit = fit_for_me(CASCADE, tight)
    assert fit.candidate.size < q5.size
    assert fit.plan.n_ctx >= COMFORTABLE


# ---- machines and contexts ----------------------------------------------------------------


class Device:
    def __init__(self, name: str, kind: str, free: int, total: int) -> None:
        self.name, self.description, self.kind = name, f"The {name}", kind
        self.free_bytes, self.total_bytes = free, total


def test_a_machine_of_devices() -> None:
    devices = [
        Device("CUDA0", "gpu", 10 * GIB, 24 * GIB),
        Device("Vulkan1", "igpu", 10 * GIB, 16 * GIB),
        Device("CPU", "cpu", 20 * GIB, 64 * GIB),
    ]
    found = machine_of(devices, {"CUDA0": 12 * GIB, "CPU": GIB})
    assert [(gpu.name, gpu.title, gpu.free) for gpu in found.gpus] == [("CUDA0", "The CUDA0", 22 * GIB)]
    assert (found.ram_free, found.ram_total) == (21 * GIB, 64 * GIB)
    shared = machine_of(devices[1:])
    assert [(gpu.name, gpu.shared) for gpu in shared.gpus] == [("Vulkan1", True)]
    assert machine_of([]) == Machine((), 0, 0)


def test_shared_memory_counts_once() -> None:
    """Integrated graphics with 48 of 64 GiB: what is there is not in the RAM again."""
    gpu = GpuMemory("Vulkan0", "Graphics", 48 * GIB, 48 * GIB, shared=True)
    roomy = Machine((gpu,), 50 * GIB, 64 * GIB)
    assert fit_for_me(CASCADE, roomy).where == "gpu"
    small = fit_for_me(CASCADE, Machine((gpu,), 12 * GIB, 64 * GIB))
    assert small.where == "nowhere"


def test_contexts() -> None:
    header = read_model(miniatures.build(miniatures.PLAIN))
    assert longest(header.layout) == header.layout.context_length == 131_072
    assert stops_up_to(131_072)[-2:] == (65_536, 131_072)
    assert stops_up_to(1000) == (1000,)
    assert len(stops_up_to(1_048_576)) == 9
