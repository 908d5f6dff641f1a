"""What a session says besides the protocol's own events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.engine.client import EngineDied
from app.engine.libraries import LibrariesRefused
from app.engine.protocol import Event
from app.engine.values import ModelInfo
from app.language import tr


@dataclass(frozen=True)
class EngineStopped:
    """The process died. `request_id` is the answer that ended with it, 0 if there was none.

    Attributes:
        message: what happened, in words.
        lines: the last lines of its standard error.
        recovering: whether it is being started again with the model.
    """

    request_id: int
    message: str
    lines: tuple[str, ...]
    recovering: bool


@dataclass(frozen=True)
class SaferSettings:
    """The model runs with safer settings than asked for; `words` is empty at full speed."""

    words: str


@dataclass(frozen=True)
class Retrying:
    """Loading begins again after a death, with the settings that `words` describes."""

    words: str


@dataclass(frozen=True)
class Resting:
    """The model was unloaded since nobody used it; the next request brings it back by itself."""

    info: ModelInfo


@dataclass(frozen=True)
class Waking:
    """A model that rested is being loaded again: Loaded or Failed with its load's id follows."""


SessionEvent = Event | EngineStopped | SaferSettings | Retrying | Resting | Waking | LibrariesRefused

#: Python's own stack, which stands behind the line that says what happened.
_STACK = re.compile(r'  File "|Thread 0x|Current thread 0x|Extension modules:|$')


def telling(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines of an engine's standard error that say what happened."""
    return tuple(line for line in lines if not _STACK.match(line))


def in_words(event: EngineDied, why: str) -> str:
    """What happened, and how the process ended, as one sentence."""
    return tr("{why} ({how}).", why=why, how=event.how)


def stopped(event: EngineDied, request_id: int, why: str = "", *, recovering: bool) -> EngineStopped:
    """What a death means for the request that ended with it."""
    lines = telling(event.last_lines)[-12:]
    why = why or tr("The engine stopped unexpectedly")
    return EngineStopped(request_id, in_words(event, why), lines, recovering)
