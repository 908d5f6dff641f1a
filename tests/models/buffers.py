"""What llama.cpp says that it allocated for a model: the lines of its log, in MiB as printed."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama

from tests.engine.plain_llama import log

_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8}
_LINE = re.compile(r"^\w+:\s+(\S+)\s+(model|KV|RS|compute|output) buffer size =\s*([\d.]+) MiB")
MIB = 1024 * 1024


@dataclass(frozen=True)
class Buffers:
    """Sums over all buffers of a kind, in MiB to two places."""

    model: float
    kv: float
    rs: float
    compute: float
    output: float
    kv_parts: tuple[float, ...]


def real_buffers(
    path: Path,
    n_ctx: int,
    *,
    n_ubatch: int = 512,
    cache_type: str = "f16",
    flash_attention: bool = True,
    mmap: bool = True,
) -> Buffers:
    """Load the model with a context on the CPU and read what llama.cpp says."""
    native = log()
    native.lines.clear()
    parameters = llama.llama_model_default_params()
    parameters.use_extra_bufts = False
    parameters.load_mode = llama.LLAMA_LOAD_MODE_MMAP if mmap else llama.LLAMA_LOAD_MODE_NONE
    no_devices = (ctypes.c_void_p * 1)(None)
    parameters.devices = ctypes.cast(no_devices, ctypes.c_void_p)
    model = llama.llama_model_load_from_file(str(path).encode(), parameters)
    assert model, list(native.lines)
    try:
        context = llama.llama_init_from_model(model, _context(n_ctx, n_ubatch, cache_type, flash_attention))
        assert context, list(native.lines)
        llama.llama_free(context)
        return _parse(list(native.lines))
    finally:
        llama.llama_model_free(model)


def _context(n_ctx: int, n_ubatch: int, cache_type: str, flash_attention: bool) -> Any:
    parameters = llama.llama_context_default_params()
    parameters.n_ctx = n_ctx
    parameters.n_batch = parameters.n_ubatch = n_ubatch
    parameters.n_seq_max = parameters.n_outputs_max = 1
    parameters.type_k = parameters.type_v = _TYPES[cache_type]
    parameters.flash_attn_type = -1 if flash_attention else 0
    parameters.swa_full = False
    return parameters


def _parse(lines: Sequence[str]) -> Buffers:
    found: dict[str, list[float]] = {}
    for line in lines:
        match = _LINE.match(line)
        if match:
            found.setdefault(match.group(2), []).append(float(match.group(3)))
    sums = {kind: round(sum(values), 2) for kind, values in found.items()}
    return Buffers(
        model=sums.get("model", 0.0),
        kv=sums.get("KV", 0.0),
        rs=sums.get("RS", 0.0),
        compute=sums.get("compute", 0.0),
        output=sums.get("output", 0.0),
        kv_parts=tuple(found.get("KV", ())),
    )
