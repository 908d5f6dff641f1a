"""The colours of code that the window has been given, and what the screen still lacks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from app.render.colour_values import Coloured, ColourRefused, ColourRequest
from ui.throttle import Throttle

KEPT_BYTES: Final = 8 * 2**20
#: The view gathers them once more, with what else there is for a frame.
GATHER_MS: Final = 5
_OVERHEAD: Final = 400
_RUN_BYTES: Final = 80

Result = Coloured | ColourRefused


class Colours(QObject):
    """All of one conversation view. GUI thread. They are names of styles: another theme changes nothing here.

    Signals:
        wanted: tuple of ColourRequest, the next first; it takes the place of what was wanted before.
        due: something has come that was wanted.
    """

    wanted = Signal(object)
    due = Signal()

    def __init__(self, parent: QObject | None = None, most: int = KEPT_BYTES) -> None:
        super().__init__(parent)
        self.setObjectName("colours")
        self._known: OrderedDict[ColourRequest, Result] = OrderedDict()
        self._most = most
        self._bytes = 0
        self._sent: tuple[ColourRequest, ...] = ()
        self._throttle = Throttle(GATHER_MS, self)
        self._throttle.due.connect(self.due)

    @property
    def bytes(self) -> int:
        """About what is kept."""
        return self._bytes

    def get(self, request: ColourRequest) -> Result | None:
        """The colours of some lines, why there are none, or None where nobody has looked yet."""
        result = self._known.get(request)
        if result is not None:
            self._known.move_to_end(request)
        return result

    def want(self, seen: Iterable[ColourRequest], near: Iterable[ColourRequest] | None = None) -> None:
        """Ask for what the screen lacks, from its top on, and for what is near it; without `near`, what was
        asked for stays if it begins with what the screen lacks."""
        lacking = tuple(dict.fromkeys(one for one in (*seen, *(near or ())) if one not in self._known))
        coming = tuple(one for one in self._sent if one not in self._known)
        if near is None and lacking == coming[: len(lacking)]:
            return
        if lacking != coming:
            self.wanted.emit(lacking)
        self._sent = lacking

    @Slot(object, object)
    def on_coloured(self, request: ColourRequest, result: Result) -> None:
        """Take what the worker brings."""
        self.keep(request, result)
        self._throttle.request()

    def keep(self, request: ColourRequest, result: Result) -> None:
        """Know this from now on."""
        before = self._known.pop(request, None)
        if before is not None:
            self._bytes -= _weight(request, before)
        self._known[request] = result
        self._bytes += _weight(request, result)
        while self._bytes > self._most and len(self._known) > 1:
            old, gone = self._known.popitem(last=False)
            self._bytes -= _weight(old, gone)


def _weight(request: ColourRequest, result: Result) -> int:
    size = len(request.text) + sum(map(len, request.state)) + _OVERHEAD
    if isinstance(result, Coloured):
        size += sum(_RUN_BYTES * (1 + len(runs)) for runs in result.lines)
    return size
