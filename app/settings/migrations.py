"""From older files, and from where settings were before there was a file, to the present form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Raw = dict[str, Any]

#: The n-th step makes a file of version n + 2 of one of version n + 1. A step is never changed later.
STEPS: Final[tuple[Callable[[Raw], Raw], ...]] = ()
VERSION: Final = len(STEPS) + 1

#: Where the small values of the session went: key → group and name. 0 and "" meant the same there.
_FROM_SESSION: Final[Mapping[str, tuple[str, str]]] = {
    "theme": ("appearance", "theme"),
    "enter_sends": ("appearance", "enter_sends"),
    "mode": ("mode", "mode"),
    "thinking_budget": ("mode", "thinking_budget"),
    "reading_ram_bytes": ("storage", "reading_ram_bytes"),
    "reading_disk_bytes": ("storage", "reading_disk_bytes"),
}
#: What the session no longer keeps.
MOVED: Final = tuple(_FROM_SESSION)


def migrate(raw: Raw, version: int, steps: tuple[Callable[[Raw], Raw], ...] = STEPS) -> Raw:
    """A file's content in the form of the newest version."""
    for step in steps[version - 1 :]:
        raw = step(raw)
    return raw


def from_session(state: Mapping[str, object]) -> Raw:
    """What the database kept of settings, by group; not checked yet."""
    found: Raw = {}
    for key, (group, name) in _FROM_SESSION.items():
        if key in state:
            found.setdefault(group, {})[name] = state[key]
    return found
