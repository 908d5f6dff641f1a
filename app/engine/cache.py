"""Which tokens the context holds, and how many of a new prompt it need not read again.

Only an append is reused: the tokens held are a proper prefix of the prompt. That is right for
every kind of memory (attention, sliding window, recurrent, hybrid), since nothing is cut.
"""

from __future__ import annotations

from collections.abc import Sequence

import llama_cpp.llama_cpp as llama


class SequenceCache:
    """The tokens of sequence 0 of one context, in step with llama.cpp's memory. Decode thread only."""

    def __init__(self, context: llama.llama_context_p) -> None:
        self._memory = llama.llama_get_memory(context)
        self.tokens: list[int] = []

    def prepare(self, prompt: Sequence[int]) -> int:
        """Make the memory hold a prefix of `prompt` and return its length (less than the prompt's)."""
        held = len(self.tokens)
        if 0 < held < len(prompt) and list(prompt[:held]) == self.tokens and self._in_step():
            return held
        self.clear()
        return 0

    def extend(self, tokens: Sequence[int]) -> None:
        """Tell of tokens that were decoded whole."""
        self.tokens.extend(tokens)

    def clear(self) -> None:
        """Forget everything. The only safe state after an abort: a hybrid's positions lie then."""
        llama.llama_memory_clear(self._memory, False)
        self.tokens.clear()

    def _in_step(self) -> bool:
        return bool(llama.llama_memory_seq_pos_max(self._memory, 0) == len(self.tokens) - 1)
