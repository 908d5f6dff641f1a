"""The estimate against the log of llama.cpp, to the last digit that it prints; and the real model's table."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from app.models.gguf import ModelHeader, read_model
from app.models.layout import Block, Experts, Layout, RecurrentShape
from app.models.memory import (
    CacheType,
    DeviceMemory,
    Gpu,
    Plan,
    estimate,
    kv_bytes,
    layer_devices,
    padded_ctx,
    swa_cells,
)
from app.models.tensors import Tensor
from tests import miniatures
from tests.models.buffers import MIB, Buffers, real_buffers
from tests.models.shapes import SHAPES

K, M = 1024, 1024 * 1024
PATTERN = miniatures.REAL.blocks


def printed(n_bytes: int) -> float:
    """As llama.cpp prints it."""
    return float(f"{n_bytes / MIB:.2f}")


def compare(header: ModelHeader, plan: Plan, real: Buffers) -> None:
    found = estimate(header.layout, header.tensors, plan).cpu
    parts = [
        sum(
            kv_bytes(header.layout, block, plan) for block in header.layout.blocks if block.sliding == sliding
        )
        for sliding in (False, True)
    ]
    assert [printed(part) for part in parts if part] == list(real.kv_parts)
    assert found.kv == sum(parts)
    assert printed(found.weights) == real.model
    assert printed(found.recurrent) == real.rs
    assert printed(found.output) == real.output
    assert found.compute == pytest.approx(real.compute * MIB, rel=0.1, abs=0.005 * MIB)


@pytest.mark.parametrize("cache_type", ["f16", "q8_0", "q4_0"])
@pytest.mark.parametrize("n_ctx", [4 * K, 64 * K, 256 * K])
@pytest.mark.parametrize("name", SHAPES)
def test_as_the_log_says(name: str, n_ctx: int, cache_type: CacheType) -> None:
    path = miniatures.build(SHAPES[name])
    compare(
        read_model(path), Plan(n_ctx, cache_type=cache_type), real_buffers(path, n_ctx, cache_type=cache_type)
    )


@pytest.mark.parametrize(
    ("n_ctx", "cache_type"), [(4 * K, "f16"), (4 * K, "q8_0"), (4 * K, "q4_0"), (64 * K, "q4_0")]
)
def test_the_starter_as_the_log_says(starter: Path, n_ctx: int, cache_type: CacheType) -> None:
    plan = Plan(n_ctx, cache_type=cache_type)
    compare(read_model(starter), plan, real_buffers(starter, n_ctx, cache_type=cache_type))


@pytest.mark.parametrize("name", ["hybrid", "full_heads", "sliding", "wide_window"])
def test_odd_contexts_small_steps_and_no_flash_attention(name: str) -> None:
    path = miniatures.build(SHAPES[name])
    header = read_model(path)
    for n_ctx, n_ubatch, flash, mmap in (
        (100, 512, True, True),
        (1000, 64, False, False),
        (5001, 2048, True, False),
    ):
        real = real_buffers(path, n_ctx, n_ubatch=n_ubatch, flash_attention=flash, mmap=mmap)
        compare(header, Plan(n_ctx, n_ubatch, flash_attention=flash), real)


def test_the_models_own_context() -> None:
    path = miniatures.build(SHAPES["recurrent"])
    header = read_model(path)
    assert estimate(header.layout, header.tensors, Plan(0)).n_ctx == header.layout.context_length


# ---- the model this app exists for ---------------------------------------------------------


def real_layout() -> Layout:
    """The published shape: 52 blocks, of which 6 attend, 23 are recurrent and 23 hold experts."""
    kinds = {
        "M": Block(recurrent=True),
        "E": Block(moe=True, feed_forward=1856),
        "*": Block(attention=True, has_kv=True, heads=32, kv_heads=2),
    }
    return Layout(
        architecture="nemotron_h_moe",
        context_length=1_048_576,
        embedding=2688,
        vocabulary=131_072,
        blocks=tuple(kinds[letter] for letter in PATTERN),
        key_length=128,
        value_length=128,
        recurrent=RecurrentShape(4, 4096, 128, 8, 64, 3 * (4096 + 2 * 8 * 128), 128 * 4096),
        experts=Experts(128, 6, 1856, 3712, biased=True),
        gated=False,
    )


@pytest.mark.parametrize(
    ("n_ctx", "cache_type", "mib"),
    [
        (4096, "f16", 24), (4096, "q8_0", 12.75), (4096, "q4_0", 6.75),
        (262_144, "f16", 1536), (262_144, "q8_0", 816), (262_144, "q4_0", 432),
        (1_048_576, "f16", 6144), (1_048_576, "q8_0", 3264), (1_048_576, "q4_0", 1728),
    ],
)  # fmt: skip
def test_the_cache_of_the_real_model_to_the_byte(n_ctx: int, cache_type: CacheType, mib: float) -> None:
    found = estimate(real_layout(), (), Plan(n_ctx, cache_type=cache_type))
    assert found.cpu.kv == mib * MIB
    assert found.cpu.kv == n_ctx * {"f16": 6144, "q8_0": 3264, "q4_0": 1728}[cache_type]
    assert found.cpu.recurrent == 49_930_240


def test_the_layout_of_the_real_model_is_what_its_header_says(tmp_path: Path) -> None:
    path = tmp_path / "real.gguf"
    miniatures.header_only(miniatures.REAL, path)
    header = read_model(path)
    found, by_hand = header.layout, real_layout()
    assert [(b.attention, b.recurrent, b.moe, b.kv_heads) for b in found.blocks] == [
        (b.attention, b.recurrent, b.moe, b.kv_heads) for b in by_hand.blocks
    ]
    assert (found.recurrent, found.experts) == (by_hand.recurrent, by_hand.experts)
    for plan in (Plan(4096), Plan(1_048_576, cache_type="q8_0")):
        ours, theirs = (estimate(layout, (), plan).cpu for layout in (by_hand, found))
        assert (ours.kv, ours.recurrent) == (theirs.kv, theirs.recurrent)
        assert ours.compute == pytest.approx(theirs.compute, rel=0.01)
    # Two bytes for each weight in matrices: 31 billion of them.
    assert estimate(found, header.tensors, Plan(4096)).cpu.weights == 61_770_064_128


# ---- devices ------------------------------------------------------------------------------

ONE = (Gpu("CUDA0", 24 * 1024 * MIB),)
TWO = (Gpu("CUDA0", 16 * 1024 * MIB), Gpu("CUDA1", 8 * 1024 * MIB))


def by_name(header: ModelHeader, plan: Plan) -> dict[str, DeviceMemory]:
    return {device.name: device for device in estimate(header.layout, header.tensors, plan).devices}


def size(tensors: tuple[Tensor, ...], *beginnings: str) -> int:
    return sum(-(-t.n_bytes // 128) * 128 for t in tensors if t.name.startswith(beginnings))


def test_layers_go_to_the_gpu_from_the_last_one_up() -> None:
    layout = read_model(miniatures.hybrid()).layout
    for n_gpu_layers, expected in (
        (0, "000000000"), (1, "000000001"), (3, "000000111"), (9, "111111111"), (99, "111111111"),
        (-1, "111111111"),
    ):  # fmt: skip
        placed = layer_devices(layout, Plan(256, n_gpu_layers=n_gpu_layers, gpus=ONE))
        assert "".join(map(str, placed)) == expected
    assert set(layer_devices(layout, Plan(256, n_gpu_layers=-1))) == {0}


def test_several_gpus_share_by_their_free_memory() -> None:
    """Two thirds and a third of the layers that are moved."""
    layout = read_model(miniatures.hybrid()).layout
    placed = layer_devices(layout, Plan(256, n_gpu_layers=-1, gpus=TWO))
    assert "".join(map(str, placed)) == "111111222"
    placed = layer_devices(layout, Plan(256, n_gpu_layers=6, gpus=TWO))
    assert "".join(map(str, placed)) == "000111122"
    nothing_free = (Gpu("A", 0), Gpu("B", 0))
    assert set(layer_devices(layout, Plan(256, n_gpu_layers=-1, gpus=nothing_free))) <= {1, 2}


def test_weights_on_one_gpu() -> None:
    header = read_model(miniatures.hybrid())
    found = by_name(header, Plan(4096, n_gpu_layers=3, gpus=ONE))
    assert found["CUDA0"].weights == size(header.tensors, "blk.6.", "blk.7.", "output")
    assert found["CPU"].weights == sum(t.n_bytes for t in header.tensors) - sum(
        t.n_bytes for t in header.tensors if t.name.startswith(("blk.6.", "blk.7.", "output"))
    )
    # Block 6 attends, and no block from there on is recurrent.
    assert (found["CUDA0"].kv, found["CPU"].kv) == (4096 * 2 * 2 * 32, 4096 * 2 * 2 * 32)
    assert found["CUDA0"].recurrent == 0
    assert found["CPU"].recurrent == 3 * 4 * (576 + 2048)


def test_the_input_stays_on_the_cpu() -> None:
    header = read_model(miniatures.hybrid())
    found = by_name(header, Plan(4096, n_gpu_layers=-1, gpus=ONE))
    assert found["CPU"].weights == size(header.tensors, "token_embd")
    assert found["CPU"].kv == found["CPU"].recurrent == 0


def test_tied_embeddings_are_held_twice(starter: Path) -> None:
    header = read_model(starter)
    assert not any(tensor.name == "output.weight" for tensor in header.tensors)
    whole = size(header.tensors, "")
    found = by_name(header, Plan(4096, n_gpu_layers=-1, gpus=ONE))
    assert found["CPU"].weights == size(header.tensors, "token_embd")
    assert found["CUDA0"].weights == whole
    assert by_name(header, Plan(4096))["CPU"].weights == whole


def test_experts_on_the_cpu() -> None:
    header = read_model(miniatures.hybrid())
    without, one, all_of_them = (
        by_name(header, Plan(4096, n_gpu_layers=-1, cpu_experts=count, gpus=ONE)) for count in (0, 1, 99)
    )
    moved = [t for t in header.tensors if t.is_expert]
    first = [t for t in moved if t.block == 1]
    assert without["CUDA0"].weights - one["CUDA0"].weights == sum(t.n_bytes for t in first)
    assert one["CPU"].weights - without["CPU"].weights == sum(t.n_bytes for t in first)
    assert without["CUDA0"].weights - all_of_them["CUDA0"].weights == sum(t.n_bytes for t in moved)
    # A large step takes the experts over one tensor at a time; single tokens don't.
    extra = one["CUDA0"].compute - without["CUDA0"].compute
    assert extra == max(t.n_bytes for t in first)
    step = [by_name(header, Plan(4096, 8, n_gpu_layers=-1, cpu_experts=c, gpus=ONE)) for c in (0, 1)]
    assert step[0]["CUDA0"].compute == step[1]["CUDA0"].compute


def test_the_sum_over_devices_is_that_of_the_cpu_alone() -> None:
    """But for compute buffers, padding, and nothing else."""
    header = read_model(miniatures.build(SHAPES["mixture"]))
    alone = estimate(header.layout, header.tensors, Plan(4096)).cpu
    for n_gpu_layers in range(5):
        devices = estimate(
            header.layout, header.tensors, Plan(4096, n_gpu_layers=n_gpu_layers, gpus=TWO)
        ).devices
        assert sum(device.kv for device in devices) == alone.kv
        assert sum(device.weights for device in devices) == pytest.approx(alone.weights, abs=128 * 60)


def test_a_gpu_needs_the_mask_and_the_host_too() -> None:
    found = by_name(read_model(miniatures.plain()), Plan(262_144, n_gpu_layers=-1, gpus=ONE))
    mask = 262_144 * 512 * 2
    assert found["CUDA0"].compute > mask
    assert mask < found["CPU"].compute < 1.1 * mask


def test_several_gpus_in_a_pipeline_hold_the_inputs_four_times() -> None:
    """Only where every layer is on them, and no experts are kept away."""
    header = read_model(miniatures.plain())
    mask = 65_536 * 512 * 2
    twins = (Gpu("A", 8 * 1024 * MIB), Gpu("B", 8 * 1024 * MIB))
    for n_gpu_layers, cpu_experts, copies in ((-1, 0, 4), (4, 0, 1), (-1, 1, 1)):
        plan = Plan(65_536, n_gpu_layers=n_gpu_layers, cpu_experts=cpu_experts, gpus=twins)
        found = by_name(header, plan)
        assert all(copies * mask < found[gpu.name].compute < (copies + 0.5) * mask for gpu in twins)


def test_prediction_blocks_are_not_loaded() -> None:
    header = read_model(miniatures.plain())
    layout = header.layout
    fewer = Layout(**{**vars(layout), "prediction_blocks": 1})
    whole = estimate(layout, header.tensors, Plan(4096)).cpu.weights
    assert whole - estimate(fewer, header.tensors, Plan(4096)).cpu.weights == size(header.tensors, "blk.3.")


# ---- numbers --------------------------------------------------------------------------------


def test_the_context_is_padded() -> None:
    assert [padded_ctx(n) for n in (1, 256, 257, 4096, 5000)] == [256, 256, 512, 4096, 5120]


def test_cells_of_the_window() -> None:
    """The window and a step, padded; never more than the context."""
    layout = read_model(miniatures.sliding()).layout
    for n_ctx, n_ubatch, cells in ((4096, 512, 768), (4096, 64, 256), (300, 512, 512), (100_000, 2048, 2304)):
        assert swa_cells(layout, Plan(n_ctx, n_ubatch)) == cells
    assert swa_cells(layout, Plan(4096, swa_full=True)) == 4096


def test_every_cache_type_has_a_size() -> None:
    for cache_type in get_args(CacheType):
        assert estimate(real_layout(), (), Plan(4096, cache_type=cache_type)).total > 0
