"""Fit for me: which quantization, layers, cache and context a machine has room for. Pure; any thread.

A search over plans, each judged by app.models.memory, in the order in which they serve a person:
whole on the GPU in the best quantization that leaves room for long reading; then with a smaller
cache; then with experts, or else layers, in RAM; then without the GPU. What was set by hand stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any, Literal

from app.models.contexts import LEAST, longest, stops_up_to
from app.models.ggml_types import tensor_type
from app.models.layout import Layout
from app.models.machine import Machine
from app.models.memory import CacheType, Estimate, Gpu, Plan, estimate
from app.models.tensors import Tensor

Where = Literal["gpu", "split", "cpu", "nowhere"]

MIB = 1024 * 1024
#: Of each GPU: what its driver takes for a program, and what a desktop takes more of it later.
GPU_RESERVE = 700 * MIB
#: Of the RAM: the window, the system, and what else is running.
RAM_RESERVE = 2048 * MIB
#: A context that a document fits in; what a person would rather have than a finer quantization.
COMFORTABLE = 65_536
#: Without this much thinking ends in mid-thought.
LEAST_USEFUL = 16_384
#: Automatic contexts are no longer: more is a matter of choice, and costs what others need.
AUTOMATIC = 262_144
_UBATCH, _UBATCH_EXPERTS, _UBATCH_TIGHT = 512, 1024, 256
_SIXTEEN_BITS = ("F16", "BF16", "F32", "FP16")


@dataclass(frozen=True)
class Candidate:
    """A model in one quantization."""

    quantization: str
    size: int
    layout: Layout
    tensors: tuple[Tensor, ...]

    @cached_property
    def expert_blocks(self) -> int:
        return sum(block.moe for block in self.layout.blocks)


@dataclass(frozen=True)
class Wishes:
    """What a person set by hand; None leaves it to the fit."""

    quantization: str | None = None
    n_ctx: int | None = None
    n_gpu_layers: int | None = None
    cpu_experts: int | None = None
    cache_type: CacheType | None = None
    flash_attention: bool | None = None
    n_ubatch: int | None = None


@dataclass(frozen=True)
class Fit:
    """A choice, and what it takes.

    Attributes:
        where: whether the GPU holds all of it, a part, or nothing; "nowhere" if the machine can't.
        missing: bytes by which the tightest device is too small, 0 where it fits.
    """

    candidate: Candidate
    plan: Plan
    estimate: Estimate
    where: Where
    missing: int = 0

    @property
    def fits(self) -> bool:
        return self.missing == 0

    def spare(self, machine: Machine) -> int:
        """Bytes that stay free on the tightest device in use, its reserve not counted."""
        return min(room for room, _ in _rooms(self.candidate, self.plan, self.estimate, machine))


def judge(candidate: Candidate, plan: Plan, machine: Machine) -> Fit:
    """What `plan` takes, and whether it fits."""
    found = estimate(candidate.layout, candidate.tensors, plan)
    missing = max(0, -min(room for room, _ in _rooms(candidate, plan, found, machine)))
    return Fit(candidate, plan, found, "nowhere" if missing else _where(candidate, plan), missing)


def with_compute(fit: Fit, buffers: Mapping[str, int], machine: Machine) -> Fit:
    """The fit with compute buffers that llama.cpp itself has told, by their names (engine.dry_run)."""
    names = {device.name for device in fit.estimate.devices[1:]}
    in_ram = sum(size for name, size in buffers.items() if name not in names)
    devices = (
        replace(fit.estimate.cpu, compute=in_ram),
        *(replace(device, compute=buffers.get(device.name, 0)) for device in fit.estimate.devices[1:]),
    )
    exact = replace(fit.estimate, devices=devices)
    missing = max(0, -min(room for room, _ in _rooms(fit.candidate, fit.plan, exact, machine)))
    where = "nowhere" if missing else _where(fit.candidate, fit.plan)
    return replace(fit, estimate=exact, missing=missing, where=where)


def working_bytes(found: Estimate) -> int:
    """Cache and compute buffers on all devices: what is not weights or recurrent state."""
    return sum(device.kv + device.compute + device.output for device in found.devices)


def gpus_of(machine: Machine) -> tuple[Gpu, ...]:
    """The machine's GPUs as a plan wants them."""
    return tuple(Gpu(gpu.name, gpu.free) for gpu in machine.gpus)


def can_quantize_cache(layout: Layout, *, flash_attention: bool) -> bool:
    """Whether the KV cache can be q8_0 or q4_0. Source: llama_init_from_model in src/llama-context.cpp."""
    heads = (layout.key_length, layout.value_length, layout.key_length_swa, layout.value_length_swa)
    return flash_attention and not any(length % tensor_type("q8_0").block for length in heads)


