"""Has a prediction measured by llama.cpp itself once the person rests on it. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.engine.values import LoadOptions
from app.models.fit import with_compute
from ui.control.fit_options import options_of
from ui.workers.fit import FitAnswer
from ui.workers.measure import MeasureQuestion

_REST_MS = 400


class MeasureControl(QObject):
    """From a predicted fit to the same with exact compute buffers.

    Args:
        supersede: tells the worker past its queue which question is the last.

    Signals:
        refined: FitAnswer with what was measured; its id is the prediction's.
    """

    measure_wanted = Signal(object)
    refined = Signal(object)

    def __init__(
        self, ids: Iterator[int], supersede: Callable[[int], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("measure_control")
        self._ids, self._supersede = ids, supersede
        self._path, self._asked = "", 0
        self._answer: FitAnswer | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)

    @Slot(str, object)
    def on_predicted(self, path: str, answer: FitAnswer) -> None:
        """Something else is looked at: what was asked before is of no use any more."""
        self._asked = 0
        self._supersede(0)
        self._path, self._answer = path, answer
        self._rest.start()

    def stop(self) -> None:
        """Ask nothing more, and end what is being measured."""
        self._rest.stop()
        self._asked = 0
        self._supersede(0)

    @Slot()
    def _ask(self) -> None:
        if self._answer is not None and self._answer.fit is not None:
            self._asked = next(self._ids)
            self._supersede(self._asked)
            options = options_of(LoadOptions(), self._answer.fit)
            self.measure_wanted.emit(MeasureQuestion(self._asked, self._path, options))

    @Slot(int, object)
    def on_measured(self, request_id: int, buffers: dict[str, int]) -> None:
        answer = self._answer
        if request_id == self._asked and answer is not None and answer.fit is not None:
            exact = with_compute(answer.fit, buffers, answer.machine)
            self.refined.emit(replace(answer, fit=exact))
