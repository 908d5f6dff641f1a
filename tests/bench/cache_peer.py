"""A peer in a process of its own, for the cases of the cache.

    python -m tests.bench.cache_peer server MODEL CONTEXT FOLDER RAM_MIB
    python -m tests.bench.cache_peer llama MODEL CONTEXT FOLDER

The server is llama.cpp's own: it prints its address and answers by HTTP. The high-level `Llama`
reads one JSON job a line: {"prompt", "n", "grammar"}, {"save": path} or {"load": path}.
"""

from __future__ import annotations

import ctypes
import json
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench.cache_runner import BATCH, THREADS

_CHECKPOINTS = 64


def serve(model: str, n_ctx: str, folder: str, ram_mib: str) -> Any:
    """Start the server; its address, and the server, which ends with its last reference."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = int(n_ctx), BATCH, BATCH
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = THREADS
    parameters.n_parallel, parameters.fit_params, parameters.use_jinja = 1, False, True
    parameters.cache_ram_mib, parameters.n_ctx_checkpoints = int(ram_mib), _CHECKPOINTS
    parameters.slot_save_path = folder + os.sep
    # Nothing may answer to anything but this machine.
    parameters.hostnames = ["127.0.0.1"]
    return xllamacpp.Server(parameters)


class HighLevel:
    """llama-cpp-python's `Llama` with its cache in RAM, which may hold two conversations."""

    def __init__(self, model: str, n_ctx: str, _folder: str) -> None:
        from llama_cpp import Llama, LlamaGrammar, LlamaRAMCache

        self._llama: Any = Llama(
            model,
            n_ctx=int(n_ctx),
            n_batch=BATCH,
            n_ubatch=BATCH,
            n_threads=THREADS,
            n_threads_batch=THREADS,
            flash_attn=True,
            verbose=False,
        )
        self._grammar: Any = LlamaGrammar
        self._cache = LlamaRAMCache()
        self._llama.set_cache(self._cache)
        self._evaluated, self._first = 0, 0.0
        self._llama.eval = self._counted(self._llama.eval)
        self._llama.generate = self._timed(self._llama.generate)

    def _counted(self, evaluate: Callable[..., None]) -> Callable[..., None]:
        def eval_(tokens: Any) -> None:
            evaluate(tokens)
            self._evaluated += len(tokens)

        return eval_

    def _timed(self, generate: Callable[..., Any]) -> Callable[..., Any]:
        def generate_(*arguments: Any, **more: Any) -> Any:
            for number, token in enumerate(generate(*arguments, **more)):
                if not number:
                    self._first, self._read = perf_counter(), self._evaluated
                yield token

        return generate_

    def run(self, job: dict[str, Any]) -> dict[str, Any]:
        if "save" in job:
            Path(job["save"]).write_bytes(pickle.dumps(self._llama.save_state()))
            return {}
        if "load" in job:
            return {"loaded": self._load(Path(job["load"]))}
        begun, self._evaluated = perf_counter(), 0
        tokens = self._llama.tokenize(job["prompt"].encode(), add_bos=False, special=True)
        grammar = self._grammar.from_string(job["grammar"], verbose=False)
        answer = self._llama.create_completion(tokens, max_tokens=job["n"], temperature=0.0, grammar=grammar)
        # What the first conversation takes: the budget of the others is twice that, too.
        self._cache.capacity_bytes = min(self._cache.capacity_bytes, 2 * self._cache.cache_size)
        return {"read": self._read, "first_s": self._first - begun, "text": answer["choices"][0]["text"]}

    def _load(self, path: Path) -> bool:
        """A state of another context size is refused, one way or another."""
        try:
            self._llama.load_state(pickle.loads(path.read_bytes()))
        except (RuntimeError, ValueError):
            self._llama.reset()
            return False
        return True


def main() -> None:
    kind, *arguments = sys.argv[1:]
    # Native code prints to standard output: answers go to a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(what: dict[str, Any]) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    if kind == "server":
        server = serve(*arguments)
        answer({"address": server.listening_address})
        sys.stdin.read()
    else:
        high_level = HighLevel(*arguments)
        answer({})
        for line in sys.stdin:
            answer(high_level.run(json.loads(line)))
    # Leaving the usual way would run native destructors of a thread pool that is still in use.
    ctypes.CDLL(None).fflush(None)
    os._exit(0)


if __name__ == "__main__":
    main()
