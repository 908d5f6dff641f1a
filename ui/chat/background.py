"""What is done between frames, a little at a time: colours of seen code, parsing near the screen."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

from app.render.colour_values import ColourRequest
from ui.chat.colouring import requests_within
from ui.chat.formula_ahead import keys_within
from ui.chat.preparing import go_on
from ui.throttle import Throttle

if TYPE_CHECKING:
    from ui.chat.view import ChatView

WORK_SECONDS: Final = 0.005
_COLOUR_SECONDS: Final = 0.003  # it comes on top of a frame
_WORK_MS: Final = 5
_AHEAD_MS: Final = 10
_PREPARE_MS: Final = 2
_PREPARE_SECONDS: Final = 0.008  # somebody waits for it


class Background:
    """Work of one ChatView that may wait. GUI thread."""

    def __init__(self, view: ChatView) -> None:
        self._view = view
        self._work, self._ahead = Throttle(_WORK_MS, view), Throttle(_AHEAD_MS, view)
        self._preparing = Throttle(_PREPARE_MS, view)
        self._preparing.due.connect(self.prepare)
        self._work.due.connect(self._on_work)
        self._ahead.due.connect(self.ahead)

    def request(self) -> None:
        """The rows of the screen have changed: colour some code at once, the rest soon."""
        self._colour()
        self._ahead.request()
        if self._view.model.preparing:
            self._preparing.request()

    def cancel(self) -> None:
        """Parse nothing ahead any more."""
        self._ahead.cancel()
        self._preparing.cancel()

    def prepare(self) -> None:
        """Parse a little of the long messages that somebody waits for."""
        for message in go_on(self._view.model, _PREPARE_SECONDS):
            self._view.resume(message)
        if self._view.model.preparing:
            self._preparing.request()

    def _on_work(self) -> None:
        self._colour()
        self._view.viewport().update()

    def _colour(self) -> None:
        end = perf_counter() + _COLOUR_SECONDS
        for placed in self._view.placer.rows:
            if placed.item.work(end - perf_counter()):
                self._work.request()
                break
        self._view.colours.want(self._lacking())

    def _lacking(self) -> list[ColourRequest]:
        """The colours that the screen lacks, from its top on."""
        return [one for placed in self._view.placer.rows for one in placed.item.lacking]

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
            near = requests_within(view.placer.near(height), WORK_SECONDS)
            view.colours.want(self._lacking(), near)
