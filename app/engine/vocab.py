"""The vocabulary of a loaded model: tokenizing, pieces, and the tokens that mean something.

Runs in the engine's child process. llama.cpp's vocabulary is constant once loaded, so
other threads may ask it while the decode thread works, as long as the model stays (Host.in_use);
each through a Vocabulary of its own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cached_property

import llama_cpp.llama_cpp as llama

_UNKNOWN, _CONTROL, _USER_DEFINED = 1 << 0, 1 << 3, 1 << 4
_SPECIAL = _UNKNOWN | _CONTROL | _USER_DEFINED


class Vocabulary:
    """Tokens of one model. `handle` is the llama_vocab pointer, valid as long as the model."""

    def __init__(self, handle: llama.llama_vocab_p) -> None:
        self.handle = handle
        self.size: int = llama.llama_vocab_n_tokens(handle)
        self._pieces: dict[int, bytes] = {}
        self._piece_buffer = ctypes.create_string_buffer(256)
        self.adds_bos = bool(llama.llama_vocab_get_add_bos(handle))
        self.bos: int = llama.llama_vocab_bos(handle)

    def tokenize(self, text: str, *, add_special: bool = False, parse_special: bool = False) -> list[int]:
        """Token ids of `text`.

        Args:
            add_special: put BOS in front (and EOS behind) where the model wants them.
            parse_special: text that spells a control token becomes that token. Without it
                USER_DEFINED tokens still match: content needs app.engine.prompt.
        """
        # A lone surrogate has no UTF-8 form, and an exception in C++ would end the process.
        data = text.encode("utf-8", "replace")
        # Rarely more than one for each byte; too little costs a second go over all of it.
        capacity = len(data) + 16
        while True:
            buffer = (ctypes.c_int32 * capacity)()
            count = llama.llama_tokenize(
                self.handle, data, len(data), buffer, capacity, add_special, parse_special
            )
            if count >= 0:
                return buffer[:count]
            capacity = -count

    def piece(self, token: int) -> bytes:
        """The bytes that `token` adds to the text; empty for control tokens."""
        known = self._pieces.get(token)
        if known is None:
            # A text has few different tokens, and a restored one asks for all of its own.
            known = self._pieces[token] = self._piece(token)
        return known

    def _piece(self, token: int) -> bytes:
        size = llama.llama_token_to_piece(
            self.handle, token, self._piece_buffer, len(self._piece_buffer), 0, False
        )
        if size < 0:
            self._piece_buffer = ctypes.create_string_buffer(-size)
            return self._piece(token)
        return self._piece_buffer.raw[:size]

    def text(self, token: int) -> str:
        """The text of `token` as the vocabulary has it; empty for ids outside of it."""
        if not 0 <= token < self.size:
            return ""
        return (llama.llama_vocab_get_text(self.handle, token) or b"").decode("utf-8", "replace")

    def texts(self) -> Iterator[str]:
        """What each token spells; broken characters are replaced. 0.2 s for 100,000 of them."""
        return (self._piece(token).decode("utf-8", "replace") for token in range(self.size))

    def is_end(self, token: int) -> bool:
        """Whether `token` ends generation (EOS, EOT and their like)."""
        return bool(llama.llama_vocab_is_eog(self.handle, token))

    @cached_property
    def bos_text(self) -> str:
        return self.text(self.bos)

    @cached_property
    def eos_text(self) -> str:
        return self.text(llama.llama_vocab_eos(self.handle))

    @cached_property
    def specials(self) -> dict[str, int]:
        """Text → id of every CONTROL, USER_DEFINED and UNKNOWN token that a text could spell.

        Left out are runs of white space and single characters that some vocabularies (Gemma)
        keep as USER_DEFINED: they are ordinary text and can forge nothing.
        """
        found: dict[str, int] = {}
        for token in range(self.size):
            attributes = llama.llama_vocab_get_attr(self.handle, token)
            if attributes & _SPECIAL:
                text = self.text(token)
                if len(text) > 1 and text.strip(" \t\r\n\u2581"):
                    found[text] = token
        return found
