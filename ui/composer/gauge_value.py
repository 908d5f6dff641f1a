"""How much of the context is used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GaugeValue:
    """Tokens of what Send would send now, or of the answer that is under way with all before it.

    Attributes:
        used: tokens.
        size: of the context in tokens, 0 without a model.
        exact: whether `used` was counted; otherwise it is the last count.
        documents: tokens of the attached documents among `used`.
        answering: whether an answer of this conversation is under way.
        beyond: it can't fit whatever its count is; `used` is an estimate, then.
    """

    used: int = 0
    size: int = 0
    exact: bool = False
    documents: int = 0
    answering: bool = False
    beyond: bool = False
