"""Puts a selection of many MB on the clipboard without holding anything up."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QMimeData, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

_AT_ONCE: Final = 65_536  # characters: at most about 2 ms


class Copying(QObject):
    """A short text is there at once, a long one when all its slices are."""

    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("copying")
        self._text, self._at, self._end = "", 0, 0
        self._data = QByteArray()
        self._timer = QTimer(self)
        self._timer.setObjectName("copying_timer")
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timer)

    @property
    def busy(self) -> bool:
        return self._timer.isActive()

    def copy(self, text: str, start: int, end: int) -> None:
        """Copy the characters from `start` to `end` instead of what is still under way."""
        self.cancel()
        if end - start <= _AT_ONCE:
            QGuiApplication.clipboard().setText(text[start:end])
            self.finished.emit()
            return
        self._text, self._at, self._end = text, start, end
        self._timer.start()

    def cancel(self) -> None:
        """Leave the clipboard as it is."""
        self._timer.stop()
        self._text, self._data = "", QByteArray()

    @Slot()
    def _on_timer(self) -> None:
        stop = min(self._end, self._at + _AT_ONCE)
        piece = self._text[self._at : stop].encode("utf-8", "replace")
        if self._data.isEmpty():
            # likely room for all: growing would copy what is there again and again
            self._data.reserve(len(piece) * (self._end - self._at) // (stop - self._at) * 9 // 8)
        self._data.append(piece)
        self._at = stop
        if stop < self._end:
            return
        data = QMimeData()
        data.setData("text/plain", self._data)
        self.cancel()
        QGuiApplication.clipboard().setMimeData(data)
        self.finished.emit()
