"""What can be taken back: offered in a notice for the last one, by shortcut for those before. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from app.language import tr
from ui.notices import Level, Notice

_MOST = 20
_PREFIX = "undo:"


class Undo(QObject):
    """A stack of things that can be taken back."""

    notice = Signal(object)
    notice_gone = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("undo")
        self._number = 0
        self._stack: dict[str, Callable[[], None]] = {}

    def offer(
        self, text: str, take_back: Callable[[], None], level: Level = "info", details: str = ""
    ) -> None:
        """Say what was done, with a button that takes it back."""
        self._number += 1
        action = f"{_PREFIX}{self._number}"
        self._stack[action] = take_back
        while len(self._stack) > _MOST:
            del self._stack[next(iter(self._stack))]
        self.notice.emit(Notice("undo", text, level, action, tr("Undo"), details))

    @Slot(str)
    def act(self, action: str) -> None:
        """The button of a notice was used; actions of others are left to them."""
        take_back = self._stack.pop(action, None)
        if take_back is not None:
            self.notice_gone.emit("undo")
            take_back()

    @Slot()
    def undo_last(self) -> None:
        """Take back what was done last."""
        if self._stack:
            self.act(next(reversed(self._stack)))
