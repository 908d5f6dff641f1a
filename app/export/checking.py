"""Values out of a stranger's JSON: what is of another type or size counts as missing."""

from __future__ import annotations

import hashlib
import math
import re
from typing import Any, Final

from app.language import mark

#: The end of the year 9999, the last that a calendar knows.
_LATEST: Final = 253_402_300_799.0
_ID: Final = re.compile(r"[0-9a-f]{32}")
_TITLE: Final = 200
MOST_MESSAGES: Final = 200_000
#: Of a file that nobody exported: one sentence, with what to do.
FOREIGN: Final = mark(
    "This is no file of conversations: choose the JSON of Cascade Desk, "
    "or ChatGPT's conversations.json or the ZIP it comes in."
)


class UnreadableError(Exception):
    """A conversation of a file cannot be taken over; the words say why."""


def text(value: object, most: int | None = None) -> str:
    """A string, cut to `most` characters; empty for anything else."""
    return (value if most is None else value[:most]) if isinstance(value, str) else ""


def line(value: object, most: int = _TITLE) -> str:
    """One line of text that can be shown."""
    seen = "".join(one if one.isprintable() else " " for one in text(value, 4 * most))
    return " ".join(seen.split())[:most]


def seconds(value: object) -> float:
    """A time since the epoch, 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    try:
        number = float(value)
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) and 0 <= number <= _LATEST else 0.0


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def identity(value: object, *within: str) -> str:
    """An id of ours as it is; anything else as an id of ours that is the same each time."""
    said = text(value, 1000)
    if _ID.fullmatch(said) and not within:
        return said
    return hashlib.sha256("\0".join((*within, said)).encode("utf-8", "replace")).hexdigest()[:32]
