"""What of a long text is not parsed yet."""

from __future__ import annotations

from app.render.slices import slice_end


class Rest:
    """A text that is taken from its beginning on, a piece at a time; taking copies the piece alone."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self._at = 0
        self._lines: int | None = None

    def __len__(self) -> int:
        return len(self.text) - self._at

    def take(self, most: int) -> str:
        """The next piece: at most so many characters, which a stream takes in a few milliseconds."""
        stop = slice_end(self.text, self._at, most)
        piece, self._at = self.text[self._at : stop], stop
        if self._lines is not None:
            self._lines -= piece.count("\n")
        return piece

    @property
    def lines(self) -> int:
        """How many line ends are left."""
        if self._lines is None:
            self._lines = self.text.count("\n", self._at)
        return self._lines
