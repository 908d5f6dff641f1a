"""The window's side of the process that draws formulas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from app.language import mark, tr
from app.render.child import Child, Failure, never
from app.render.math_values import (
    MESSAGES,
    FormulaRefused,
    FormulaSet,
    MathDrawn,
    MathRefused,
    MathRequest,
    SetFormula,
    is_sound,
)

#: A formula takes some milliseconds.
DEADLINE_S: Final = 2.0
_MOST_CHARS: Final = 20_000

_GONE: Final = mark("Formulas cannot be drawn: the process for them does not start.")
LATE: Final = mark("It takes too long to draw.")
_DIED: Final = mark("It ended the process that draws formulas.")


class MathRenderer(Child[FormulaSet | FormulaRefused]):
    """Draws formulas in a child process. From one worker's thread at a time, never the GUI's: it waits."""

    def __init__(self, command: Sequence[str] | None = None, deadline_s: float = DEADLINE_S) -> None:
        super().__init__("math-process", MESSAGES, (FormulaSet, FormulaRefused), deadline_s, command)

    def render(
        self,
        requests: Sequence[MathRequest],
        on_result: Callable[[int, MathDrawn | MathRefused], None],
        cancelled: Callable[[], bool] = never,
    ) -> None:
        """Draw formulas in their order; `on_result(index, result)` is called in this thread as each is done.

        Returns within 0.1 s after `cancelled` says so: the rest have no result then. No formula raises.
        """
        for index, request in enumerate(requests):
            if cancelled():
                return
            result = self._one(request, cancelled)
            if result is None:
                return
            on_result(index, result)

    def _one(self, request: MathRequest, cancelled: Callable[[], bool]) -> MathDrawn | MathRefused | None:
        """The result, or None where it was cancelled."""
        if len(request.source) > _MOST_CHARS:
            return MathRefused(tr("It is too long."))
        reply = self._ask(lambda number: SetFormula(number, request), cancelled)
        if isinstance(reply, FormulaRefused):
            return MathRefused(reply.reason[:200])
        if isinstance(reply, FormulaSet):
            if is_sound(reply.drawn):
                return reply.drawn
            self.close()
        if reply is Failure.CANCELLED:
            return None
        if reply is Failure.GONE:
            return MathRefused(tr(_GONE))
        return MathRefused(tr(LATE) if reply is Failure.LATE else tr(_DIED))
