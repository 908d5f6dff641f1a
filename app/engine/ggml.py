"""Functions that ggml's shared libraries export and the binding doesn't bind.

Engine's child process only.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama

_NAMES = {"win32": ("ggml.dll", "ggml-base.dll"), "darwin": ("libggml.dylib", "libggml-base.dylib")}


@cache
def _libraries() -> tuple[Any, ...]:
    folder = Path(os.environ.get("LLAMA_CPP_LIB_PATH") or Path(llama.__file__).parent / "lib")
    names = _NAMES.get(sys.platform, ("libggml.so", "libggml-base.so"))
    return tuple(ctypes.CDLL(str(folder / name)) for name in names if (folder / name).exists())


@cache
def function(symbol: str, result: Any, *arguments: Any) -> Any:
    """The function `symbol` with its ctypes; AttributeError if no library has it."""
    for library in _libraries():
        if hasattr(library, symbol):
            found = library[symbol]  # an object of its own, unlike the attribute
            found.restype, found.argtypes = result, list(arguments)
            return found
    raise AttributeError(f"ggml has no {symbol}")
