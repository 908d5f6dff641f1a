"""Loads lexers away from the thread that draws: the first use of one takes 5 to 90 ms. Thread-safe."""

from __future__ import annotations

import threading
from typing import Final

from app.render.highlight import line_runs

_LONGEST: Final = 40  # characters of a name that may be one
_lock: Final = threading.Lock()
_ready: Final[set[str]] = set()
_wanted: Final[list[str]] = []


def is_ready(language: str) -> bool:
    """Whether code in a language can be coloured at once; if not, that is seen to: ask again in a moment."""
    if len(language) > _LONGEST or language in _ready:
        return True
    with _lock:
        if language not in _wanted:
            _wanted.append(language)
            if len(_wanted) == 1:
                threading.Thread(target=_load, name="lexers", daemon=True).start()
    return False


def _load() -> None:
    while True:
        line_runs("x", _wanted[0])
        with _lock:
            _ready.add(_wanted.pop(0))
            if not _wanted:
                return
