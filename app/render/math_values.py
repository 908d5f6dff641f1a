"""What the window and the process that draws formulas say to each other, and the check of what comes back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from app.render.serving import Ready
from app.wire import Registry

MOST_SVG_CHARS: Final = 2_000_000
_MOST_PX: Final = 40_000.0
_NUMBER = r"-?\d{1,7}(?:\.\d{1,9})?(?:e-?\d{1,2})?"
_HEAD = re.compile(
    rf'<svg xmlns="http://www\.w3\.org/2000/svg" width="({_NUMBER})" height="({_NUMBER})" '
    rf'viewBox="{_NUMBER} {_NUMBER} {_NUMBER} {_NUMBER}"><g fill="currentColor">'
)
_PATH = re.compile(
    rf'<path(?: transform="matrix\({_NUMBER} 0 0 {_NUMBER} {_NUMBER} {_NUMBER}\)")? '
    r'd="[MLHVCSQTAZmlhvcsqtaz0-9 .,-]+"/>'
)
_FOOT: Final = "</g></svg>"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?")


@dataclass(frozen=True)
class MathRequest:
    """A formula's LaTeX without its marks, whether it has a line of its own, and px of one em."""

    source: str
    display: bool
    size: float


@dataclass(frozen=True)
class MathDrawn:
    """An SVG of filled paths. `width` and `height` in px; `baseline` is its distance from the top.

    The ink is `currentColor`, which `coloured` replaces: a theme's change needs no drawing in the process.
    """

    svg: str
    width: float
    height: float
    baseline: float


@dataclass(frozen=True)
class MathRefused:
    """Show the source. The reason is a sentence for a person."""

    reason: str


@dataclass(frozen=True)
class SetFormula:
    request_id: int
    request: MathRequest


@dataclass(frozen=True)
class FormulaSet:
    request_id: int
    drawn: MathDrawn


@dataclass(frozen=True)
class FormulaRefused:
    request_id: int
    reason: str


MESSAGES = Registry(1, SetFormula, FormulaSet, FormulaRefused, Ready)


def coloured(svg: str, colour: str) -> str:
    """The SVG with its ink in a colour, `#rrggbb`."""
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"{colour!r} is no colour")
    return svg.replace("currentColor", colour, 1)


def is_only_paths(svg: str) -> bool:
    """Whether an SVG is one group of filled paths and nothing else: no text, link, image, style or script."""
    head = _HEAD.match(svg) if len(svg) <= MOST_SVG_CHARS else None
    if head is None or not all(0 < float(length) <= _MOST_PX for length in head.groups()):
        return False
    at = head.end()
    while path := _PATH.match(svg, at):
        at = path.end()
    return svg[at:] == _FOOT


def is_sound(drawn: MathDrawn) -> bool:
    """Whether what a process says that it drew may be drawn."""
    sizes = (drawn.width, drawn.height)
    return (
        all(0 < length <= _MOST_PX for length in sizes)
        and abs(drawn.baseline) <= _MOST_PX
        and is_only_paths(drawn.svg)
    )
