"""Programming languages as people name them, and the names of their files. Loads no lexer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pygments.lexers import get_all_lexers

from app.language import mark, tr

_LONGEST: Final = 40
_TEXT: Final = ("", "text", "txt", "plain", "plaintext", "none")
_EXTENSION: Final = re.compile(r"\*\.(\w{1,8})")
_OWN_NAMES: Final = {
    "asm": mark("Assembly"), "console": mark("Terminal"), "dockerfile": "Dockerfile", "jsonc": "JSON",
    "latex": "LaTeX", "matlab": "MATLAB", "r": "R", "sh": "Shell", "shell": "Shell",
}  # fmt: skip
_OWN_FILES: Final = {
    "bash": "sh", "console": "txt", "jsonc": "json", "latex": "tex", "markdown": "md", "output": "txt",
    "r": "R",
}  # fmt: skip


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        alias.lower(): (name, tuple(patterns))
        for name, aliases, patterns, _ in get_all_lexers(plugins=False)
        for alias in aliases
    }


def language_name(language: str) -> str:
    """What stands after a fence as people write it: "py" → "Python"; an unknown word as it is, or cut."""
    low = language.lower()
    if low in _TEXT:
        return tr("Text")
    if low in _OWN_NAMES:
        return tr(_OWN_NAMES[low])
    if low in _table():
        return _table()[low][0]
    shown = "".join(char for char in language[: 2 * _LONGEST] if char.isprintable())
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def file_name(language: str) -> str:
    """A name for a file of code in a language: "code.py"; of an unknown one "code.txt"."""
    low = language.lower()
    patterns = _table()[low][1] if low in _table() else ()
    found = [match[1] for pattern in patterns if (match := _EXTENSION.fullmatch(pattern))]
    # "*.py" before "*.pyw": where the language is called as its files are, that is the one
    own = _OWN_FILES.get(low) or (low if low in found else found[0] if found else "txt")
    return f"code.{own}"
