"""What the palette of commands finds and runs. GUI thread; no source of commands may block it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from ui.palette.matching import MOST, rank
from ui.palette.values import Command, Source

_REMEMBERED: Final = 20
_LONGEST: Final = 300  # characters of an id


class PaletteControl(QObject):
    """Asks its sources, in their order.

    Signals:
        found: the matches (list), and how many there are at most.
        recent_changed: ids of what was run, the last one first.
    """

    found = Signal(object, int)
    recent_changed = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette_control")
        self._sources: list[Source] = []
        self._forgotten: set[str] = set()
        self._recent: list[str] = []
        self._query = ""

    def add_source(self, source: Source, *, remembered: bool = True) -> None:
        """Have its commands listed behind the others'; those remembered come first once they were run."""
        self._sources.append(source)
        if not remembered:
            self._forgotten.add(source.kind)

    @property
    def recent(self) -> Sequence[str]:
        return tuple(self._recent)

    def set_recent(self, ids: Sequence[object]) -> None:
        """What was run in earlier days; anything but ids is left out."""
        kept = [one for one in ids if isinstance(one, str) and len(one) <= _LONGEST]
        self._recent = list(dict.fromkeys(kept))[:_REMEMBERED]

    @Slot(str)
    def find(self, query: str) -> None:
        """Answer what is typed."""
        self._query = query
        folded = query.strip().casefold()
        commands: list[Command] = []
        for source in self._sources:
            commands += source.find(folded)
        self.found.emit(rank(query, commands, self._recent), MOST)

    @Slot()
    def find_again(self) -> None:
        """A source has learned something."""
        self.find(self._query)

    @Slot(str)
    def run(self, command_id: str) -> None:
        """Run a command, and remember it."""
        kind, _, name = command_id.partition(":")
        source = next((one for one in self._sources if one.kind == kind), None)
        if source is None:
            return
        if kind not in self._forgotten:
            self.set_recent([command_id, *self._recent])
            self.recent_changed.emit(list(self._recent))
        source.run(name)
