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
            "{type}: {size} for {tokens} tokens",
            type=fit.plan.cache_type,
            size=words.size(kv),
            tokens=words.count(fit.plan.n_ctx),
        ),
        "n_batch": tr(
            "{tokens}: {size} of compute buffers",
            tokens=words.count(fit.plan.n_ubatch),
            size=words.size(compute),
        ),
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
    if not fit.plan.gpus:
        found["n_gpu_layers"] = tr("There is no GPU to use.")
    else:
        found["n_gpu_layers"] = tr(
            "{layers} of {number}: {size} of weights on the GPU",
            layers=layers,
            number=n_layers,
            size=words.size(on_gpu),
        )
    if not fit.candidate.expert_blocks:
        found["cpu_experts"] = tr("This model has no experts.")
    elif not fit.plan.gpus:
        found["cpu_experts"] = tr("There is no GPU to use: all of them are.")
    else:
        found["cpu_experts"] = tr(
            "{experts} of {blocks}: {size} of weights in RAM",
            experts=fit.plan.cpu_experts,
            blocks=fit.candidate.expert_blocks,
            size=words.size(ram.weights),
        )
    return found
