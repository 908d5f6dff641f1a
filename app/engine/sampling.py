"""llama.cpp's sampler chain for one request. Runs in the engine's child process."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import llama_cpp.llama_cpp as llama

from app.engine.values import Sampling
from app.errors import RequestError
from app.language import tr

_PENALTY_WINDOW = 64


#: llama.cpp takes this seed for "any": it would not repeat.
_RANDOM_SEED = 0xFFFFFFFF


class SamplerChain:
    """Owns native chains; use it as a context manager, it frees them.

    A grammar is for the answer. A thought is sampled from a second chain without it: the
    grammar knows nothing of thoughts, and llama.cpp ends the process when it is told of a
    token that the grammar does not allow.
    """

    def __init__(self, options: Sampling, vocab: llama.llama_vocab_p, grammar: str = "") -> None:
        self._chains: list[llama.llama_sampler_p] = []
        try:
            self._answer = self._chain(options, vocab, grammar)
            self._thought = self._chain(options, vocab) if grammar else self._answer
        except BaseException:
            self.close()
            raise

    def _chain(self, options: Sampling, vocab: llama.llama_vocab_p, grammar: str = "") -> Any:
        parameters = llama.llama_sampler_chain_default_params()
        parameters.no_perf = True
        chain = llama.llama_sampler_chain_init(parameters)
        self._chains.append(chain)
        for sampler in _samplers(options, vocab, grammar):
            llama.llama_sampler_chain_add(chain, sampler)
        return chain

    def sample(self, context: llama.llama_context_p | None, *, thinking: bool = False) -> int:
        """The next token from the logits of the last decode; the chain is told of it."""
        chain = self._thought if thinking else self._answer
        return int(llama.llama_sampler_sample(chain, context, -1))

    def accept_thought(self, token: int) -> None:
        """Tell the chain of a token that was forced upon a thought, not sampled."""
        llama.llama_sampler_accept(self._thought, token)

    def close(self) -> None:
        while self._chains:
            llama.llama_sampler_free(self._chains.pop())

    def __enter__(self) -> SamplerChain:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def _samplers(options: Sampling, vocab: llama.llama_vocab_p, grammar: str) -> Iterator[llama.llama_sampler_p]:
    """The steps of a chain, in order. Raises RequestError."""
    if grammar:
        sampler = llama.llama_sampler_init_grammar(vocab, grammar.encode("utf-8", "replace"), b"root")
        if not sampler:
            raise RequestError(tr("The grammar for the answer is not valid GBNF."))
        yield sampler
    if options.repeat_penalty != 1.0:
        size, penalty = llama.llama_vocab_n_tokens(vocab), options.repeat_penalty
        yield llama.llama_sampler_init_penalties(size, _PENALTY_WINDOW, penalty, 0.0, 0.0)
    if options.temperature <= 0.0:
        yield llama.llama_sampler_init_greedy()
        return
    if options.top_k > 0:
        yield llama.llama_sampler_init_top_k(options.top_k)
    if options.top_p < 1.0:
        yield llama.llama_sampler_init_top_p(options.top_p, 1)
    if options.min_p > 0.0:
        yield llama.llama_sampler_init_min_p(options.min_p, 1)
    yield llama.llama_sampler_init_temp(options.temperature)
    seed = secrets.randbits(32) if options.seed is None else options.seed
    yield llama.llama_sampler_init_dist(seed % _RANDOM_SEED)
