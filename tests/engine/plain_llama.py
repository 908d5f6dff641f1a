"""llama.cpp used plainly, in this process: the reference that the engine is compared with.

Nothing of the engine is used here but its log callback, which has to outlive every model.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import llama_cpp.llama_cpp as llama

from app.engine.native import NativeLog

CONTROL_LIKE = (1 << 0) | (1 << 3) | (1 << 4)  # unknown, control, user-defined


@cache
def log() -> NativeLog:
    """llama.cpp's log, kept quiet and alive."""
    llama.llama_backend_init()
    return NativeLog()


class PlainModel:
    """A model and what llama.cpp says about its vocabulary."""

    def __init__(self, path: Path, *, vocab_only: bool = False) -> None:
        log()
        parameters = llama.llama_model_default_params()
        parameters.vocab_only = vocab_only
        self.model = llama.llama_model_load_from_file(str(path).encode(), parameters)
        assert self.model, log().lines
        self.vocab = llama.llama_model_get_vocab(self.model)

    def close(self) -> None:
        llama.llama_model_free(self.model)

    def tokenize(self, text: str, *, special: bool = True, add: bool = False) -> list[int]:
        data = text.encode()
        buffer = (ctypes.c_int32 * (len(data) + 16))()
        count = llama.llama_tokenize(self.vocab, data, len(data), buffer, len(buffer), add, special)
        assert count >= 0
        return buffer[:count]

    def piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(512)
        size = llama.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, True)
        return buffer.raw[:size]

    def text(self, tokens: Sequence[int]) -> str:
        return b"".join(self.piece(token) for token in tokens).decode()

    def specials(self) -> dict[str, int]:
        """Every token that llama.cpp matches as a whole in a text, by its text."""
        found = {}
        for token in range(llama.llama_vocab_n_tokens(self.vocab)):
            if llama.llama_vocab_get_attr(self.vocab, token) & CONTROL_LIKE:
                found[llama.llama_vocab_get_text(self.vocab, token).decode()] = token
        return found

    def greedy(
        self, prompt: Sequence[int], count: int, *, n_ctx: int = 1024, n_batch: int = 512
    ) -> list[int]:
        """`count` tokens by the highest logit, as llama.cpp's own simple example makes them."""
        steps = [prompt[start : start + n_batch] for start in range(0, len(prompt), n_batch)]
        return self.greedy_in_steps(steps, count, n_ctx=n_ctx, n_batch=n_batch)

    def greedy_in_steps(
        self, steps: Sequence[Sequence[int]], count: int, *, n_ctx: int = 1024, n_batch: int = 512
    ) -> list[int]:
        """The same with the batches of the prompt as they are given."""
        parameters = llama.llama_context_default_params()
        parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = n_ctx, n_batch, n_batch
        parameters.n_seq_max = 1
        parameters.n_threads = parameters.n_threads_batch = 1
        parameters.swa_full = False
        context = llama.llama_init_from_model(self.model, parameters)
        sampler = llama.llama_sampler_init_greedy()
        try:
            for step in steps:
                self._decode(context, step)
            found: list[int] = []
            while len(found) < count:
                token = int(llama.llama_sampler_sample(sampler, context, -1))
                found.append(token)
                if llama.llama_vocab_is_eog(self.vocab, token):
                    break
                self._decode(context, [token])
            return found
        finally:
            llama.llama_sampler_free(sampler)
            llama.llama_free(context)

    def _decode(self, context: Any, tokens: Sequence[int]) -> None:
        array = (llama.llama_token * len(tokens))(*tokens)
        assert llama.llama_decode(context, llama.llama_batch_get_one(array, len(tokens))) == 0


@contextmanager
def plain_model(path: Path, *, vocab_only: bool = False) -> Iterator[PlainModel]:
    model = PlainModel(path, vocab_only=vocab_only)
    try:
        yield model
    finally:
        model.close()


def _to_json(value: Any, **options: Any) -> str:
    return json.dumps(value, **{"ensure_ascii": False, **options})


def _raise(message: str) -> None:
    raise jinja2.TemplateError(message)


@cache
def plain_jinja(template: str) -> jinja2.Template:
    """A template in an environment set up as transformers does, and nothing more."""
    environment = jinja2.Environment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment.from_string(template)


def render(template: str, **variables: Any) -> str:
    return plain_jinja(template).render(**variables)
