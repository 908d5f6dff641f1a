"""What is as it was when the app is opened again: window, sidebar, open conversation, choices. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.settings.migrations import MOVED
from app.store.store import Store
from ui.control.store import StoreClient

#: What is kept, and of which type it has to be; a value of another one is a stranger's. Where the window
#: was is no choice of settings; what once was kept here and is one (MOVED) is only read.
KEPT: Mapping[str, type] = {
    "window": str,
    "sidebar_shown": bool,
    "sidebar_width": int,
    "folded": list,
    "open": str,
    "theme": str,
    "enter_sends": bool,
    "mode": str,
    "thinking_budget": int,
    "reading_ram_bytes": int,
    "reading_disk_bytes": int,
    "model_places": list,
    "recent_commands": list,
    "updates_looked": int,
}
_DELAY_MS = 150


class SessionControl(QObject):
    """Keeps a few small values, each a moment after its last change."""

    restored = Signal(object)  # dict of what was kept

    def __init__(self, store: StoreClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("session_control")
        self._store = store
        self._changed: dict[str, object] = {}
        self._active = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DELAY_MS)
        self._timer.timeout.connect(self.flush)

    def start(self) -> None:
        """Ask for what was kept."""

        def job(store: Store) -> dict[str, object]:
            found = {key: store.state(key) for key in KEPT}
            return {key: value for key, value in found.items() if type(value) is KEPT[key]}

        self._store.read(job, self._on_state)

    def _on_state(self, state: dict[str, object]) -> None:
        self._active = True
        self.restored.emit(state)

    def keep(self, key: str, value: object) -> None:
        """Keep a value; nothing is kept before the old ones have been restored."""
        if self._active:
            self._changed[key] = value
            self._timer.start()

    @Slot()
    def drop_moved(self) -> None:
        """What has moved to the settings file is forgotten here."""

        def job(store: Store) -> None:
            for key in MOVED:
                if store.state(key) is not None:
                    store.set_state(key, None)

        self._store.write(job)

    @Slot()
    def flush(self) -> None:
        """Write what has changed now."""
        self._timer.stop()
        changed, self._changed = self._changed, {}
        if changed:

            def job(store: Store) -> None:
                for key, value in changed.items():
                    store.set_state(key, value)

            self._store.write(job)
