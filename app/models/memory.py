"""How much memory a model takes on each device, from its header alone.

Pure arithmetic in the way llama.cpp allocates (pinned version): weights as load_tensors in
src/llama-model.cpp distributes them, the KV cache of src/llama-kv-cache.cpp and its `-iswa`
twin, the recurrent state of src/llama-memory-recurrent.cpp, the compute buffers of
app.models.compute. One sequence, as the engine runs. Any thread; nothing is read or loaded.

Not counted: what a driver takes for itself, and on CUDA the f16 copy of a quantized cache.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from app.models.compute import Step, graph_bytes, input_bytes
from app.models.ggml_types import tensor_type
from app.models.layout import Block, Layout
from app.models.tensors import Tensor

CacheType = Literal["f16", "f32", "q8_0", "q4_0"]

#: GGML_PAD in llama_context's constructor, and of the cache with a sliding window.
_CTX_PAD = 256
#: TENSOR_ALIGNMENT of ggml/src/ggml-impl.h, and the alignment of CUDA's buffers.
_CPU_ALIGNMENT, _GPU_ALIGNMENT = 32, 128
#: GGML_SCHED_MAX_COPIES: inputs are held so often where several GPUs work in a pipeline.
_PIPELINE_COPIES = 4
#: llama.cpp moves a step to the GPU although its weights are not there from this many tokens on.
_OFFLOAD_TOKENS = 32
_INPUT_TENSORS = ("token_embd", "position_embd", "token_types", "per_layer_token_embd")


@dataclass(frozen=True)
class Gpu:
    """A device to put layers on; `free_bytes` decides how several share them."""

    name: str
    free_bytes: int


@dataclass(frozen=True)
class Plan:
    """How a model would be loaded.

    Attributes:
        n_ctx: context in tokens, before padding; 0 for the model's own.
        n_ubatch: tokens of a step of prefill.
        cache_type: of keys and values.
        n_gpu_layers: layers on the GPUs from the last one up, the output layer first; -1 for all.
        cpu_experts: blocks, from the first one with experts on, whose experts stay on the CPU.
        n_outputs: tokens of a step whose logits are wanted.
        swa_full: whether a cache with a sliding window is as large as the others.
    """

    n_ctx: int
    n_ubatch: int = 512
    cache_type: CacheType = "f16"
    flash_attention: bool = True
    n_gpu_layers: int = 0
    cpu_experts: int = 0
    gpus: tuple[Gpu, ...] = ()
    n_outputs: int = 1
    swa_full: bool = False


@dataclass
class DeviceMemory:
    """Bytes on one device. `compute` of the CPU is the graph's inputs where a GPU computes."""

    name: str
    weights: int = 0
    kv: int = 0
    recurrent: int = 0
    compute: int = 0
    output: int = 0
    blocks: list[Block] = field(default_factory=list, repr=False)

    @property
    def total(self) -> int:
        return self.weights + self.kv + self.recurrent + self.compute + self.output


@dataclass(frozen=True)
class Estimate:
    """The CPU, then the GPUs in their order; and the context as llama.cpp rounds it up."""

    devices: tuple[DeviceMemory, ...]
    n_ctx: int

    @property
    def cpu(self) -> DeviceMemory:
        return self.devices[0]

    @property
    def total(self) -> int:
        return sum(device.total for device in self.devices)


def padded_ctx(n_ctx: int) -> int:
    """The context that llama.cpp makes of `n_ctx` tokens: the next multiple of 256."""
    return _padded(n_ctx, _CTX_PAD)


def swa_cells(layout: Layout, plan: Plan) -> int:
    """Cells of the cache with the sliding window.

    Source: size_swa in src/llama-kv-cache-iswa.cpp.
    """
    n_ctx = padded_ctx(plan.n_ctx or layout.context_length)
    if plan.swa_full:
        return n_ctx
    n_ubatch = min(plan.n_ubatch, plan.n_ctx or layout.context_length)
    return _padded(min(n_ctx, layout.window + n_ubatch), _CTX_PAD)


def kv_bytes(layout: Layout, block: Block, plan: Plan) -> int:
    """Bytes of the KV cache of one block.

    Without flash attention values lie transposed, and llama.cpp pads them to the widest block's.
    """
    keys, values = layout.kv_elements(block)
    if not block.has_kv:
        return 0
    if not plan.flash_attention and not layout.mla:
        values = max(_value_elements(layout, other) for other in layout.blocks)
    cells = swa_cells(layout, plan) if block.sliding else padded_ctx(plan.n_ctx or layout.context_length)
    kind = tensor_type(plan.cache_type)
    return (kind.row_bytes(keys) + kind.row_bytes(values)) * cells


def recurrent_bytes(layout: Layout, block: Block) -> int:
    """Bytes of the recurrent state of one block, always F32; it doesn't grow with the context."""
    shape = layout.recurrent
    return 4 * (shape.conv_elements + shape.state_elements) if block.recurrent else 0


def layer_devices(layout: Layout, plan: Plan) -> tuple[int, ...]:
    """The device of each block and, last, of the output layer: 0 the CPU, n the n-th GPU.

    Source: get_layer_buft_list in src/llama-model.cpp; its sums are floats of 32 bits.
    """
    n_layers = len(layout.blocks) + 1
    wanted = n_layers if plan.n_gpu_layers < 0 else min(plan.n_gpu_layers, n_layers)
    if not plan.gpus or not wanted:
        return (0,) * n_layers
    sums = list(accumulate((_float32(gpu.free_bytes) for gpu in plan.gpus), lambda a, b: _float32(a + b)))
    shares = [_float32(value / sums[-1]) if sums[-1] else 1.0 for value in sums]
    start = n_layers - wanted
    last = len(plan.gpus) - 1
    on_gpu = (min(bisect_right(shares, _float32(index / wanted)), last) + 1 for index in range(wanted))
    return (0,) * start + tuple(on_gpu)


