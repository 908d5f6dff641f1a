"""Reads headers and searches for fits in a thread of its own: both may take a second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import UserError
from app.models.fit import Candidate, Fit, Wishes, fit_for_me
from app.models.fit_words import explain
from app.models.headers import HeaderCache
from app.models.machine import Machine
from app.models.prospect import ContextRange, context_range, fit_at


@dataclass(frozen=True)
class FitQuestion:
    """How the model in `path` is to be loaded; `n_ctx` asks what that context would mean."""

    request_id: int
    path: str
    machine: Machine
    wishes: Wishes
    n_ctx: int = 0


@dataclass(frozen=True)
class FitAnswer:
    """`why` says it in a sentence. `fit` is None where the file cannot be read; the engine says why."""

    request_id: int
    fit: Fit | None
    machine: Machine
    why: str = ""


@dataclass(frozen=True)
class RangeAnswer:
    """What contexts a model can have; None where its file cannot be read."""

    request_id: int
    range: ContextRange | None


class FitWorker(QObject):
    """Lives in its own QThread; its slots are called by queued signals."""

    answered = Signal(object)
    predicted = Signal(object)
    ranged = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("fit_worker")
        self._headers = HeaderCache()

    @Slot(object)
    def fit(self, question: FitQuestion) -> None:
        """How to load it."""
        candidate = self._candidate(question)
        if candidate is None:
            self.answered.emit(FitAnswer(question.request_id, None, question.machine))
            return
        fit = fit_for_me([candidate], question.machine, question.wishes)
        why = explain(fit, question.machine)
        self.answered.emit(FitAnswer(question.request_id, fit, question.machine, why))

    @Slot(object)
    def predict(self, question: FitQuestion) -> None:
        """What a context would mean."""
        candidate = self._candidate(question)
        if candidate is not None:
            fit = fit_at(candidate, question.machine, question.wishes, question.n_ctx)
            why = explain(fit, question.machine)
            self.predicted.emit(FitAnswer(question.request_id, fit, question.machine, why))

    @Slot(object)
    def measure_range(self, question: FitQuestion) -> None:
        """Which contexts go where."""
        candidate = self._candidate(question)
        found = context_range(candidate, question.machine, question.wishes) if candidate is not None else None
        self.ranged.emit(RangeAnswer(question.request_id, found))

    def _candidate(self, question: FitQuestion) -> Candidate | None:
        try:
            header = self._headers.read(Path(question.path))
        except UserError:
            return None
        return Candidate(header.quantization, header.n_bytes, header.layout, header.tensors)
