"""Asks how full the memory is, once a second while somebody can see it. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

_EVERY_MS = 1000


class MeterControl(QObject):
    """Costs nothing while the window is hidden or minimized: no timer runs then."""

    asked = Signal()

    def __init__(self, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("meter_control")
        self._window = window
        self._timer = QTimer(self)
        self._timer.setObjectName("meter_timer")
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.asked)
        window.installEventFilter(self)

    @property
    def running(self) -> bool:
        """Whether it asks."""
        return self._timer.isActive()

    def stop(self) -> None:
        """Ask no more, whatever the window does."""
        self._window.removeEventFilter(self)
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.WindowStateChange)
        if watched is self._window and event.type() in kinds:
            seen = event.type() != QEvent.Type.Hide and not self._window.isMinimized()
            if seen and self._window.isVisible() and not self._timer.isActive():
                self._timer.start()
                self.asked.emit()
            elif not seen:
                self._timer.stop()
        return super().eventFilter(watched, event)
