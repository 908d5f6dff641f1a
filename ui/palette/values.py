"""What the palette of commands lists, and where it comes from. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done or gone to.

    Attributes:
        id: stable, and unique among all; its part before the colon says who runs it.
        words: what it does, on one line.
        group: where it belongs, as "Chats".
        keys: its key as caps, as ("Ctrl", "N").
        sought: other words that find it; never shown.
        enabled: whether it can be run now; what cannot is not listed.
        loose: whether letters that only follow each other in its words find it, too.
        last: it fits whatever is typed, and stands behind all that is found.
    """

    id: str
    words: str
    group: str
    keys: tuple[str, ...] = ()
    sought: str = ""
    enabled: bool = True
    loose: bool = True
    last: bool = False

    @property
    def spoken(self) -> str:
        """All of it for a screen reader."""
        return ", ".join(part for part in (self.words, "+".join(self.keys), self.group) if part)


@dataclass(frozen=True, slots=True)
class Match:
    """A command that was found; `marks` are the places of the characters in its words that were asked for."""

    command: Command
    marks: tuple[int, ...] = ()


class Source(Protocol):
    """Gives commands of one kind. Both methods are called in the GUI thread and return at once."""

    @property
    def kind(self) -> str:
        """What the ids of its commands begin with, before the colon."""

    def find(self, query: str) -> Sequence[Command]:
        """What there is for a casefolded query; a source of few may give all: what does not fit is dropped.
        An empty one asks for what a person would like to see without asking."""

    def run(self, name: str) -> None:
        """Do what the command with this id, less its kind, is for; one that is gone does nothing."""
