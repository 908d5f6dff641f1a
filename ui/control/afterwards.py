"""What is done for good only once it cannot be taken back any more. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.language import tr
from ui.notices import Notice

_PREFIX = "after:"
#: So long a notice offers Undo.
STAYS_MS = 30_000


@dataclass(frozen=True)
class _Held:
    take_back: Callable[[], None]
    carry_out: Callable[[], None]
    timer: QTimer


class Afterwards(QObject):
    """Holds things back while a notice offers to undo them; carries them out when it is gone."""

    notice = Signal(object)
    notice_gone = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("afterwards")
        self._held: dict[str, _Held] = {}
        self.stays_ms = STAYS_MS

    def offer(
        self, key: str, text: str, take_back: Callable[[], None], carry_out: Callable[[], None]
    ) -> None:
        """Say what was done, with Undo; `carry_out` is called when it is too late for that."""
        name = f"{_PREFIX}{key}"
        self._settle(name)
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(self.stays_ms)
        timer.setProperty("held", name)
        timer.timeout.connect(self._on_timeout)
        timer.start()
        self._held[name] = _Held(take_back, carry_out, timer)
        self.notice.emit(Notice(name, text, "info", name, tr("Undo")))

    @Slot(str)
    def act(self, action: str) -> None:
        """The button of a notice was used; actions of others are left to them."""
        held = self._take(action)
        if held is not None:
            held.take_back()

    @Slot(str)
    def settle(self, key: str) -> None:
        """A notice was closed: what it offered to undo is carried out."""
        self._settle(key)

    @Slot()
    def settle_all(self) -> None:
        """No notice is seen any more."""
        for key in list(self._held):
            self._settle(key)

    def _settle(self, key: str) -> None:
        held = self._take(key)
        if held is not None:
            held.carry_out()

    def _take(self, key: str) -> _Held | None:
        held = self._held.pop(key, None)
        if held is not None:
            held.timer.stop()
            held.timer.deleteLater()
            self.notice_gone.emit(key)
        return held

    @Slot()
    def _on_timeout(self) -> None:
        self._settle(str(self.sender().property("held")))
