"""Which pieces of a text are on the screen, and where. Knows no widget."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, NamedTuple

from PySide6.QtGui import QFont

from ui.documents.piece_layout import PieceLayout
from ui.documents.pieces import piece_at

_KEPT: Final = 200  # layouts; some 40 are on a screen
_BAR: Final = 1 << 30
_SHORT: Final = 20_000  # characters
_SCREEN: Final = 2000  # characters that likely fit on one


class Placed(NamedTuple):
    """A piece from `start` to `end` with its top at `y` px of the viewport."""

    start: int
    end: int
    y: int
    layout: PieceLayout


class Placer:
    """The place in the text is kept as a piece and how many px of it are above the screen.

    Scroll bar values count characters, times `scale`: nobody knows how high the whole text is.
    """

    def __init__(self) -> None:
        self.text = ""
        self.height = 1
        self.width = 1
        self._font = QFont()
        self._start = self._above = 0
        self._layouts: OrderedDict[int, tuple[int, PieceLayout]] = OrderedDict()
        self._maximum: int | None = None

    @property
    def scale(self) -> int:
        return max(1, min(1000, _BAR // (len(self.text) + 1)))

    def set_text(self, text: str) -> None:
        """Show another text from its start."""
        self.text = text
        self._start = self._above = 0
        self._forget()

    def set_frame(self, width: int, height: int, font: QFont) -> None:
        """The viewport; the text at its top stays there."""
        if (width, font) != (self.width, self._font):
            top = self.top_offset()
            self.width, self._font = max(1, width), font
            self._forget()
            self._start, end = piece_at(self.text, top)
            self._above = round(self._layout(self._start, end).place(top - self._start).top()) if top else 0
        if height != self.height:
            self.height, self._maximum = max(1, height), None
        self._clamp()

    def _forget(self) -> None:
        self._layouts.clear()
        self._maximum = None

    def _layout(self, start: int, end: int) -> PieceLayout:
        found = self._layouts.get(start)
        if found is None:
            found = end, PieceLayout(self.text[start:end], self._font, self.width)
            self._layouts[start] = found
            if len(self._layouts) > _KEPT:
                self._layouts.popitem(last=False)
        else:
            self._layouts.move_to_end(start)
        return found[1]

    def piece(self, offset: int) -> tuple[int, int, PieceLayout]:
        """The piece that an offset is in, laid out."""
        start, end = piece_at(self.text, offset)
        return start, end, self._layout(start, end)

    # ---- what is seen ---------------------------------------------------------------------

    def rows(self) -> list[Placed]:
        """The pieces on the screen from the top."""
        found = []
        y, start = -self._above, self._start
        while y < self.height:
            begin, end, layout = self.piece(start)
            found.append(Placed(begin, end, y, layout))
            y += layout.height
            start = end
            if end >= len(self.text):
                break
        return found

    def top_offset(self) -> int:
        """The first character on the screen."""
        if not self._layouts:
            return self._start
        start, _, layout = self.piece(self._start)
        return start + layout.line_of(layout.hit(0, self._above + 1))[0] if self._above else start

    def seen(self) -> tuple[int, int]:
        """The first character on the screen and the one behind the last, by whole lines."""
        last = self.rows()[-1]
        bottom = self.height - last.y
        if bottom >= last.layout.height:
            return self.top_offset(), last.end
        end = last.start + last.layout.line_of(last.layout.hit(0, bottom))[1] + 1
        return self.top_offset(), min(last.end, end)

    @property
    def at_end(self) -> bool:
        """Whether the end of the text is on the screen."""
        last = self.rows()[-1]
        return last.end >= len(self.text) and last.y + last.layout.height <= self.height

    # ---- moving ---------------------------------------------------------------------------

    def scroll_by(self, distance: int) -> None:
        """Down by so many px, up where it is negative."""
        self._above += distance
        self._settle()
        self._clamp()

    def _settle(self) -> None:
        """Make `_above` a place within its piece."""
        while self._above < 0 and self._start > 0:
            self._start, end = piece_at(self.text, self._start - 1)
            self._above += self._layout(self._start, end).height
        self._above = max(0, self._above)
        while True:
            _, end, layout = self.piece(self._start)
            if self._above < layout.height:
                return
            if end >= len(self.text):
                self._above = layout.height - 1
                return
            self._above -= layout.height
            self._start = end

    def _clamp(self) -> None:
        """Nothing but text is on the screen, if there is so much of it."""
        last = self.rows()[-1]
        lacking = self.height - last.y - last.layout.height
        if lacking > 0 and last.end >= len(self.text):
            self._above -= lacking
            self._settle()

    def reveal(self, offset: int, near: float = 0.0) -> None:
        """Bring a character to the screen: at its edge, or at a share of its height."""
        start, _, layout = self.piece(offset)
        place = layout.place(offset - start)
        for row in self.rows():
            if row.start == start:
                top, bottom = row.y + round(place.top()), row.y + round(place.bottom())
                if top >= 0 and bottom <= self.height:
                    return
                if not near:
                    self.scroll_by(top if top < 0 else bottom - self.height)
                    return
        below = offset > self._start
        share = near or (1.0 if below else 0.0)
        self._start = start
        self._above = round(place.top() - share * (self.height - place.height()))
        self._settle()
        self._clamp()

    def to_end(self) -> None:
        """The last of the text at the bottom."""
        self._start, end = piece_at(self.text, len(self.text))
        self._above = self._layout(self._start, end).height - self.height
        self._settle()

    def to_start(self) -> None:
        """The first of the text at the top."""
        self._start = self._above = 0

    # ---- the scroll bar -------------------------------------------------------------------

    def value(self) -> int:
        """Where the top of the screen is."""
        start, end, layout = self.piece(self._start)
        return round((start + (end - start) * self._above / layout.height) * self.scale)

    @property
    def end_known(self) -> bool:
        return self._maximum is not None

    def maximum(self) -> int:
        """The value at the end of the text; of a long one about that, until the end is measured."""
        if self._maximum is None:
            if len(self.text) > _SHORT:
                return (len(self.text) - _SCREEN) * self.scale
            self.measure_end()
        return self._maximum or 0

    def measure_end(self) -> None:
        """Lay the end of the text out to know where the last screen begins."""
        kept = self._start, self._above
        self.to_end()
        self._maximum = self.value()
        self._start, self._above = kept

    def set_value(self, value: int) -> None:
        """Go where the scroll bar is."""
        if value >= self.maximum():
            self.to_end()
            return
        at = value / self.scale
        start, end, layout = self.piece(int(at))
        self._start = start
        self._above = int((at - start) / max(1, end - start) * layout.height)
        self._settle()
        self._clamp()
