"""Formulas for a file, each drawn once by the process that draws them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from app.language import mark, tr
from app.render.math_client import LATE, MathRenderer
from app.render.math_values import MathDrawn, MathRefused, MathRequest

#: The size that formulas are drawn at, in px of one em.
EM: Final = 20.0
_MOST: Final = 400
_MOST_CHARS: Final = 20_000_000
_TIRED: Final = mark("Formulas of this document take too long to draw.")
#: So many that are refused for their time, and the rest is shown as source.
_MOST_LATE: Final = 20


class SetFormulas:
    """Draws formulas. A context manager; one thread."""

    def __init__(self, renderer: MathRenderer | None = None) -> None:
        self._renderer = renderer if renderer is not None else MathRenderer()
        self._kept: OrderedDict[tuple[str, bool], MathDrawn | MathRefused] = OrderedDict()
        self._size = self._late = 0

    def __enter__(self) -> SetFormulas:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._renderer.close()

    def get(self, latex: str, display: bool) -> MathDrawn | MathRefused:
        """A formula at EM, or why it is shown as its source. Waits."""
        key = (latex, display)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        if self._late >= _MOST_LATE:
            return MathRefused(tr(_TIRED))
        results: list[MathDrawn | MathRefused] = []
        self._renderer.render(
            [MathRequest(latex, display, EM)], lambda _index, result: results.append(result)
        )
        made = results[0] if results else MathRefused(tr(_TIRED))
        self._late += isinstance(made, MathRefused) and made.reason in (tr(LATE), tr(_TIRED))
        self._keep(key, made)
        return made

    def _keep(self, key: tuple[str, bool], made: MathDrawn | MathRefused) -> None:
        self._kept[key] = made
        self._size += _size(made)
        while len(self._kept) > _MOST or self._size > _MOST_CHARS:
            self._size -= _size(self._kept.popitem(last=False)[1])


def _size(one: MathDrawn | MathRefused) -> int:
    return len(one.svg) if isinstance(one, MathDrawn) else 0
