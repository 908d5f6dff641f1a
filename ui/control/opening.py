"""A conversation on its way into the window: first its end, then all of it, a slice at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.chat.library import Saved
from app.store.store import Store
from ui.chat.shown import Shown
from ui.control.showing import Known, branch_of
from ui.control.store import StoreClient, load_saved

#: What the view takes at first, and then with each step: messages.
_FIRST: Final = 60
_STEP: Final = 800
_STEP_MS: Final = 10
_REST_MS: Final = 30
#: A thread that works on and on lets the window wait for the interpreter again and again.
_BREATH_S: Final = 0.0005


@dataclass(frozen=True)
class Read:
    """What was read of a conversation, and what the view shows of it; `whole` False for its end alone."""

    saved: Saved
    shown: list[Shown]
    known: Known = field(default_factory=dict)
    whole: bool = True


class SupersededError(Exception):
    """Something else was opened meanwhile."""


def read_end(store: Store, conversation_id: str, errors: Mapping[str, str]) -> Read:
    """The end of a long conversation, all of a short one. For the store's thread."""
    end = store.load_end(conversation_id)
    if end is None:
        return read_whole(store, conversation_id, errors, lambda: True)
    return Read(end, branch_of(end, [], errors), whole=False)


def read_whole(
    store: Store, conversation_id: str, errors: Mapping[str, str], wanted: Callable[[], bool]
) -> Read:
    """All of a conversation, while it is `wanted`; raises SupersededError. For the store's thread."""

    def breathe() -> None:
        if not wanted():
            raise SupersededError
        time.sleep(_BREATH_S)

    saved = load_saved(store, conversation_id, breathe)
    known: Known = {}
    return Read(saved, branch_of(saved, [], errors, known, breathe), known)


class Opening(QObject):
    """Has conversations read. GUI thread.

    Attributes:
        wanted: id of the one that was asked for last; what comes of another is let be.

    Signals:
        end_read: a Read of the end of a long one; the whole follows.
        whole_read: a Read, and message id and text to go to.
        failed: what was asked for cannot be read; the store has told why.
    """

    end_read = Signal(object)
    whole_read = Signal(object, str, str)
    failed = Signal()

    def __init__(self, store: StoreClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("opening")
        self._store = store
        self.wanted = ""
        self._errors: dict[str, str] = {}

    def read(self, conversation_id: str, errors: Mapping[str, str], message_id: str, text: str) -> None:
        """Read what is `wanted`: at once whole where a message of it was asked for."""
        self._errors = known = dict(errors)
        if message_id:
            self._read_whole(conversation_id, message_id, text)
        else:
            self._store.read(
                lambda store: read_end(store, conversation_id, known), self._on_end, self.failed.emit
            )

    def _on_end(self, read: Read) -> None:
        if read.whole:
            self.whole_read.emit(read, "", "")
        elif read.saved.conversation.id == self.wanted:
            self.end_read.emit(read)
            # The window paints it before anything else wants the interpreter.
            QTimer.singleShot(_REST_MS, self, self._read_rest)

    @Slot()
    def _read_rest(self) -> None:
        if self.wanted:
            self._read_whole(self.wanted)

    def _read_whole(self, conversation_id: str, message_id: str = "", text: str = "") -> None:
        errors = self._errors

        def job(store: Store) -> Read | None:
            try:
                return read_whole(store, conversation_id, errors, lambda: self.wanted == conversation_id)
            except SupersededError:
                return None

        def then(read: Read | None) -> None:
            if read is not None:
                self.whole_read.emit(read, message_id, text)

        self._store.read(job, then, self.failed.emit)


class Filler(QObject):
    """Hands the view a long branch: what the reader sees at once, the rest before long. GUI thread.

    Signals:
        step: a list of Shown, more of the branch than before.
    """

    step = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filler")
        self._rest: Sequence[Shown] = ()
        self._from = self._to = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self._on_timer)

    def has(self, message_id: str) -> bool:
        """Whether the view has a message already, if it is in the branch at all."""
        rest = (*self._rest[: self._from], *self._rest[self._to :]) if self._timer.isActive() else ()
        return all(one.id != message_id for one in rest)

    def begin(self, shown: Sequence[Shown], message_id: str = "") -> Sequence[Shown]:
        """What the view begins with: the end, or what is around a message; `step` brings the rest."""
        at = _index(shown, message_id)
        self._from = max(0, min(at - _FIRST // 2, len(shown) - _FIRST))
        return self._begin(shown, len(shown) if at + 2 * _FIRST > len(shown) else at + _FIRST)

    def go_on(self, shown: Sequence[Shown], message_id: str) -> Sequence[Shown]:
        """The same where the view shows the end already, from a message on."""
        self._from = _index(shown, message_id)
        return self._begin(shown, len(shown))

    def _begin(self, shown: Sequence[Shown], end: int) -> Sequence[Shown]:
        self._timer.stop()
        self._rest, self._to = shown, end
        if self._from or self._to < len(shown):
            self._timer.start()
        return shown[self._from : self._to]

    @Slot()
    def finish(self) -> None:
        """Bring what is still to come now: the branch is about to change."""
        if self._timer.isActive():
            shown = self._rest
            self.stop()
            self.step.emit(shown)

    def stop(self) -> None:
        """Whatever is still to come is not wanted any more."""
        self._timer.stop()
        self._rest = ()

    @Slot()
    def _on_timer(self) -> None:
        shown = self._rest
        self._from, self._to = max(0, self._from - _STEP), min(len(shown), self._to + _STEP)
        if not self._from and self._to == len(shown):
            self.stop()
        self.step.emit(shown[self._from : self._to])


def _index(shown: Sequence[Shown], message_id: str) -> int:
    """Where a message is; behind all others if it is not there."""
    return next((at for at, one in enumerate(shown) if one.id == message_id), len(shown))
