"""llama.cpp's parameters for a model and its context: one place for a load and for a dry run of it.

Engine's child process.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama

from app.engine.experts import overrides
from app.engine.values import LoadOptions

#: ggml types of the KV cache (enum ggml_type).
CACHE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8}
_FLASH_AUTO, _FLASH_OFF = -1, 0


def model_parameters(path: Path, options: LoadOptions) -> tuple[Any, object]:
    """The parameters for a file, and what has to stay alive for as long as they are used."""
    parameters = llama.llama_model_default_params()
    parameters.n_gpu_layers = 0 if options.cpu_only else options.n_gpu_layers
    parameters.use_extra_bufts = options.extra_buffers
    no_devices = (ctypes.c_void_p * 1)(None)
    if options.cpu_only:
        parameters.devices = ctypes.cast(no_devices, ctypes.c_void_p)
    moved = None if options.cpu_only else overrides(path, options.cpu_experts)
    if moved is not None:
        parameters.tensor_buft_overrides = ctypes.cast(moved, ctypes.c_void_p)
    return parameters, (no_devices, moved)


def context_parameters(options: LoadOptions) -> Any:
    """One sequence, one output. A context of 0 is the model's own; threads are llama.cpp's choice."""
    parameters = llama.llama_context_default_params()
    parameters.n_ctx = options.n_ctx
    parameters.n_batch = parameters.n_ubatch = options.n_batch
    parameters.n_seq_max = parameters.n_outputs_max = 1
    parameters.type_k = parameters.type_v = CACHE_TYPES[options.cache_type]
    parameters.flash_attn_type = _FLASH_AUTO if options.flash_attention else _FLASH_OFF
    parameters.offload_kqv = parameters.op_offload = not options.cpu_only
    parameters.swa_full = False
    parameters.no_perf = True
    return parameters
