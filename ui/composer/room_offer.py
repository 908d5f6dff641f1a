"""What is said, and can be chosen, where the context has too little room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Choice:
    """A button. `id` says what it does; `hint` is its tooltip."""

    id: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class RoomOffer:
    """A sentence or two, and up to four choices, the best first."""

    text: str
    tone: Literal["warning", "error"]
    choices: tuple[Choice, ...] = ()
