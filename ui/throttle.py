"""Gathers many calls into one a frame."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal


class Throttle(QObject):
    """Emits `due` once, `interval` ms after the first of any number of request() calls. GUI thread only."""

    due = Signal()

    def __init__(self, interval: int = 25, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("throttle")
        self._timer = QTimer(self)
        self._timer.setObjectName("throttle_timer")
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(interval)
        self._timer.timeout.connect(self.due)

    def request(self) -> None:
        """Ask for one `due`; cheap when one is already on its way."""
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Emit `due` now if it was asked for."""
        if self._timer.isActive():
            self._timer.stop()
            self.due.emit()

    def cancel(self) -> None:
        """Forget what was asked for."""
        self._timer.stop()
