"""What fits this machine, asked once for each model and remembered. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ui.models.fit_column import Candidate, FitTeller, FitText, NoFit, Recommendation

if TYPE_CHECKING:
    from app.models.layout import Layout
    from app.models.tensors import Tensor


class Fits:
    """Stands before a teller: rows are made far more often than what fits changes."""

    def __init__(self) -> None:
        self._teller: FitTeller = NoFit()
        self._told: dict[tuple[str, int, bool, bool], FitText | None] = {}
        self._best: tuple[tuple[Candidate, ...], Recommendation | None] | None = None

    def set_teller(self, teller: FitTeller) -> None:
        """Ask `teller` from now on."""
        self._teller = teller
        self.clear()

    def clear(self) -> None:
        """What was told is not true any more."""
        self._told.clear()
        self._best = None

    def tell(
        self, key: str, size: int, layout: Layout | None, tensors: tuple[Tensor, ...] | None
    ) -> FitText | None:
        """How the model of a row fits; None where that cannot be said."""
        about = (key, size, layout is not None, tensors is not None)
        if about not in self._told:
            self._told[about] = self._teller.tell(size, layout, tensors)
        return self._told[about]

    def recommend(self, candidates: Sequence[Candidate]) -> Recommendation | None:
        """Which of these to take."""
        asked = tuple(candidates)
        if self._best is None or self._best[0] != asked:
            self._best = (asked, self._teller.recommend(asked))
        return self._best[1]
