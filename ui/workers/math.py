"""The QThread worker that has formulas drawn, in a process that starts with the first of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal

from app.render.math_client import MathRenderer
from app.render.math_values import MathDrawn, MathRefused, MathRequest
from ui.workers.latest import LatestWorker


class MathWorker(LatestWorker):
    """Lives in its thread.

    Signals:
        drawn: MathRequest, and MathDrawn or MathRefused.
    """

    drawn = Signal(object, object)

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._renderer = MathRenderer(command)
        super().__init__(self._renderer)
        self.setObjectName("math_worker")

    def _do(self, request: MathRequest) -> None:
        def on_result(_index: int, result: MathDrawn | MathRefused) -> None:
            self.drawn.emit(request, result)

        self._renderer.render([request], on_result, lambda: self._stopped)
