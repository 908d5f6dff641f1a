"""llama.cpp's memory of one sequence: its positions, cutting it, and taking and setting its state.

Runs on the decode thread of the engine's child process. Nothing here is believed without a look
at the positions afterwards: `llama_memory_seq_rm` returns True for a sliding window whose cells
are gone, and a state that does not fit leaves an empty sequence behind.
"""

from __future__ import annotations

import ctypes

import llama_cpp.llama_cpp as llama

from app.engine.values import MemoryKind

_BytePointer = ctypes.POINTER(ctypes.c_uint8)
#: llama.h: the recurrent state and the cells of a sliding window, but no other attention cells.
_PARTIAL, _FULL = llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY, 0


class SequenceMemory:
    """Sequence `sequence` of one context. Positions count from 0; a length is the last one + 1.

    Attributes:
        needs_checkpoints: whether cells alone cannot lead back to an earlier position.
        is_recurrent: whether part of the memory exists for the last position only.
        n_swa: width of the sliding window in tokens, 0 without one.
    """

    def __init__(
        self, context: llama.llama_context_p, kind: MemoryKind, n_swa: int, sequence: int = 0
    ) -> None:
        self._context, self._sequence = context, sequence
        self._memory = llama.llama_get_memory(context)
        self.kind: MemoryKind = kind
        self.is_recurrent = kind in ("recurrent", "hybrid")
        self.needs_checkpoints = kind != "attention"
        self.n_swa = n_swa if kind == "sliding_window" else 0

    def holds(self, length: int) -> bool:
        """Whether the positions are those of a sequence of `length` tokens to go on from."""
        if length == 0:
            return self._last() < 0
        return self._last() == length - 1 and self.covers(length)

    def covers(self, length: int) -> bool:
        """Whether a cut to `length` would leave every cell that the next token looks at."""
        if self.is_recurrent:
            return self._last() == length - 1
        first = int(llama.llama_memory_seq_pos_min(self._memory, self._sequence))
        return 0 <= first <= (max(0, length - self.n_swa) if self.n_swa else 0)

    def cut(self, length: int) -> bool:
        """Drop the cells from `length` on; whether what is left can be gone on from."""
        return self._remove(length) and self.holds(length)

    def clear(self) -> None:
        """Empty the sequence, whatever its positions say."""
        if not self._remove(0) or self._last() >= 0:
            llama.llama_memory_clear(self._memory, False)

    def checkpoint(self) -> bytearray | None:
        """The part of the state that cannot be cut: recurrent state, cells of the window."""
        return self._state(_PARTIAL)

    def return_to(self, checkpoint: bytearray, length: int) -> bool:
        """Set a checkpoint that was taken at `length` tokens of this sequence, and cut behind it.

        False leaves the sequence in no state to be used: clear it.
        """
        return self._set(checkpoint, _PARTIAL) and self._remove(length) and self.holds(length)

    def state(self) -> bytearray | None:
        """Everything the sequence holds."""
        return self._state(_FULL)

    def set_state(self, state: bytearray, length: int) -> bool:
        """Replace what the sequence holds by a whole state of `length` tokens; False leaves it empty."""
        self.clear()
        if self._set(state, _FULL) and self.holds(length):
            return True
        self.clear()
        return False

    def state_size(self) -> int:
        """Bytes of `state()`."""
        return int(llama.llama_state_seq_get_size_ext(self._context, self._sequence, _FULL))

    def _last(self) -> int:
        return int(llama.llama_memory_seq_pos_max(self._memory, self._sequence))

    def _remove(self, start: int) -> bool:
        return bool(llama.llama_memory_seq_rm(self._memory, self._sequence, start, -1))

    def _state(self, flags: int) -> bytearray | None:
        """None where llama.cpp refuses, or where there is no memory for a copy."""
        size = int(llama.llama_state_seq_get_size_ext(self._context, self._sequence, flags))
        try:
            data = bytearray(size)
        except MemoryError:
            return None
        written = llama.llama_state_seq_get_data_ext(
            self._context, _pointer(data), size, self._sequence, flags
        )
        return data if size and written == size else None

    def _set(self, data: bytearray, flags: int) -> bool:
        read = llama.llama_state_seq_set_data_ext(
            self._context, _pointer(data), len(data), self._sequence, flags
        )
        return int(read) == len(data) > 0


def _pointer(data: bytearray):  # type: ignore[no-untyped-def]
    """The first byte of `data`, which stays alive and unresized for as long as the pointer."""
    return ctypes.cast((ctypes.c_uint8 * len(data)).from_buffer(data), _BytePointer)
