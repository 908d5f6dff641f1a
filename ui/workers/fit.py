"""Reads headers and searches for fits in a thread of its own: both may take a second."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import UserError
from app.models.fit import Candidate, Fit, Where, Wishes, fit_for_me, judge, working_bytes
from app.models.fit_words import explain
from app.models.headers import HeaderCache
from app.models.machine import Machine
from app.models.memory import Plan
from app.models.prospect import ContextRange, context_range, fit_at


@dataclass(frozen=True)
class FitQuestion:
    """How the model in `path` is to be loaded.

    Attributes:
        n_ctx: asks what that context would mean.
        present: how the same model is loaded now.
    """

    request_id: int
    path: str
    machine: Machine
    wishes: Wishes
    n_ctx: int = 0
    present: Plan | None = None


@dataclass(frozen=True)
class FitAnswer:
    """How it fits.

    Attributes:
        fit: None where the file cannot be read; the engine says why.
        why: in a sentence.
        other_flash: bytes of cache and compute buffers with flash attention the other way; 0 if not known.
    """

    request_id: int
    fit: Fit | None
    machine: Machine
    why: str = ""
    other_flash: int = 0


@dataclass(frozen=True)
class RangeAnswer:
    """What contexts a model can have; None where its file cannot be read."""

    request_id: int
    range: ContextRange | None


@dataclass(frozen=True)
class TellQuestion:
    """Where a model goes on this machine, and the longest context that it can have there."""

    request_id: int
    candidate: Candidate
    machine: Machine


@dataclass(frozen=True)
class TellAnswer:
    """`missing` bytes where it goes nowhere; `longest` in tokens, 0 there."""

    request_id: int
    where: Where
    longest: int
    missing: int
    has_gpu: bool


@dataclass(frozen=True)
class RecommendQuestion:
    """Which of several files suits this machine best."""

    request_id: int
    candidates: tuple[Candidate, ...]
    machine: Machine


@dataclass(frozen=True)
class RecommendAnswer:
    """Which one, and why; None where none fits."""

    request_id: int
    index: int | None
    why: str


class FitWorker(QObject):
    """Lives in its own QThread; its slots are called by queued signals."""

    answered = Signal(object)
    predicted = Signal(object)
    ranged = Signal(object)
    told = Signal(object)
    recommended = Signal(object)

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
        machine, wishes, n_ctx = question.machine, question.wishes, question.wishes.n_ctx
        if n_ctx is not None:
            fit = fit_at(candidate, machine, wishes, n_ctx, question.present)
        else:
            fit = fit_for_me([candidate], machine, wishes)
        why = explain(fit, machine)
        self.answered.emit(FitAnswer(question.request_id, fit, question.machine, why))

    @Slot(object)
    def predict(self, question: FitQuestion) -> None:
        """What a context would mean."""
        candidate = self._candidate(question)
        if candidate is None:
            self.predicted.emit(FitAnswer(question.request_id, None, question.machine))
            return
        fit = fit_at(candidate, question.machine, question.wishes, question.n_ctx, question.present)
        why = explain(fit, question.machine)
        other = replace(fit.plan, flash_attention=not fit.plan.flash_attention)
        found = working_bytes(judge(candidate, other, question.machine).estimate)
        self.predicted.emit(FitAnswer(question.request_id, fit, question.machine, why, found))

    @Slot(object)
    def measure_range(self, question: FitQuestion) -> None:
        """Which contexts go where."""
        candidate = self._candidate(question)
        found = context_range(candidate, question.machine, question.wishes) if candidate is not None else None
        self.ranged.emit(RangeAnswer(question.request_id, found))

    @Slot(object)
    def tell(self, question: TellQuestion) -> None:
        """Where a file goes, whatever the context, and how far."""
        fit = fit_for_me([question.candidate], question.machine)
        longest = 0
        if fit.fits:
            zones = context_range(question.candidate, question.machine, Wishes()).zones
            longest = next((zone.end for zone in reversed(zones) if zone.where == fit.where), fit.plan.n_ctx)
        has_gpu = bool(question.machine.gpus)
        self.told.emit(TellAnswer(question.request_id, fit.where, longest, fit.missing, has_gpu))

    @Slot(object)
    def recommend(self, question: RecommendQuestion) -> None:
        """The best of several files."""
        fit = fit_for_me(question.candidates, question.machine)
        index = question.candidates.index(fit.candidate) if fit.fits else None
        why = explain(fit, question.machine, question.candidates)
        self.recommended.emit(RecommendAnswer(question.request_id, index, why))

    def _candidate(self, question: FitQuestion) -> Candidate | None:
        try:
            header = self._headers.read(Path(question.path))
        except UserError:
            return None
        return Candidate(header.quantization, header.n_bytes, header.layout, header.tensors)
