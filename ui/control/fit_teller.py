"""Says of each file on the models page whether it fits this machine. GUI thread; the search is a worker's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.language import tr
from app.models import cascade, fit
from app.models.fit import Where
from app.models.layout import Layout
from app.models.machine import Machine
from app.models.tensors import Tensor
from ui import words
from ui.models.fit_column import Candidate, FitText, Recommendation, Tone
from ui.workers.fit import RecommendAnswer, RecommendQuestion, TellAnswer, TellQuestion

#: By so large a part of a device its free memory has to differ before all is judged anew.
_CHANGED = 0.04


@dataclass(frozen=True)
class _Key:
    """What an answer is about: a size, and whose tensors it is spread over."""

    size: int
    layout: int
    exact: bool


class FitTeller(QObject):
    """Answers at once with what is known, and tells when it knows more.

    Signals:
        changed: other answers than before.
    """

    tell_wanted = Signal(object)
    recommend_wanted = Signal(object)
    changed = Signal()

    def __init__(self, ids: Iterator[int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fit_teller")
        self._ids = ids
        self._machine: Machine | None = None
        self._answers: dict[_Key, FitText] = {}
        self._asked: dict[int, _Key] = {}
        self._files: tuple[tuple[str, int], ...] = ()
        self._recommending = 0
        self._recommendation: Recommendation | None = None

    @Slot(object)
    def set_machine(self, machine: Machine) -> None:
        """What the machine has now; a small change changes no answer."""
        if self._machine is None or _differ(self._machine, machine):
            self._machine = machine
            self._answers.clear()
            self._asked.clear()
            self._files, self._recommending = (), 0
            self.changed.emit()

    # ---- FitTeller ------------------------------------------------------------------------

    def tell(
        self, size_bytes: int, layout: Layout | None, tensors: tuple[Tensor, ...] | None
    ) -> FitText | None:
        """How a model fits, None where that is not known (yet)."""
        if layout is None or self._machine is None or (tensors is None and not _is_cascade(layout)):
            return None
        key = _Key(size_bytes, hash(layout), tensors is not None)
        known = self._answers.get(key)
        if known is None and key not in self._asked.values():
            request_id = next(self._ids)
            self._asked[request_id] = key
            candidate = fit.Candidate("", size_bytes, layout, tensors or cascade.tensors(size_bytes))
            self.tell_wanted.emit(TellQuestion(request_id, candidate, self._machine))
        return known

    def recommend(self, candidates: Sequence[Candidate]) -> Recommendation | None:
        """Which of the real model's files to take; None until that is known, or where none fits."""
        if self._machine is None:
            return None
        files = tuple((one.key, one.size) for one in candidates)
        if files and files != self._files:
            self._files, self._recommending = files, next(self._ids)
            chosen = tuple(
                fit.Candidate(one.quantization, one.size, one.layout, one.tensors)
                if one.layout is not None and one.tensors is not None
                else fit.Candidate(one.quantization, one.size, cascade.layout(), cascade.tensors(one.size))
                for one in candidates
            )
            self.recommend_wanted.emit(RecommendQuestion(self._recommending, chosen, self._machine))
        return self._recommendation

    # ---- the worker's answers -------------------------------------------------------------

    @Slot(object)
    def on_told(self, answer: TellAnswer) -> None:
        key = self._asked.pop(answer.request_id, None)
        if key is not None:
            self._answers[key] = _text(answer)
            self.changed.emit()

    @Slot(object)
    def on_recommended(self, answer: RecommendAnswer) -> None:
        if answer.request_id != self._recommending:
            return
        fits = answer.index is not None
        found = Recommendation(self._files[answer.index][0], answer.why) if fits else None
        if found != self._recommendation:
            self._recommendation = found
            self.changed.emit()


def _text(answer: TellAnswer) -> FitText:
    longest = words.compact(answer.longest) if answer.longest else ""
    if answer.where == "nowhere":
        return FitText(tr("Needs {missing} more", missing=words.size(answer.missing)), "danger")
    names: dict[Where, tuple[str, Tone]] = {
        "gpu": (tr("Fits the GPU"), "good"),
        "split": (tr("Partly in RAM"), "warning"),
        "cpu": (tr("In RAM, no GPU"), "warning") if answer.has_gpu else (tr("Fits the RAM"), "good"),
    }
    return FitText(*names[answer.where], longest)


def _is_cascade(layout: Layout) -> bool:
    known = cascade.layout()
    return (layout.architecture, layout.embedding, len(layout.blocks)) == (
        known.architecture, known.embedding, len(known.blocks),
    )  # fmt: skip


def _differ(before: Machine, now: Machine) -> bool:
    """Whether another device is there, or the free memory of one is quite another."""
    if [gpu.name for gpu in before.gpus] != [gpu.name for gpu in now.gpus]:
        return True
    pairs = [(a.free, b.free, b.total) for a, b in zip(before.gpus, now.gpus, strict=True)]
    pairs.append((before.ram_free, now.ram_free, now.ram_total))
    return any(abs(a - b) > _CHANGED * total for a, b, total in pairs)
