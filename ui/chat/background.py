"""What is done between frames, a little at a time: colours of seen code, parsing near the screen."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

from ui.chat.formula_ahead import keys_within
from ui.throttle import Throttle

if TYPE_CHECKING:
    from ui.chat.view import ChatView

WORK_SECONDS: Final = 0.005
_COLOUR_SECONDS: Final = 0.003  # it comes on top of a frame
_WORK_MS: Final = 5
_AHEAD_MS: Final = 10


class Background:
    """Work of one ChatView that may wait. GUI thread."""

    def __init__(self, view: ChatView) -> None:
        self._view = view
        self._work, self._ahead = Throttle(_WORK_MS, view), Throttle(_AHEAD_MS, view)
        self._work.due.connect(self._on_work)
        self._ahead.due.connect(self.ahead)

    def request(self) -> None:
        """The rows of the screen have changed: colour some code at once, the rest soon."""
        self._colour()
        self._ahead.request()

    def cancel(self) -> None:
        """Parse nothing ahead any more."""
        self._ahead.cancel()

    def _on_work(self) -> None:
        self._colour()
        self._view.viewport().update()

    def _colour(self) -> None:
        end = perf_counter() + _COLOUR_SECONDS
        for placed in self._view.placer.rows:
            if placed.item.work(end - perf_counter()):
                self._work.request()
                return

    def ahead(self) -> None:
        """Parse for a few milliseconds; what there is to see of it is arranged."""
        view, end = self._view, perf_counter() + WORK_SECONDS
        height, found = view.viewport().height(), False
        view.placer.trim(height)
        while perf_counter() < end and view.placer.ahead(height):
            found = True
        if found:
            view.arrange()
        else:
            view.formulas.want(view.placer.missing(), keys_within(view.placer.near(height), WORK_SECONDS))
