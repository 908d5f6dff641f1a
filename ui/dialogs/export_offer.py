"""What the export's dialog asks about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """How many conversations; of a single one its title and the name for its file."""

    count: int
    title: str = ""
    name: str = ""
