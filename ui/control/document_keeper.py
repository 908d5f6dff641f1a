"""Hands over to the store what is attached and not sent, a moment after it has changed. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Slot

from app.chat.library import NEW, KeptDocument
from ui.control.store import StoreClient
from ui.throttle import Throttle

_KEEP_MS = 150


class DocumentKeeper(QObject):
    """Knows which conversations' documents the store does not have as they are.

    Args:
        kept: what is attached in a conversation now, by its key.
    """

    def __init__(
        self,
        store: StoreClient,
        kept: Callable[[str], tuple[KeptDocument, ...]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("document_keeper")
        self._store, self._kept = store, kept
        self._begun = False
        self._changed: set[str] = set()
        self._throttle = Throttle(_KEEP_MS, self)
        self._throttle.due.connect(self._on_due)

    def begin(self) -> None:
        """What was kept of a new conversation was read: from now on it is written."""
        self._begun = True

    def changed(self, keys: Iterable[str]) -> None:
        self._changed.update(keys)
        if self._changed:
            self._throttle.request()

    def flush(self) -> None:
        """Hand over what has changed now."""
        self._throttle.flush()

    @Slot()
    def _on_due(self) -> None:
        waiting = set() if self._begun else {NEW}
        changed, self._changed = self._changed - waiting, self._changed & waiting
        for key in changed:
            kept = self._kept(key)
            self._store.write(lambda store, key=key, kept=kept: store.keep_attached(key, kept))  # type: ignore[misc]
