"""What each option of the engine is in a fit, and what it takes, in words."""

from __future__ import annotations

from app.language import tr
from app.models.fit import Fit, working_bytes
from ui import words


def costs(fit: Fit, other_flash: int = 0, n_threads: int = 0) -> dict[str, str]:
    """A line for each option that has something to say, by its name in the settings.

    Args:
        other_flash: bytes of cache and compute buffers with flash attention the other way.
        n_threads: those of the model that is loaded.
    """
    gpus, ram = fit.estimate.devices[1:], fit.estimate.cpu
    kv = sum(device.kv for device in fit.estimate.devices)
    compute = sum(device.compute + device.output for device in fit.estimate.devices)
    on_gpu = sum(device.weights for device in gpus)
    n_layers = len(fit.candidate.layout.blocks) + 1
    layers = n_layers if fit.plan.n_gpu_layers < 0 else min(fit.plan.n_gpu_layers, n_layers)
    found = {
        "cache_type": tr(
            "{cache_type}: {kv} for {n_ctx} tokens",
            cache_type=fit.plan.cache_type,
            kv=words.size(kv),
            n_ctx=words.count(fit.plan.n_ctx),
        ),
        "n_batch": tr(
            "{n_ubatch}: {compute} of compute buffers",
            n_ubatch=words.count(fit.plan.n_ubatch),
            compute=words.size(compute),
        ),
    }
    if other_flash:
        here, there = (tr("On"), "off") if fit.plan.flash_attention else (tr("Off"), "on")
        working = words.size(working_bytes(fit.estimate))
        found["flash_attention"] = tr(
            "{here}: {working} of cache and compute buffers; {there}: {other_flash}",
            here=here,
            working=working,
            there=there,
            other_flash=words.size(other_flash),
        )
    if n_threads:
        found["n_threads"] = tr("{n_threads} now", n_threads=n_threads)
    if not fit.plan.gpus:
        found["n_gpu_layers"] = tr("There is no GPU to use.")
    else:
        found["n_gpu_layers"] = tr(
            "{layers} of {n_layers}: {on_gpu} of weights on the GPU",
            layers=layers,
            n_layers=n_layers,
            on_gpu=words.size(on_gpu),
        )
    if not fit.candidate.expert_blocks:
        found["cpu_experts"] = tr("This model has no experts.")
    elif not fit.plan.gpus:
        found["cpu_experts"] = tr("There is no GPU to use: all of them are.")
    else:
        blocks = tr(
            "{cpu_experts} of {expert_blocks}",
            cpu_experts=fit.plan.cpu_experts,
            expert_blocks=fit.candidate.expert_blocks,
        )
        found["cpu_experts"] = tr(
            "{blocks}: {weights} of weights in RAM", blocks=blocks, weights=words.size(ram.weights)
        )
    return found
