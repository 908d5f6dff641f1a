"""The window's side of the process that colours code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from app.language import mark, tr
from app.render.child import Child, Failure, never
from app.render.colour_values import (
    MESSAGES,
    CodeColoured,
    CodeRefused,
    ColourCode,
    Coloured,
    ColourRefused,
    ColourRequest,
    unpacked,
)

#: A piece takes some 20 ms, and 100 more if its lexer has to be loaded.
DEADLINE_S: Final = 2.0
_TRIES: Final = 2  # where the process dies: it may have been killed for something else

_WHY: Final = {
    Failure.GONE: mark("The process that colours code does not start."),
    Failure.LATE: mark("It takes too long to colour."),
    Failure.DIED: mark("It ended the process that colours code."),
}


class Colourer(Child[CodeColoured | CodeRefused]):
    """Colours code in a child process. From one worker's thread at a time, never the GUI's: it waits."""

    def __init__(self, command: Sequence[str] | None = None, deadline_s: float = DEADLINE_S) -> None:
        super().__init__("colour-process", MESSAGES, (CodeColoured, CodeRefused), deadline_s, command)

    def colour(
        self, request: ColourRequest, cancelled: Callable[[], bool] = never
    ) -> Coloured | ColourRefused | None:
        """The colours of some lines; None within 0.1 s after `cancelled` says so. No code raises."""
        failure = Failure.DIED
        for _ in range(_TRIES):
            reply = self._ask(lambda number: ColourCode(number, request), cancelled)
            if isinstance(reply, CodeRefused):
                return ColourRefused(reply.reason[:200])
            if isinstance(reply, CodeColoured):
                found = unpacked(request, reply)
                if found is not None:
                    return found
                self.close()
                continue
            failure = reply
            if failure is not Failure.DIED:
                break
        return None if failure is Failure.CANCELLED else ColourRefused(tr(_WHY[failure]))
