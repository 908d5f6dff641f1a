"""From a fit to the options of a load."""

from __future__ import annotations

from dataclasses import replace

from app.engine.values import LoadOptions
from app.models.fit import Fit


def options_of(options: LoadOptions, fit: Fit) -> LoadOptions:
    """`options` with what the fit has chosen."""
    plan = fit.plan
    return replace(
        options,
        n_ctx=plan.n_ctx,
        n_gpu_layers=plan.n_gpu_layers,
        # A GPU that is too small must not be given the large steps either.
        cpu_only=options.cpu_only or not plan.gpus,
        cpu_experts=plan.cpu_experts,
        n_batch=plan.n_ubatch,
        cache_type=plan.cache_type,
        flash_attention=plan.flash_attention,
    )
