"""How the conversation is set: size of the text, width of the column, room between lines."""

from __future__ import annotations

from dataclasses import dataclass

from ui.theme.tokens import COLUMN_WIDTHS, LINE_HEIGHT, SPACE, SPACINGS

_LEAST = 120


@dataclass(frozen=True, slots=True)
class Reading:
    """What the person chose for reading.

    Attributes:
        zoom: of the text; 1.0 is the design's size.
        width: narrow | normal | wide | full.
        spacing: compact | normal | roomy.
    """

    zoom: float = 1.0
    width: str = "normal"
    spacing: str = "normal"

    @property
    def gap(self) -> float:
        """Room between blocks against the design's."""
        return SPACINGS[self.spacing]

    @property
    def line_height(self) -> float:
        """Line height of running text as a multiple of its size."""
        return LINE_HEIGHT * SPACINGS[self.spacing]

    def column(self, room: int, zoom: float = 0.0) -> int:
        """Width of the reading column in px where there are `room` px; it widens with larger text."""
        most = room - 2 * SPACE[4]
        wanted = COLUMN_WIDTHS[self.width]
        if wanted:
            most = min(most, round(wanted * max(1.0, zoom or self.zoom)))
        return max(_LEAST, most)
