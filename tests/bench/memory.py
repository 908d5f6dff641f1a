"""The memory estimate against what llama.cpp says that it allocates, for many shapes and contexts.

`error_pct` is the worst over contexts and cache types, less the half hundredth of a MiB that the
log rounds away. A million tokens are tried where the RAM is there for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from app.engine.dry_run import compute_buffers
from app.engine.limits import available_bytes
from app.engine.values import LoadOptions
from app.models.gguf import ModelHeader, read_model
from app.models.memory import CacheType, DeviceMemory, Plan, estimate
from app.models.starter import starter_path
from tests import miniatures
from tests.bench.rows import Row
from tests.engine.plain_llama import log
from tests.models.buffers import MIB, Buffers, real_buffers
from tests.models.shapes import SHAPES

_CONTEXTS = (4096, 65_536, 262_144, 1_048_576)
_ROUNDED = 0.005 * MIB
#: Exactly, but for the formula of the compute buffer.
_LIMITS = {"weights": 0.0, "kv": 0.0, "recurrent": 0.0, "compute": 10.0, "dry_run": 0.0}


def measure(_rounds: int) -> list[Row]:
    """All rows of the area."""
    starter = starter_path()
    assert starter is not None, "the starter model is not installed: make setup"
    paths = {name: miniatures.build(shape) for name, shape in SHAPES.items()} | {"starter": starter}
    rows = []
    for name, path in paths.items():
        worst = dict.fromkeys(_LIMITS, 0.0)
        count = 0
        for errors in _errors(path):
            count += 1
            worst = {what: max(worst[what], error) for what, error in errors.items()}
        for what, error in worst.items():
            rows.append(
                Row(f"memory.{what}.{name}.error_pct", error, "%", _LIMITS[what], "lower", f"{count} loads")
            )
    return rows


def _errors(path: Path) -> Iterator[dict[str, float]]:
    """Percent that the estimate is off, for each context and cache type that the RAM has room for."""
    header = read_model(path)
    for n_ctx in _CONTEXTS:
        for cache_type in get_args(CacheType):
            plan = Plan(n_ctx, cache_type=cache_type)
            found = estimate(header.layout, header.tensors, plan).cpu
            if found.total > 0.5 * (available_bytes() or 0):
                continue
            yield _compare(path, header, plan, found)


def _compare(path: Path, header: ModelHeader, plan: Plan, found: DeviceMemory) -> dict[str, float]:
    real: Buffers = real_buffers(path, plan.n_ctx, cache_type=plan.cache_type)
    options = LoadOptions(n_ctx=plan.n_ctx, cache_type=plan.cache_type, cpu_only=True)
    dry = compute_buffers(path, options, log())["CPU"]
    return {
        "weights": _off(found.weights, real.model),
        "kv": _off(found.kv, real.kv, parts=len(real.kv_parts)),
        "recurrent": _off(found.recurrent, real.rs),
        "compute": _off(found.compute, real.compute),
        "dry_run": _off(dry, real.compute),
    }


def _off(n_bytes: int, mib: float, parts: int = 1) -> float:
    """Percent between the estimate and a sum of so many printed figures."""
    off = abs(n_bytes - mib * MIB) - max(parts, 1) * _ROUNDED
    return 100 * max(0.0, off) / max(n_bytes, mib * MIB, 1)
