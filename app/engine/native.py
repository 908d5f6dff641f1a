"""What the engine needs of llama.cpp beyond the binding: its log and a cancel flag.

Runs in the engine's child process only.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections import deque

import llama_cpp.llama_cpp as llama

#: enum ggml_log_level in ggml/include/ggml.h.
_LOG_DEBUG, _LOG_INFO, _LOG_CONTINUED = 1, 2, 5


class NativeLog:
    """The last lines that llama.cpp logged; it also passes warnings on to standard error.

    Replaces the callback that importing the binding installs. Called from native threads, so
    it only appends to a deque.
    """

    def __init__(self, keep: int = 400) -> None:
        self.lines: deque[str] = deque(maxlen=keep)
        self._level = _LOG_INFO
        # The C side keeps a bare pointer: this object has to keep the callback alive.
        self._callback = llama.llama_log_callback(self._on_log)
        llama.llama_log_set(self._callback, ctypes.c_void_p(0))

    def _on_log(self, level: int, text: bytes, _user_data: object) -> None:
        line = text.decode("utf-8", "replace")
        continued = level == _LOG_CONTINUED
        self._level = level = self._level if continued else level
        if level <= _LOG_DEBUG:
            return
        if continued and self.lines:
            self.lines[-1] += line.rstrip("\n")
        else:
            self.lines.append(line.rstrip("\n"))
        if level > _LOG_INFO:
            sys.stderr.write(line)

    def tail(self, count: int = 12) -> tuple[str, ...]:
        """The last `count` lines that say something."""
        return tuple(line for line in list(self.lines)[-3 * count :] if line.strip(" ."))[-count:]


class CancelFlag:
    """A flag that llama.cpp polls between graph nodes without entering Python.

    ggml calls `bool abort(void *)` for every node of a graph: a Python callback would take the
    GIL thousands of times per token. libc's strlen has the shape that is wanted: it returns 0
    (false) while the first byte of the buffer is 0 and 1 (true) once it is set.
    """

    def __init__(self) -> None:
        self._buffer = (ctypes.c_char * 2)(b"\0", b"\0")
        library = ctypes.cdll.msvcrt if os.name == "nt" else ctypes.CDLL(None)
        self.callback = ctypes.cast(library.strlen, llama.ggml_abort_callback)
        self.data = ctypes.cast(self._buffer, ctypes.c_void_p)

    def set(self) -> None:
        self._buffer[0] = b"\1"

    def clear(self) -> None:
        self._buffer[0] = b"\0"

    def is_set(self) -> bool:
        return bytes(self._buffer[0]) != b"\0"