def estimate(layout: Layout, tensors: Sequence[Tensor], plan: Plan) -> Estimate:
    """Memory on each device for `plan`; `tensors` may be empty where only the rest is wanted."""
    placed = layer_devices(layout, plan)
    devices = [DeviceMemory("CPU"), *(DeviceMemory(gpu.name) for gpu in plan.gpus)]
    loaded = layout.blocks[: len(layout.blocks) - layout.prediction_blocks]
    for block, device in zip(loaded, placed, strict=False):
        devices[device].kv += kv_bytes(layout, block, plan)
        devices[device].recurrent += recurrent_bytes(layout, block)
        devices[device].blocks.append(block)
    on_cpu = _cpu_expert_blocks(layout, plan)
    for tensor in tensors:
        _place(tensor, layout, placed, on_cpu, devices)
    if not any(tensor.name == "output.weight" for tensor in tensors) and placed[-1]:
        # Tied embeddings are looked up on the CPU, and held once more by the output layer's device.
        devices[placed[-1]].weights += sum(
            _padded(tensor.n_bytes, _GPU_ALIGNMENT)
            for tensor in tensors
            if tensor.name == "token_embd.weight"
        )
    _compute(layout, tensors, plan, placed, devices)
    devices[0].output = 4 * layout.vocabulary * plan.n_outputs
    return Estimate(tuple(devices), padded_ctx(plan.n_ctx or layout.context_length))


def _place(
    tensor: Tensor, layout: Layout, placed: Sequence[int], on_cpu: set[int], devices: list[DeviceMemory]
) -> None:
    if tensor.block is None:
        device = 0 if tensor.name.startswith(_INPUT_TENSORS) else placed[-1]
    elif tensor.block >= len(layout.blocks) - layout.prediction_blocks:
        return
    else:
        device = 0 if tensor.is_expert and tensor.block in on_cpu else placed[tensor.block]
    devices[device].weights += _padded(tensor.n_bytes, _GPU_ALIGNMENT if device else _CPU_ALIGNMENT)


def _cpu_expert_blocks(layout: Layout, plan: Plan) -> set[int]:
    with_experts = [index for index, block in enumerate(layout.blocks) if block.moe]
    return set(with_experts[: plan.cpu_experts])


def _compute(
    layout: Layout,
    tensors: Sequence[Tensor],
    plan: Plan,
    placed: Sequence[int],
    devices: list[DeviceMemory],
) -> None:
    step = _step(layout, plan)
    computed = [list(device.blocks) for device in devices]
    offloads = bool(plan.gpus) and step.n_tokens >= _OFFLOAD_TOKENS
    if offloads:
        # op_offload: the first GPU computes the large steps of what lies on the CPU, too.
        computed[1], computed[0] = computed[0] + computed[1], []
    for number, device in enumerate(devices):
        last = placed[-1] == number and not (offloads and number == 0)
        if computed[number] or last:
            alignment = _GPU_ALIGNMENT if number else _CPU_ALIGNMENT
            blocks = tuple(computed[number])
            device.compute = graph_bytes(layout, step, alignment, blocks, first=number == 0, last=last)
    if offloads or any(placed):
        inputs = input_bytes(layout, step, _CPU_ALIGNMENT)
        devices[0].compute = max(devices[0].compute, inputs)
        if offloads:
            _count_moved_weights(layout, tensors, plan, placed, devices)
        if _is_pipeline(layout, plan):
            for device in devices[1:]:
                device.compute += (_PIPELINE_COPIES - 1) * inputs * bool(device.blocks)


def _count_moved_weights(
    layout: Layout,
    tensors: Sequence[Tensor],
    plan: Plan,
    placed: Sequence[int],
    devices: list[DeviceMemory],
) -> None:
    """Room on a GPU for the largest of the weights that stay on the CPU and are copied for a large step."""
    experts = _cpu_expert_blocks(layout, plan)
    largest = [0] * len(devices)
    for tensor in tensors:
        if tensor.block is None or tensor.block >= len(placed) - 1:
            continue
        number = placed[tensor.block]
        if not number or (tensor.is_expert and tensor.block in experts):
            largest[number or 1] = max(largest[number or 1], tensor.n_bytes)
    for device, size in zip(devices[1:], largest[1:], strict=True):
        device.compute += size


def _is_pipeline(layout: Layout, plan: Plan) -> bool:
    """Source: pipeline_parallel in src/llama-context.cpp; overridden tensors turn it off."""
    everything = plan.n_gpu_layers < 0 or plan.n_gpu_layers > len(layout.blocks)
    return len(plan.gpus) > 1 and everything and not plan.cpu_experts


def _step(layout: Layout, plan: Plan) -> Step:
    n_ctx = plan.n_ctx or layout.context_length
    return Step(
        n_kv=padded_ctx(n_ctx),
        n_kv_swa=swa_cells(layout, plan),
        n_tokens=min(plan.n_ubatch, n_ctx),
        n_outputs=min(plan.n_outputs, plan.n_ubatch, n_ctx),
        cache_type=plan.cache_type,
        flash_attention=plan.flash_attention,
    )


def _value_elements(layout: Layout, block: Block) -> int:
    return (layout.value_length_swa if block.sliding else layout.value_length) * block.kv_heads


def _padded(count: int, alignment: int) -> int:
    return -(-count // alignment) * alignment


def _float32(value: float) -> float:
    rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return rounded
