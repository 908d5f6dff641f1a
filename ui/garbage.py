"""Keeps Python's cycle collector on the GUI thread.

The collector runs on whatever thread happens to allocate, and the engine's reader thread
allocates all the time. A cycle that holds Qt objects must not be taken apart there: that ends
the process. So automatic collection is off while the window lives, and a timer does its work.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_INTERVAL_MS = 1000


class GuiGarbage(QObject):
    """Collects on the GUI thread when Python itself would have; `stop` gives it back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gui_garbage")
        # What is there at start stays: leaving it out keeps each collection short.
        gc.collect()
        gc.freeze()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start()

    @Slot()
    def _on_tick(self) -> None:
        thresholds = gc.get_threshold()
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Collect once more and let Python do it again. Call it on the GUI thread."""
        self._timer.stop()
        gc.unfreeze()
        gc.collect()
        gc.enable()
