"""A peer in a process of its own: `python -m tests.bench.peer bare|server MODEL THREADS CONTEXT BATCH`.

Reads one JSON job a line ({"prompt", "n_predict"}) and answers with one line: seconds of prefill
and decode as it timed them itself, and the tokens of each. The bare peer is nothing but
llama_decode and a greedy C sampler; the server is llama.cpp's own, with its own timings.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from time import perf_counter
from typing import Any


def bare(model_path: str, threads: int, context: int, batch: int) -> Any:
    """The plain loop that no program on llama.cpp can be faster than."""
    import llama_cpp.llama_cpp as llama

    llama.llama_backend_init()
    model = llama.llama_model_load_from_file(model_path.encode(), llama.llama_model_default_params())
    parameters = llama.llama_context_default_params()
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = context, batch, batch
    parameters.n_threads = parameters.n_threads_batch = threads
    parameters.n_seq_max = parameters.n_outputs_max = 1
    handle = llama.llama_init_from_model(model, parameters)
    vocab = llama.llama_model_get_vocab(model)
    sampler = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    llama.llama_sampler_chain_add(sampler, llama.llama_sampler_init_greedy())

    def run(prompt: str, n_predict: int) -> dict[str, float]:
        text = prompt.encode()
        tokens = (llama.llama_token * (len(text) + 8))()
        count = llama.llama_tokenize(vocab, text, len(text), tokens, len(tokens), True, True)
        llama.llama_memory_clear(llama.llama_get_memory(handle), False)
        begun = perf_counter()
        for at in range(0, count, batch):
            size = min(batch, count - at)
            piece = (llama.llama_token * size)(*tokens[at : at + size])
            assert llama.llama_decode(handle, llama.llama_batch_get_one(piece, size)) == 0
        read = perf_counter()
        one = (llama.llama_token * 1)()
        for step in range(n_predict):
            one[0] = llama.llama_sampler_sample(sampler, handle, -1)
            if step < n_predict - 1:
                assert llama.llama_decode(handle, llama.llama_batch_get_one(one, 1)) == 0
        done = perf_counter()
        return {"prefill_s": read - begun, "read": count, "decode_s": done - read, "generated": n_predict}

    return run


def server(model_path: str, threads: int, context: int, batch: int) -> Any:
    """llama.cpp's server inside this process, asked without HTTP; the timings are its own."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model_path
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = context, batch, batch
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.n_parallel, parameters.cache_ram_mib, parameters.n_ctx_checkpoints = 1, 0, 0
    parameters.fit_params = False
    # No HTTP listener is needed, and none may answer to anything but this machine.
    parameters.hostnames = ["127.0.0.1"]
    instance = xllamacpp.Server(parameters)

    def run(prompt: str, n_predict: int) -> dict[str, float]:
        request = {
            "prompt": prompt,
            "n_predict": n_predict,
            "temperature": 0,
            "top_k": 1,
            "cache_prompt": False,
            "ignore_eos": True,
        }
        timings = instance.handle_completions(request)["timings"]
        return {
            "prefill_s": timings["prompt_ms"] / 1000,
            "read": timings["prompt_n"],
            "decode_s": timings["predicted_ms"] / 1000,
            "generated": timings["predicted_n"],
        }

    return run


def main() -> None:
    kind, model_path, *numbers = sys.argv[1:]
    # Native code prints to standard output: answers go to a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    make = {"bare": bare, "server": server}[kind]
    run = make(model_path, *(int(number) for number in numbers))
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        job = json.loads(line)
        answers.write(json.dumps(run(job["prompt"], job["n_predict"])) + "\n")
        answers.flush()
    # Leaving the usual way would run native destructors of a thread pool that is still in use.
    ctypes.CDLL(None).fflush(None)
    os._exit(0)


if __name__ == "__main__":
    main()
