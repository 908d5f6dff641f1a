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
    kv = sum(device.kv for device in fit.estimate.devices)
    compute = sum(device.compute + device.output for device in fit.estimate.devices)
    n_ctx, n_ubatch = words.count(fit.plan.n_ctx), words.count(fit.plan.n_ubatch)
    cache = fit.plan.cache_type
    found = {
        "cache_type": tr("{type}: {size} for {number} tokens", type=cache, size=words.size(kv), number=n_ctx),
        "n_batch": tr("{number}: {size} of compute buffers", number=n_ubatch, size=words.size(compute)),
        "n_gpu_layers": _layers(fit),
        "cpu_experts": _experts(fit),
    }
    if other_flash:
        working, other = words.size(working_bytes(fit.estimate)), words.size(other_flash)
        found["flash_attention"] = (
            tr("On: {size} of cache and compute buffers; off: {other}", size=working, other=other)
            if fit.plan.flash_attention
            else tr("Off: {size} of cache and compute buffers; on: {other}", size=working, other=other)
        )
    if n_threads:
        found["n_threads"] = tr("{number} now", number=n_threads)
    return found


def _layers(fit: Fit) -> str:
    if not fit.plan.gpus:
        return tr("There is no GPU to use.")
    n_layers = len(fit.candidate.layout.blocks) + 1
    layers = n_layers if fit.plan.n_gpu_layers < 0 else min(fit.plan.n_gpu_layers, n_layers)
    on_gpu = words.size(sum(device.weights for device in fit.estimate.devices[1:]))
    return tr(
        "{layers} of {number}: {size} of weights on the GPU", layers=layers, number=n_layers, size=on_gpu
    )


def _experts(fit: Fit) -> str:
    if not fit.candidate.expert_blocks:
        return tr("This model has no experts.")
    if not fit.plan.gpus:
        return tr("There is no GPU to use: all of them are.")
    experts, blocks = fit.plan.cpu_experts, fit.candidate.expert_blocks
    in_ram = words.size(fit.estimate.cpu.weights)
    return tr("{experts} of {blocks}: {size} of weights in RAM", experts=experts, blocks=blocks, size=in_ram)
