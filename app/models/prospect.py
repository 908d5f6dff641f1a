"""What a context would mean for a model on this machine: where it goes, and up to which length. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from app.models.contexts import LEAST, longest
from app.models.fit import Candidate, Fit, Where, Wishes, fit_for_me, kept_fit
from app.models.machine import Machine
from app.models.memory import Plan
from app.models.metering import Meter

#: The ends of zones are found to one part in so many of the length.
_PRECISION, _FINEST = 16, 256
ORDER: tuple[Where, ...] = ("gpu", "split", "cpu", "nowhere")


@dataclass(frozen=True)
class Zone:
    """Contexts up to `end` tokens, from the end of the zone before, go `where`."""

    end: int
    where: Where


@dataclass(frozen=True)
class ContextRange:
    """What a slider shows of a model.

    Attributes:
        least, most: tokens.
        declared: what the file declares, in tokens; what lies beyond is the person's trust in it.
        zones: rising, the last ends at `most`.
        has_gpu: whether there is a GPU to use, so that less than that is a loss.
    """

    least: int
    most: int
    declared: int
    zones: tuple[Zone, ...]
    has_gpu: bool = False


@dataclass(frozen=True)
class Prospect:
    """What a context of `n_ctx` tokens would mean, in words, and device by device."""

    n_ctx: int
    meters: tuple[Meter, ...]
    sentence: str
    tone: Literal["", "warning", "error"] = ""
    reading: str = ""


def context_range(candidate: Candidate, machine: Machine, wishes: Wishes) -> ContextRange:
    """The contexts that a model can have here, what else was set by hand kept.

    A longer context never goes to a better place, so the ends of zones are found by halving.
    """
    most = longest(candidate.layout)
    least = min(LEAST, most)

    def where(n_ctx: int) -> Where:
        return fit_at(candidate, machine, wishes, n_ctx).where

    zones: list[Zone] = []
    start = least
    while not zones or zones[-1].end < most:
        here = where(start)
        zones.append(Zone(_end(start, most, lambda n_ctx, here=here: where(n_ctx) == here), here))  # type: ignore[misc]
        start = min(most, zones[-1].end + max(_FINEST, zones[-1].end // _PRECISION))
    declared = candidate.layout.context_length or most
    return ContextRange(least, most, declared, tuple(zones), bool(machine.gpus))


def fit_at(
    candidate: Candidate, machine: Machine, wishes: Wishes, n_ctx: int, present: Plan | None = None
) -> Fit:
    """The best fit with this very context; `present` is kept where it holds it."""
    asked = replace(wishes, n_ctx=n_ctx)
    kept = kept_fit(candidate, machine, asked, present) if present is not None else None
    return kept or fit_for_me([candidate], machine, asked)


def _end(start: int, most: int, same: Callable[[int], bool]) -> int:
    """The longest context from `start` on that still is the same."""
    if same(most):
        return most
    good, bad = start, most
    while bad - good > max(_FINEST, good // _PRECISION):
        middle = (good + bad) // 2
        good, bad = (middle, bad) if same(middle) else (good, middle)
    return good
