"""What the window and the process that colours code say to each other, and the check of what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.render.blocks import CODE_LINES
from app.render.highlight import MAX_LINE, START, STYLES, Run, State
from app.render.serving import Ready
from app.wire import Registry

MOST_CHARS: Final = 2 * CODE_LINES * (MAX_LINE + 2)
#: Of one request: all that a screen and its surroundings show must find room together in ui.chat.colours.
MOST_RUNS: Final = 8000
_MOST_DEPTH: Final = 200  # states inside each other; real code has ten
_MOST_NAME: Final = 100  # characters of a language or state
_NUMBERS: Final = {style: number for number, style in enumerate(STYLES)}


@dataclass(frozen=True)
class ColourRequest:
    """Some lines of code, and the lexer's state where they begin. Make it with `request_for`."""

    language: str
    state: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Coloured:
    """The runs of each line, and the state at the end."""

    lines: tuple[tuple[Run, ...], ...]
    state: State


@dataclass(frozen=True)
class ColourRefused:
    """The code stays plain. The reason is a sentence for whoever looks."""

    reason: str


@dataclass(frozen=True)
class ColourCode:
    request_id: int
    request: ColourRequest


@dataclass(frozen=True)
class CodeColoured:
    """`lines`: start, length and number in STYLES of one run after the other, for each line."""

    request_id: int
    lines: tuple[tuple[int, ...], ...]
    state: tuple[str, ...]


@dataclass(frozen=True)
class CodeRefused:
    request_id: int
    reason: str


MESSAGES = Registry(1, ColourCode, CodeColoured, CodeRefused, Ready)


def request_for(language: str, state: State, lines: Sequence[str]) -> ColourRequest:
    """A request of bounded size: lines that stay plain anyway are cut."""
    text = "\n".join(line if len(line) <= MAX_LINE else line[: MAX_LINE + 1] for line in lines)
    return ColourRequest(language.lower()[:_MOST_NAME], bounded(state), text)


def bounded(state: State) -> State:
    """A state that may travel: code that is nested deeper than any real one begins anew."""
    return state if len(state) <= _MOST_DEPTH else START


def packed(request_id: int, result: Coloured) -> CodeColoured:
    """A result for the way."""
    lines = tuple(
        tuple(part for run in runs for part in (run.start, run.length, _NUMBERS[run.style]))
        for runs in result.lines
    )
    return CodeColoured(request_id, lines, bounded(result.state))


def unpacked(request: ColourRequest, found: CodeColoured) -> Coloured | None:
    """What a process says about a request; None unless it fits the text."""
    texts = request.text.split("\n")
    if len(texts) != len(found.lines) or not _is_state(found.state) or _too_many(found.lines):
        return None
    lines = []
    for text, parts in zip(texts, found.lines, strict=True):
        runs = _runs(parts, len(text))
        if runs is None:
            return None
        lines.append(runs)
    return Coloured(tuple(lines), found.state)


def _too_many(lines: tuple[tuple[int, ...], ...]) -> bool:
    return sum(map(len, lines)) > 3 * MOST_RUNS


def _is_state(state: State) -> bool:
    return 0 < len(state) <= _MOST_DEPTH and all(len(name) <= _MOST_NAME for name in state)


def _runs(parts: tuple[int, ...], length: int) -> tuple[Run, ...] | None:
    """Runs in order, none over another or over the line's end."""
    runs, end = [], 0
    if len(parts) % 3:
        return None
    for at in range(0, len(parts), 3):
        start, many, style = parts[at : at + 3]
        if start < end or many <= 0 or start + many > length or not 0 <= style < len(STYLES):
            return None
        end = start + many
        runs.append(Run(start, many, STYLES[style]))
    return tuple(runs)
