"""What each option of the engine is in a fit, and what it takes, in words."""

from __future__ import annotations

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
        "cache_type": f"{fit.plan.cache_type}: {words.size(kv)} for {words.count(fit.plan.n_ctx)} tokens",
        "n_batch": f"{words.count(fit.plan.n_ubatch)}: {words.size(compute)} of compute buffers",
    }
    if other_flash:
        here, there = ("On", "off") if fit.plan.flash_attention else ("Off", "on")
        working = words.size(working_bytes(fit.estimate))
        found["flash_attention"] = (
            f"{here}: {working} of cache and compute buffers; {there}: {words.size(other_flash)}"
        )
    if n_threads:
        found["n_threads"] = f"{n_threads} now"
    if not fit.plan.gpus:
        found["n_gpu_layers"] = "There is no GPU to use."
    else:
        found["n_gpu_layers"] = f"{layers} of {n_layers}: {words.size(on_gpu)} of weights on the GPU"
    if not fit.candidate.expert_blocks:
        found["cpu_experts"] = "This model has no experts."
    elif not fit.plan.gpus:
        found["cpu_experts"] = "There is no GPU to use: all of them are."
    else:
        blocks = f"{fit.plan.cpu_experts} of {fit.candidate.expert_blocks}"
        found["cpu_experts"] = f"{blocks}: {words.size(ram.weights)} of weights in RAM"
    return found
