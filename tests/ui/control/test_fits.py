from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.models.catalogue import RECOMMENDED
from ui.control.fits import Fits
from ui.models.fit_column import Candidate, FitText, Recommendation

SMALL, LARGE = Candidate("a", RECOMMENDED, 18), Candidate("b", "Q8_0", 33)


class Counting:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def tell(self, size: int, layout: Any, tensors: Any) -> FitText | None:
        self.asked.append(size)
        return FitText(str(size))

    def recommend(self, candidates: Sequence[Candidate]) -> Recommendation | None:
        self.asked.append("recommend")
        return Recommendation(candidates[-1].key, "")


def test_nothing_is_said_of_an_unknown_machine() -> None:
    fits = Fits()
    assert fits.tell("a", 18, None, None) is None
    best = fits.recommend([LARGE, SMALL])
    assert best is not None
    assert best.key == "a"
    assert fits.recommend([LARGE]) is None


def test_each_is_asked_once_until_something_changes() -> None:
    fits, teller = Fits(), Counting()
    fits.set_teller(teller)
    for _ in range(3):
        assert fits.tell("a", 18, None, None) == FitText("18")
        assert fits.recommend([SMALL, LARGE]) == Recommendation("b", "")
    assert teller.asked == [18, "recommend"]
    fits.tell("a", 19, None, None)
    fits.recommend([SMALL])
    assert teller.asked[2:] == [19, "recommend"]
    fits.clear()
    fits.tell("a", 18, None, None)
    assert teller.asked[4:] == [18]