def copied_cache(layout: Layout, plan: Plan) -> int:
    """Bytes of the f16 copy of one block's cache that CUDA makes of a quantized one."""
    if plan.cache_type in ("f16", "f32"):
        return 0
    widest = max((sum(layout.kv_elements(block)) for block in layout.blocks), default=0)
    return 2 * widest * plan.n_ctx


def _rooms(candidate: Candidate, plan: Plan, found: Estimate, machine: Machine) -> Iterator[tuple[int, str]]:
    """What is left on each device, reserve taken off; negative where it is too small."""
    in_ram = found.cpu.total
    for gpu, device in zip(machine.gpus, found.devices[1:], strict=False):
        if not device.total:
            continue
        taken = device.total + (copied_cache(candidate.layout, plan) if device.kv else 0)
        in_ram += taken if gpu.shared else 0
        yield gpu.free - GPU_RESERVE - taken, gpu.name
    yield machine.ram_free - min(RAM_RESERVE, machine.ram_total // 4) - in_ram, "CPU"


def _where(candidate: Candidate, plan: Plan) -> Where:
    n_layers = len(candidate.layout.blocks) + 1
    if not plan.gpus or not plan.n_gpu_layers:
        return "cpu"
    whole = plan.n_gpu_layers < 0 or plan.n_gpu_layers >= n_layers
    return "gpu" if whole and not plan.cpu_experts else "split"


# ---- the search ---------------------------------------------------------------------------


def fit_for_me(candidates: Sequence[Candidate], machine: Machine, wishes: Wishes = Wishes()) -> Fit:
    """The best fit of `candidates` (one at least), or the one that misses least, with `where` "nowhere"."""
    chosen = _choosable(candidates, wishes)
    attempts = [_whole(chosen, machine, wishes), _tight(chosen, machine, wishes)]
    if machine.gpus:
        attempts += [_experts_in_ram(chosen, machine, wishes), _layers_in_ram(chosen, machine, wishes)]
    attempts.append(_without_gpu(chosen, machine, wishes))
    best: Fit | None = None
    for fit in chain.from_iterable(attempts):
        if fit.fits:
            return _widened(fit, machine, wishes)
        if best is None or fit.missing < best.missing:
            best = fit
    assert best is not None
    return best


def kept_fit(candidate: Candidate, machine: Machine, wishes: Wishes, present: Plan) -> Fit | None:
    """The context that was set, with all else as it is in `present`: only the context is made anew then.

    None where no context was set, where another place was set by hand, or where it doesn't fit so.
    """
    places = ("n_gpu_layers", "cpu_experts")
    moved = any(getattr(wishes, name) not in (None, getattr(present, name)) for name in places)
    if wishes.n_ctx is None or moved or [gpu.name for gpu in present.gpus] != [g.name for g in machine.gpus]:
        return None
    same = {name: getattr(present, name) for name in (*places, "cache_type", "n_ubatch", "flash_attention")}
    plan = replace(_plan(candidate, machine, wishes, wishes.n_ctx, **same), gpus=gpus_of(machine))
    fit = judge(candidate, plan, machine)
    return fit if fit.fits else None


def longest_fitting(fit: Fit, machine: Machine) -> int:
    """The longest stop of the slider at which `fit` still holds where it stands; 0 where it doesn't."""
    for n_ctx in reversed(stops_up_to(longest(fit.candidate.layout))):
        if judge(fit.candidate, replace(fit.plan, n_ctx=n_ctx), machine).fits:
            return n_ctx
    return 0


def _choosable(candidates: Sequence[Candidate], wishes: Wishes) -> list[Candidate]:
    """Largest first. 16 bits are hardly better than 8, so they are chosen by hand only."""
    named = [c for c in candidates if c.quantization == wishes.quantization] if wishes.quantization else []
    usual = [c for c in candidates if c.quantization.upper() not in _SIXTEEN_BITS]
    return sorted(named or usual or candidates, key=lambda c: -c.size)


def _plan(candidate: Candidate, machine: Machine, wishes: Wishes, n_ctx: int, **changes: Any) -> Plan:
    plan = Plan(
        n_ctx=min(n_ctx, longest(candidate.layout)),
        n_ubatch=_UBATCH,
        n_gpu_layers=-1 if machine.gpus else 0,
        gpus=gpus_of(machine),
    )
    plan = replace(plan, **changes)
    by_hand: dict[str, Any] = {
        "n_ctx": wishes.n_ctx,
        "n_gpu_layers": wishes.n_gpu_layers,
        "cpu_experts": wishes.cpu_experts,
        "cache_type": wishes.cache_type,
        "flash_attention": wishes.flash_attention,
        "n_ubatch": wishes.n_ubatch,
    }
    plan = replace(plan, **{name: value for name, value in by_hand.items() if value is not None})
    return replace(plan, n_ctx=min(plan.n_ctx, longest(candidate.layout)))


def _whole(candidates: Iterable[Candidate], machine: Machine, wishes: Wishes) -> Iterator[Fit]:
    """All on the GPU: the best quantization that leaves room for a comfortable context."""
    for candidate in candidates if machine.gpus else ():
        yield judge(candidate, _plan(candidate, machine, wishes, COMFORTABLE), machine)


def _tight(candidates: list[Candidate], machine: Machine, wishes: Wishes) -> Iterator[Fit]:
    """The smallest on the GPU with a smaller cache, smaller steps, a shorter context."""
    if not machine.gpus:
        return
    smallest = candidates[-1]
    steps: tuple[tuple[int, dict[str, Any]], ...] = (
        (COMFORTABLE, {"cache_type": "q8_0"}),
        (COMFORTABLE, {"cache_type": "q8_0", "n_ubatch": _UBATCH_TIGHT}),
        (LEAST_USEFUL, {}),
        (LEAST_USEFUL, {"cache_type": "q8_0", "n_ubatch": _UBATCH_TIGHT}),
    )
    quantized = can_quantize_cache(smallest.layout, flash_attention=wishes.flash_attention is not False)
    for n_ctx, changes in steps:
        possible = changes if quantized else {**changes, "cache_type": "f16"}
        yield judge(smallest, _plan(smallest, machine, wishes, n_ctx, **possible), machine)


def _experts_in_ram(candidates: list[Candidate], machine: Machine, wishes: Wishes) -> Iterator[Fit]:
    """As few experts in RAM as a comfortable context needs; large steps, since they are copied over."""
    smallest = candidates[-1]
    if not smallest.expert_blocks or wishes.cpu_experts == 0:
        return
    for n_ctx, n_ubatch in ((AUTOMATIC // 2, _UBATCH_EXPERTS), (LEAST_USEFUL, _UBATCH)):

        def fit_of(count: int, n_ctx: int = n_ctx, n_ubatch: int = n_ubatch) -> Fit:
            plan = _plan(smallest, machine, wishes, n_ctx, cpu_experts=count, n_ubatch=n_ubatch)
            return judge(smallest, plan, machine)

        yield from _fewest(range(1, smallest.expert_blocks + 1), fit_of)


def _layers_in_ram(candidates: list[Candidate], machine: Machine, wishes: Wishes) -> Iterator[Fit]:
    """As many layers on the GPU as there is room for."""
    smallest = candidates[-1]
    total = len(smallest.layout.blocks) + 1
    left_out = range(1, total)
    yield from _fewest(
        left_out,
        lambda out: judge(
            smallest, _plan(smallest, machine, wishes, LEAST_USEFUL, n_gpu_layers=total - out), machine
        ),
    )


def _without_gpu(candidates: list[Candidate], machine: Machine, wishes: Wishes) -> Iterator[Fit]:
    """The smallest: a processor is as fast as it reads the weights."""
    smallest = candidates[-1]
    alone = replace(machine, gpus=())
    for n_ctx in (COMFORTABLE, LEAST_USEFUL, LEAST):
        yield judge(smallest, _plan(smallest, alone, wishes, n_ctx, n_gpu_layers=0), alone)


def _fewest(counts: range, fit_of: Callable[[int], Fit]) -> Iterator[Fit]:
    """The first of `counts` that fits, by halving; or the last, which misses least."""
    first, last = 0, len(counts) - 1
    if not counts:
        return
    while first < last:
        middle = (first + last) // 2
        if fit_of(counts[middle]).fits:
            last = middle
        else:
            first = middle + 1
    yield fit_of(counts[first])


def _widened(fit: Fit, machine: Machine, wishes: Wishes) -> Fit:
    """The same with the longest context up to `AUTOMATIC` that fits, unless one was set."""
    if wishes.n_ctx is not None or fit.where == "cpu":
        return fit  # without a GPU a longer one would be read for hours
    most = min(AUTOMATIC, longest(fit.candidate.layout))
    for n_ctx in reversed(stops_up_to(most)):
        if n_ctx <= fit.plan.n_ctx:
            return fit
        wider = judge(fit.candidate, replace(fit.plan, n_ctx=n_ctx), machine)
        if wider.fits:
            return wider
    return fit
