"""A very long text goes into a field slice by slice: a line costs Qt some µs, and there may be millions."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QTextCursor

from ui.composer.long_lines import pieced

_LINES = 10_000  # of a slice: some 40 ms
_CHARS = 1 << 20  # of a slice: lines may be long, too


class Filling(QObject):
    """What is still to be put in, and where. Whoever reads the field adds it, see `read`."""

    finished = Signal()  # also of a short text, which is in at once

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("filling")
        self._at = QTextCursor()
        self._rest, self._done = "", 0
        self._timer = QTimer(self)
        self._timer.setObjectName("filling_timer")
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timer)

    @property
    def under_way(self) -> bool:
        return bool(self._rest)

    def begin(self, at: QTextCursor, text: str) -> None:
        """Put `text`, with line ends as \\n, in the place of what `at` has selected.

        Most of a very long one follows later; each slice gets its seams (`pieced`) when it goes in.
        """
        self.finish()
        self._at = QTextCursor(at)
        self._rest, self._done = text, 0
        self._put(self._end(), first=True)
        if self._rest:
            self._timer.start()

    def finish(self) -> None:
        """Put all the rest in now: something else is about to change the text."""
        while self._rest:
            self._put(self._end())

    def cancel(self) -> None:
        """Forget the rest."""
        self._timer.stop()
        self._rest, self._at = "", QTextCursor()

    def read(self, shown: str) -> str:
        """`shown`, the field's text, with the rest where it belongs."""
        if not self._rest:
            return shown
        if self._at.atEnd():
            return shown + self._rest[self._done :]
        # Qt counts in units of UTF-16.
        units = shown.encode("utf-16-le", "surrogatepass")
        at = 2 * self._at.position()
        before = units[:at].decode("utf-16-le", "surrogatepass")
        return before + self._rest[self._done :] + units[at:].decode("utf-16-le", "surrogatepass")

    @Slot()
    def _on_timer(self) -> None:
        self._put(self._end())

    def _end(self) -> int:
        """Where the next slice ends."""
        end = self._done
        most = self._done + _CHARS
        for _ in range(_LINES):
            end = self._rest.find("\n", end, most) + 1
            if not end:
                return min(most, len(self._rest))
        return end

    def _put(self, end: int, *, first: bool = False) -> None:
        slice_ = pieced(self._rest[self._done : end])
        self._done = end
        if end >= len(self._rest):
            # Before the last slice: who hears of the change finds all of it in the field.
            self._timer.stop()
            self._rest = ""
        if first:
            self._at.beginEditBlock()
        else:
            self._at.joinPreviousEditBlock()  # one step of undo for all
        self._at.insertText(slice_)
        self._at.endEditBlock()
        if not self._rest:
            self._at = QTextCursor()
            self.finished.emit()
