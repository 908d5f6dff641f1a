"""Values that a settings file may hold and nobody chose."""

from __future__ import annotations

import random
import string
from typing import Any

from app.settings.model import GROUPS

_TEXTS = (
    "",
    "auto",
    "thinking",
    "q8_0",
    "http://a",
    "https://[::1",
    "\0",
    "\ud800",
    "/x" * 9000,
    "é" * 40,
    "<b>",
)
_NUMBERS = (0, 1, -1, 2**31, 2**63, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"), 4_500_000_000)


def value(chance: random.Random, depth: int = 3) -> Any:
    """Anything that JSON can say, and what Python's reader takes besides."""
    kind = chance.randrange(8 if depth else 5)
    if kind == 0:
        return chance.choice((None, True, False))
    if kind in (1, 2):
        return chance.choice(_NUMBERS)
    if kind in (3, 4):
        made = "".join(chance.choices(string.printable, k=chance.randrange(12)))
        return chance.choice((*_TEXTS, made))
    if kind == 5:
        return [value(chance, depth - 1) for _ in range(chance.randrange(3))]
    return {name(chance): value(chance, depth - 1) for _ in range(chance.randrange(6))}


def name(chance: random.Random) -> str:
    """The name of a group or of a setting, or of nothing."""
    known = [*GROUPS, *(one for kind in GROUPS.values() for one in kind.__dataclass_fields__), "version"]
    return chance.choice((*known, "x", "", "é"))


def content(chance: random.Random) -> dict[str, Any]:
    """A file that looks like one of settings from afar."""
    made: dict[str, Any] = {"version": chance.choice((1, 1, 1, 1, 2, 0, -3, 99, True, 1.0, "1", None))}
    for group, kind in GROUPS.items():
        if chance.random() < 0.7:
            fields = {one: value(chance) for one in kind.__dataclass_fields__ if chance.random() < 0.6}
            made[group] = fields if chance.random() < 0.9 else value(chance)
    if chance.random() < 0.3:
        made[name(chance)] = value(chance)
    return made
