"""The QThread worker that has code coloured, in a process that starts with the first of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from app.render.colour_client import Colourer
from app.render.colour_values import ColourRequest
from ui.workers.latest import LatestWorker


class ColourWorker(LatestWorker):
    """Lives in its thread.

    Signals:
        coloured: ColourRequest, and Coloured or ColourRefused.
    """

    coloured = Signal(object, object)

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._colourer = Colourer(command)
        super().__init__(self._colourer)
        self.setObjectName("colour_worker")

    def _do(self, request: ColourRequest) -> None:
        result = self._colourer.colour(request, lambda: self._stopped)
        if result is not None:
            self.coloured.emit(request, result)
