"""The QThread worker that finds out what is to be reported."""

from __future__ import annotations

import threading

import PySide6
from PySide6.QtCore import QObject, Signal, Slot, qVersion

from app.doctor.report import whole_report
from app.doctor.values import EngineFacts
from app.paths import Paths


class DiagnosisWorker(QObject):
    """Lives in its thread.

    Signals:
        gathered: the ticket, and the report.
    """

    gathered = Signal(int, str)

    def __init__(self, paths: Paths) -> None:
        super().__init__()
        self.setObjectName("diagnosis_worker")
        self._paths = paths
        self._stopped = threading.Event()

    @Slot(int, object)
    def gather(self, ticket: int, facts: EngineFacts) -> None:
        """Look at everything; `gathered` follows within the deadlines of its parts."""
        versions = {"PySide6": PySide6.__version__, "Qt": qVersion()}
        text = whole_report(self._paths, facts, versions, self._stopped.is_set)
        if not self._stopped.is_set():
            self.gathered.emit(ticket, text)

    def stop(self) -> None:
        """Nobody waits any more. Any thread."""
        self._stopped.set()
