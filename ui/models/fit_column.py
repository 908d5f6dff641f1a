"""What fits this machine, as the models page shows it. Whoever knows the machine supplies it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from app.language import tr

if TYPE_CHECKING:
    from app.models.layout import Layout
    from app.models.tensors import Tensor

Tone = Literal["", "good", "warning", "danger"]


@dataclass(frozen=True)
class FitText:
    """How a model fits.

    Attributes:
        words: for the column "Fits".
        tone: how it is coloured.
        longest: the longest context that fits, for its column, as "128K".
    """

    words: str
    tone: Tone = ""
    longest: str = ""


@dataclass(frozen=True)
class Candidate:
    """One of the files that could be recommended.

    Attributes:
        key: of its row.
        layout: of its model where a header of that repository was read.
    """

    key: str
    quantization: str
    size: int
    layout: Layout | None = None
    tensors: tuple[Tensor, ...] | None = None


@dataclass(frozen=True)
class Recommendation:
    """The row that suits this machine best, and why in one sentence."""

    key: str
    why: str


class FitTeller(Protocol):
    """Knows this machine. Called on the GUI thread, where it has to return at once.

    One that has to compute for long returns None, and has `CatalogueControl.refresh_fits` called when
    it knows more: then everything is asked again. Between two such calls each is asked once.
    """

    def tell(
        self, size_bytes: int, layout: Layout | None, tensors: tuple[Tensor, ...] | None
    ) -> FitText | None:
        """How a model fits, None where that cannot be said.

        `layout` and `tensors` are those of the very file where its header was read; where only that of
        another quantization of the same model was, `layout` is that one's and `tensors` None.
        """

    def recommend(self, candidates: Sequence[Candidate]) -> Recommendation | None:
        """Which of the real model's files to take, None where none can be recommended."""


class NoFit:
    """Until the machine is known: nothing is said of what fits, and the catalogue's own choice stands."""

    def tell(
        self, _size_bytes: int, _layout: Layout | None, _tensors: tuple[Tensor, ...] | None
    ) -> FitText | None:
        return None

    def recommend(self, candidates: Sequence[Candidate]) -> Recommendation | None:
        from app.models.catalogue import RECOMMENDED

        found = next((one for one in candidates if one.quantization == RECOMMENDED), None)
        return Recommendation(found.key, tr("The smallest common file of this model.")) if found else None
