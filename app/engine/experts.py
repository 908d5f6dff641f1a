"""Keeps the experts of some blocks on the CPU, as llama.cpp's own `--n-cpu-moe` does.

Engine's child process only.
"""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import Any

from app.engine.ggml import function
from app.engine.identity import model_files

#: LLM_FFN_EXPS_REGEX in common/common.h of the pinned llama.cpp.
_EXPERTS = r"ffn_(up|down|gate|gate_up)_(ch|)exps"
_TENSOR = re.compile(rf"blk\.(\d+)\.{_EXPERTS}".encode())


class _Override(ctypes.Structure):
    """struct llama_model_tensor_buft_override of llama.h; a NULL pattern ends a list of them."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buft", ctypes.c_void_p))


class _InitParameters(ctypes.Structure):
    """struct gguf_init_params of gguf.h."""

    _fields_ = (("no_alloc", ctypes.c_bool), ("ctx", ctypes.c_void_p))


def expert_blocks(path: Path) -> list[int]:
    """The blocks of a model that have experts, in order; those of a file that can't be read are none.

    llama.cpp itself reads the header: the load that follows says what is wrong with it.
    """
    found: set[int] = set()
    for part in model_files(path):
        found.update(int(match.group(1)) for match in map(_TENSOR.match, _tensor_names(part)) if match)
    return sorted(found)


def overrides(path: Path, cpu_experts: int) -> Any | None:
    """A value for `tensor_buft_overrides`; None where nothing is to be moved. Keep it alive."""
    blocks = expert_blocks(path)[:cpu_experts] if cpu_experts > 0 else []
    if not blocks:
        return None
    cpu = function("ggml_backend_cpu_buffer_type", ctypes.c_void_p)()
    # One pattern for all: llama.cpp compiles each of them anew for each tensor.
    pattern = rf"^blk\.({'|'.join(map(str, blocks))})\.{_EXPERTS}".encode()
    return (_Override * 2)(_Override(pattern, cpu), _Override(None, None))


def _tensor_names(path: Path) -> list[bytes]:
    handle, number = ctypes.c_void_p, ctypes.c_int64
    begin = function("gguf_init_from_file", handle, ctypes.c_char_p, _InitParameters)
    count = function("gguf_get_n_tensors", number, handle)
    name = function("gguf_get_tensor_name", ctypes.c_char_p, handle, number)
    header = begin(str(path).encode("utf-8", "surrogateescape"), _InitParameters(True, None))
    if not header:
        return []
    try:
        return [name(header, index) for index in range(count(header))]
    finally:
        function("gguf_free", None, handle)(header)
