"""Puts parts of the conversation on the clipboard, however long they are, a few ms at a time."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from ui.chat.message import Message
from ui.chat.selection import whole_parts
from ui.documents.copying import Copying

if TYPE_CHECKING:
    from ui.chat.view import ChatView

_AT_ONCE: Final = 0.02  # s
_FEW: Final = 100  # pieces that are taken at once however long they take
_SECONDS: Final = 0.006
_SHORT: Final = 500_000  # characters: at most about 5 ms


class ChatCopier(QObject):
    """The clipboard of one ChatView. A later copy takes the place of one that is still under way.

    Signals:
        busy_changed: a copy takes longer, or it is there.
    """

    busy_changed = Signal(bool)

    def __init__(self, view: ChatView) -> None:
        super().__init__(view)
        self.setObjectName("chat_copier")
        self._view = view
        self._busy = False
        self._found: list[str] = []
        self._parts: Iterator[str] | None = None
        self._messages: tuple[object, int] = (None, 0)
        self._long = Copying(self)
        self._long.finished.connect(self._on_there)
        self._timer = QTimer(self)
        self._timer.setObjectName("chat_copier_timer")
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_timer)

    @property
    def busy(self) -> bool:
        """Whether a copy is under way."""
        return self._busy

    def copy_selection(self, plain: bool) -> None:
        """The selection as Markdown, or as plain text; nothing if there is none."""
        view = self._view
        if view.selection:
            self._begin(view.selection.parts(view.cache.item, plain))

    def copy_message(self, message: Message) -> None:
        """A message as plain text."""
        self._begin(whole_parts(message, plain=True))

    def copy(self, text: str) -> None:
        """A text that is there already."""
        self.cancel()
        self._put(text)

    def cancel(self) -> None:
        """Leave the clipboard as it is."""
        self._timer.stop()
        self._long.cancel()
        self._parts, self._found = None, []
        self._tell(False)

    def _begin(self, parts: Iterator[str]) -> None:
        self.cancel()
        self._parts = parts
        messages = self._view.model.messages
        self._messages = (messages, len(messages))
        if self._work(_AT_ONCE):
            self._tell(True)
            self._timer.start()

    def _work(self, seconds: float) -> bool:
        """Go on for about so long; True while there is more."""
        end = perf_counter() + seconds
        for part in self._parts or ():
            self._found.append(part)
            if perf_counter() > end and len(self._found) > _FEW:
                return True
        text, self._parts, self._found = "".join(self._found), None, []
        if text:
            self._put(text)
        else:
            self._tell(False)
        return False

    @Slot()
    def _on_timer(self) -> None:
        messages, count = self._messages
        if messages is not self._view.model.messages or len(self._view.model.messages) < count:
            self.cancel()  # another conversation: what was selected is gone
        elif not self._work(_SECONDS):
            self._timer.stop()

    def _put(self, text: str) -> None:
        if len(text) > _SHORT:
            self._tell(True)
            self._long.copy(text, 0, len(text))
        else:
            QGuiApplication.clipboard().setText(text)
            self._tell(False)
        self._view.copy_requested.emit(text[:_SHORT])

    @Slot()
    def _on_there(self) -> None:
        self._tell(False)

    def _tell(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)
