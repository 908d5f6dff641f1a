"""The compute buffers of a model, found by llama.cpp itself without allocating them.

With `no_alloc` llama.cpp reads a file's header, lays the graphs out and says how large its
buffers would be; weights and KV cache are neither allocated nor counted. It takes 0.05 s and the
vocabulary's time, whatever the model. Only the header has to be there: a file of the right
length with nothing behind it serves as well (`write_sparse`), so that a model can be judged
before it is downloaded.

Runs on the decode thread of the engine's child process, while no model is being loaded.
"""

from __future__ import annotations

from pathlib import Path

import llama_cpp.llama_cpp as llama

from app.engine.load_errors import check_file, context_error, load_error
from app.engine.native import NativeLog
from app.engine.parameters import CACHE_TYPES, context_parameters, model_parameters
from app.engine.placement import read_buffers
from app.engine.values import LoadOptions
from app.errors import RequestError
from app.files import write_atomic


def compute_buffers(path: Path, options: LoadOptions, log: NativeLog) -> dict[str, int]:
    """Bytes of each compute buffer by the name of its kind ("CPU", "CUDA0", "CUDA_Host", "Vulkan0").

    Exact to the hundredth of a MiB that llama.cpp prints. `options` as for a load; a context of
    0 is the model's own. A sequence, and one output, as the engine has them.

    Raises:
        ModelFileError, OutOfMemoryError, RequestError: with the reason.
    """
    if options.cache_type not in CACHE_TYPES:
        raise RequestError(f"There is no cache type {options.cache_type!r}.")
    check_file(path)
    log.lines.clear()
    parameters, _held = model_parameters(path, options)
    parameters.no_alloc, parameters.load_mode = True, llama.LLAMA_LOAD_MODE_NONE
    model = llama.llama_model_load_from_file(str(path).encode("utf-8", "surrogateescape"), parameters)
    if not model:
        raise load_error(path, list(log.lines))
    try:
        log.lines.clear()
        context = llama.llama_init_from_model(model, context_parameters(options))
        if not context:
            raise context_error(options.n_ctx, list(log.lines))
        llama.llama_free(context)
        found = read_buffers(list(log.lines))
        return {name: size for (name, kind), size in found.items() if kind == "compute"}
    finally:
        llama.llama_model_free(model)


def write_sparse(path: Path, header: bytes, size: int) -> None:
    """Write a file of `size` bytes that holds `header` and else nothing, for `compute_buffers`.

    `header` is a GGUF's beginning up to the end of its table of tensors (Header.n_bytes). On a
    file system that knows holes the file takes the header's room only. Raises OSError.
    """
    write_atomic(path, header)
    with path.open("r+b") as file:
        file.truncate(max(size, len(header)))
