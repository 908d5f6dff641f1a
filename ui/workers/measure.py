"""Has llama.cpp say how large its compute buffers are, in a thread of its own: it takes a second or two."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.engine.dry_run_client import measure
from app.engine.values import LoadOptions
from app.errors import UserError


@dataclass(frozen=True)
class MeasureQuestion:
    """The compute buffers of the model in `path`, loaded with `options`."""

    request_id: int
    path: str
    options: LoadOptions


class MeasureWorker(QObject):
    """Lives in its own QThread. What cannot be measured is not answered: the estimate stands.

    Signals:
        measured: the question's id, and bytes by the name of the buffer.
    """

    measured = Signal(int, object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("measure_worker")
        self._latest = 0

    def supersede(self, request_id: int) -> None:
        """Only this question counts from now on; others end. Any thread."""
        self._latest = request_id

    @Slot(object)
    def measure(self, question: MeasureQuestion) -> None:
        """Ask, unless another question has come meanwhile."""

        def superseded() -> bool:
            return self._latest != question.request_id

        if superseded():
            return
        try:
            buffers = measure(Path(question.path), question.options, cancelled=superseded)
        except UserError:
            return
        self.measured.emit(question.request_id, buffers)
