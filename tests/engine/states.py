"""Contexts of the miniatures with their states: what the tests of state files have in common."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import llama_cpp.llama_cpp as llama

from app.engine.identity import Identity, llama_build, model_digest, text_digest
from app.engine.seqstate import begin_save
from app.engine.statefile import Checkpoint
from app.engine.vault import Vault
from tests import miniatures
from tests.engine.plain_llama import plain_model

KINDS = ("hybrid", "plain", "sliding")
SHAPES = {"hybrid": miniatures.HYBRID, "plain": miniatures.PLAIN, "sliding": miniatures.SLIDING}
PARTIAL = 1
N_BATCH = 64
ROOM = 1 << 30
BUDGET = 1 << 32


def tokens_of(count: int, seed: int = 7) -> list[int]:
    """Ordinary token ids that every miniature has."""
    return [300 + (seed * 31 + index * 7 + index * index) % 90 for index in range(count)]


class State:
    """One context; every batch has the same size, so that runs can be compared bit by bit."""

    def __init__(
        self, model: llama.llama_model_p, path: Path, n_ctx: int = 512, n_batch: int = N_BATCH
    ) -> None:
        self._n_batch = n_batch
        parameters = llama.llama_context_default_params()
        parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = n_ctx, n_batch, n_batch
        parameters.n_seq_max = 1
        parameters.n_threads = parameters.n_threads_batch = 1
        parameters.swa_full = False
        self.context = llama.llama_init_from_model(model, parameters)
        assert self.context
        self.tokens: list[int] = []
        self.checkpoints: list[Checkpoint] = []
        self.identity = Identity(
            model=model_digest(path),
            template=text_digest("a template"),
            type_k=parameters.type_k,
            type_v=parameters.type_v,
            flash_attention=True,
            n_swa=llama.llama_model_n_swa(model),
            swa_full=False,
            long_rope=False,
            llama=llama_build(),
        )
        self._n_vocab = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(model))

    def close(self) -> None:
        llama.llama_free(self.context)

    def read(self, tokens: Sequence[int]) -> None:
        for start in range(0, len(tokens), self._n_batch):
            step = tokens[start : start + self._n_batch]
            array = (llama.llama_token * len(step))(*step)
            assert llama.llama_decode(self.context, llama.llama_batch_get_one(array, len(step))) == 0
        self.tokens += tokens

    def logits(self) -> bytes:
        """Those of the last token that was read."""
        pointer = llama.llama_get_logits_ith(self.context, -1)
        return ctypes.string_at(pointer, 4 * self._n_vocab)

    def take(self, kind: str = "turn") -> None:
        size = llama.llama_state_seq_get_size_ext(self.context, 0, PARTIAL)
        data = (ctypes.c_uint8 * size)()
        assert llama.llama_state_seq_get_data_ext(self.context, data, size, 0, PARTIAL) == size
        self.checkpoints.append(Checkpoint(len(self.tokens), kind, bytes(data)))

    def put(self, checkpoint: Checkpoint) -> None:
        data = (ctypes.c_uint8 * len(checkpoint.data)).from_buffer_copy(checkpoint.data)
        assert llama.llama_state_seq_set_data_ext(self.context, data, len(data), 0, PARTIAL) == len(data)
        llama.llama_memory_seq_rm(llama.llama_get_memory(self.context), 0, checkpoint.position, -1)

    def positions(self) -> tuple[int, int]:
        memory = llama.llama_get_memory(self.context)
        return llama.llama_memory_seq_pos_min(memory, 0), llama.llama_memory_seq_pos_max(memory, 0)

    def save(self, vault: Vault, conversation: str = "one") -> Path:
        writer = begin_save(
            self.context, vault, conversation, self.identity, tokens=self.tokens, checkpoints=self.checkpoints
        )
        assert writer is not None
        assert vault.finish(writer)
        return writer.path


class Model:
    """A miniature and the contexts made of it."""

    def __init__(self, model: llama.llama_model_p, path: Path) -> None:
        self.model, self.path = model, path

    @contextmanager
    def state(self, n_ctx: int = 512, n_batch: int = N_BATCH) -> Iterator[State]:
        state = State(self.model, self.path, n_ctx, n_batch)
        try:
            yield state
        finally:
            state.close()


@contextmanager
def model_of(kind: str) -> Iterator[Model]:
    path = miniatures.build(SHAPES[kind])
    with plain_model(path) as plain:
        yield Model(plain.model, path)


def other_identities(identity: Identity) -> list[Identity]:
    """One for each thing that can differ."""
    return [
        replace(identity, model="0" * 64),
        replace(identity, template="0" * 64),
        replace(identity, type_k=identity.type_k + 1),
        replace(identity, type_v=identity.type_v + 1),
        replace(identity, flash_attention=not identity.flash_attention),
        replace(identity, n_swa=identity.n_swa + 1),
        replace(identity, swa_full=not identity.swa_full),
        replace(identity, long_rope=not identity.long_rope),
        replace(identity, llama="0.0.0"),
        replace(identity, engine=identity.engine + 1),
    ]
