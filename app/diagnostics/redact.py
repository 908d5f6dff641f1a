"""What must not stand in a log or a report: whose machine it is, and keys to anything."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import Final

_LONGEST: Final = 2000
_HIDDEN: Final = "(hidden)"
#: Folders of people by where systems keep them; the name behind is dropped.
_PEOPLE = re.compile(r"(?i)(?:(?<![\w.~-])/(?:home|Users)/|[A-Z]:[\\/]+Users[\\/]+)[^\\/\s\"':]+")
_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
_KEYS = re.compile(
    r"(?i)\b(?:hf|sk|pk|gh[a-z]|glpat|xox[a-z])[_-][\w-]{8,}"
    r"|(?<=bearer )\S+|(?<=basic )\S+"
    r"|(?<![\w-])(?=[\w-]*\d)[\w-]{40,}"
)
_NAMED = re.compile(
    r"(?i)\b(token|api[_-]?key|password|passwd|secret|authorization)(\s*[=:]\s*)(?!\(hidden)\S+"
)
#: Line breaks and all else that could make one line look like several.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def redact(text: str) -> str:
    """The text without the person's folder, tokens, keys, and logins in addresses."""
    for home in _homes():
        text = home.sub("~", text)
    text = _PEOPLE.sub("~", text)
    text = _LOGIN.sub(f"{_HIDDEN}@", text)
    return _KEYS.sub(_HIDDEN, _NAMED.sub(rf"\1\2{_HIDDEN}", text))


def line(text: str) -> str:
    """The text redacted, as one line of bearable length."""
    return redact(_CONTROL.sub(" ", text[: 2 * _LONGEST]))[:_LONGEST]


def shown_path(path: str | os.PathLike[str]) -> str:
    """A folder of the app's own for a report."""
    return line(os.fspath(path))


@cache
def _homes() -> tuple[re.Pattern[str], ...]:
    """The person's folder, in every way in which a path may be written."""
    try:
        home = str(Path.home())
    except RuntimeError:
        return ()
    found = {home, os.path.realpath(home)}
    flags = re.IGNORECASE if sys.platform in ("win32", "darwin") else 0
    return tuple(
        re.compile(re.escape(one).replace(r"\\", r"[\\/]+") + r"(?![\w.-])", flags)
        for one in sorted(found, key=len, reverse=True)
        if len(one.strip("\\/")) > 2
    )
