"""The compute buffers of a model, found by llama.cpp itself without allocating them.

With `no_alloc` llama.cpp reads a file's header, lays the graphs out and says how large its
buffers would be; weights and KV cache are neither allocated nor counted. It takes 0.05 s and the
vocabulary's time, whatever the model. Only the header has to be there: a file of the right
length with nothing behind it serves as well, so that a model can be judged before it is downloaded.

Runs in a child process of its own (`main`): app.engine.dry_run_client is the parent's side.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import llama_cpp.llama_cpp as llama

from app.engine.dry_run_client import DRY_RUN_MESSAGES, Measure, Measured, NotMeasured
from app.engine.limits import limit_memory
from app.engine.load_errors import check_file, context_error, load_error
from app.engine.native import NativeLog
from app.engine.parameters import CACHE_TYPES, context_parameters, model_parameters
from app.engine.placement import read_buffers
from app.engine.process import claim_pipes
from app.engine.values import LoadOptions
from app.errors import RequestError, UserError
from app.language import tr
from app.wire import WireError


def compute_buffers(path: Path, options: LoadOptions, log: NativeLog) -> dict[str, int]:
    """Bytes of each compute buffer by the name of its kind ("CPU", "CUDA0", "CUDA_Host", "Vulkan0").

    Exact to the hundredth of a MiB that llama.cpp prints. `options` as for a load; a context of
    0 is the model's own. A sequence, and one output, as the engine has them.

    Raises:
        ModelFileError, OutOfMemoryError, RequestError: with the reason.
    """
    if options.cache_type not in CACHE_TYPES:
        raise RequestError(tr("There is no cache type {cache_type!r}.", cache_type=options.cache_type))
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


def main() -> int:
    """The body of `cascade-desk dry-run`: one Measure on standard input, its answer on standard output."""
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # an assertion must not start a debugger
    requests, answers = claim_pipes()
    try:
        request = DRY_RUN_MESSAGES.read(requests)
    except WireError as error:
        sys.stderr.write(f"dry-run: {error}\n")
        return 1
    if not isinstance(request, Measure):
        return 1
    answers.write(DRY_RUN_MESSAGES.encode(_answer(request)))
    answers.flush()
    return 0


def _answer(request: Measure) -> Measured | NotMeasured:
    limit_memory()  # a header that lies about its sizes is refused, and nobody else suffers
    log = NativeLog()
    llama.llama_backend_init()
    try:
        return Measured(compute_buffers(Path(request.path), request.options, log))
    except UserError as error:
        return NotMeasured(error.kind, error.message, error.hint)
    except MemoryError:
        return NotMeasured("out_of_memory", tr("There is not enough memory to judge this file."))
