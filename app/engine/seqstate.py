"""The state of sequence 0 of a context, into a state file and back.

Decode thread of the engine's child process. llama.cpp's own refusals come too late to be relied
on: a context that is too small for a state empties the sequence, so that is asked before.
"""

from __future__ import annotations

import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import llama_cpp.llama_cpp as llama

from app.engine.identity import Identity
from app.engine.statefile import Checkpoint, StateBytes, StateFile, StateFileError, Stopped, token_array
from app.engine.statewriter import StateWriter
from app.engine.vault import Vault

_SEQUENCE = 0
_FULL = 0


@dataclass(frozen=True)
class Restored:
    """What a context holds after a state came back: its tokens, and checkpoints before their end."""

    tokens: array.array[int]
    checkpoints: tuple[Checkpoint, ...]


def state_bytes(context: llama.llama_context_p) -> int:
    """The size of the full state, for `Vault.begin`."""
    return int(llama.llama_state_seq_get_size_ext(context, _SEQUENCE, _FULL))


def capture(context: llama.llama_context_p, vault: Vault, writer: StateWriter) -> bool:
    """Copy the state of a sequence that holds the writer's tokens into its file.

    One call of llama.cpp's, about 0.5 s for 1 GB, which can't be stopped. `Vault.begin` before and
    `Vault.finish` after it take longer and need no context: they may run on another thread. False,
    with a line in the log and nothing left behind, where the context has changed since.
    """
    memory = llama.llama_get_memory(context)
    try:
        if llama.llama_memory_seq_pos_max(memory, _SEQUENCE) != len(writer.tokens) - 1:
            raise StateFileError("the context does not hold its tokens")
        writer.fill(
            lambda state: int(
                llama.llama_state_seq_get_data_ext(context, state, len(state), _SEQUENCE, _FULL)
            )
        )
    except StateFileError as error:
        writer.abandon()
        vault.log(f"A state was not saved: {error}.")
        return False
    return True


def begin_save(
    context: llama.llama_context_p,
    vault: Vault,
    conversation_id: str,
    identity: Identity,
    *,
    tokens: Sequence[int],
    checkpoints: Sequence[Checkpoint],
) -> StateWriter | None:
    """`Vault.begin` and `capture` in one; `Vault.finish` is left to do. None where that fails."""
    writer = vault.begin(conversation_id, identity, token_array(tokens), checkpoints, state_bytes(context))
    return writer if writer is not None and capture(context, vault, writer) else None


def restore(
    context: llama.llama_context_p,
    vault: Vault,
    path: Path,
    identity: Identity,
    *,
    room: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Restored | None:
    """Put the state in `path` into the context in place of what it holds.

    Args:
        identity: the model and context it has to belong to.
        room: bytes of checkpoints to bring back; the last ones come first.
        stopped: polled between chunks while the file is summed.

    None, with an empty sequence and a line in the log, for a file that is foreign, damaged, stale
    or too large for the context; a damaged one is removed.
    """
    _empty(context)
    try:
        with StateFile(path) as file:
            _check_belongs(context, vault, file, path, identity)
            tokens = file.tokens()
            checkpoints = file.checkpoints(room, stopped)
            file.check_state(stopped)
            given = file.give_state(lambda state: _set(context, state))
            _check_held(context, len(tokens), file.header.state_bytes, given, identity)
    except (StateFileError, OSError, Stopped) as error:
        _empty(context)
        reason = "it was stopped" if isinstance(error, Stopped) else str(error)
        vault.log(f"A saved state was not used, so its tokens are read again: {reason}.")
        if isinstance(error, StateFileError) and error.damaged:
            vault.remove(path)
        return None
    vault.touch(path)
    return Restored(tokens, tuple(checkpoints))


def _set(context: llama.llama_context_p, state: StateBytes) -> int:
    return int(llama.llama_state_seq_set_data_ext(context, state, len(state), _SEQUENCE, _FULL))


def _empty(context: llama.llama_context_p) -> None:
    llama.llama_memory_seq_rm(llama.llama_get_memory(context), _SEQUENCE, -1, -1)


def _check_belongs(
    context: llama.llama_context_p, vault: Vault, file: StateFile, path: Path, identity: Identity
) -> None:
    header = file.header
    if not vault.names(path, header):
        raise StateFileError("it is not the file that its name says")
    if header.identity != identity:
        raise StateFileError("it belongs to another model or other settings", damaged=False)
    size = llama.llama_n_ctx_seq(context)
    if header.n_tokens > size:
        raise StateFileError(f"its {header.n_tokens} tokens don't fit a context of {size}", damaged=False)


def _check_held(
    context: llama.llama_context_p, n_tokens: int, size: int, given: int, identity: Identity
) -> None:
    """That llama.cpp took all of the state, and holds these tokens and no others."""
    if given != size:
        raise StateFileError(f"llama.cpp took {given} of {size} bytes")
    memory = llama.llama_get_memory(context)
    first = llama.llama_memory_seq_pos_min(memory, _SEQUENCE)
    last = llama.llama_memory_seq_pos_max(memory, _SEQUENCE)
    if last != n_tokens - 1:
        raise StateFileError(f"the context ends at position {last} in place of {n_tokens - 1}")
    if identity.n_swa and not identity.swa_full and first > max(0, n_tokens - identity.n_swa):
        raise StateFileError(f"the sliding window begins at position {first} only")
    if state_bytes(context) != size:
        raise StateFileError("the context holds another state than was saved")
