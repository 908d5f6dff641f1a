"""The QThread worker that reads and writes the settings file, and looks for files that settings name."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import UserError
from app.settings.store import Changes, SettingsStore


class SettingsWorker(QObject):
    """Lives in its thread. What cannot be written is kept and tried again with the next change.

    Signals:
        loaded: app.settings.store.Found.
        written: all that was handed over so far is in the file.
        failed: UserError; it is not.
        looked: a path, and whether there is a file.
    """

    loaded = Signal(object)
    written = Signal()
    failed = Signal(object)
    looked = Signal(str, bool)
    closed = Signal()

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.setObjectName("settings_worker")
        self._store = SettingsStore(path)
        self._unsaved: dict[str, dict[str, object]] = {}

    @Slot()
    def start(self) -> None:
        """Read the file."""
        self.loaded.emit(self._store.load())

    @Slot(object)
    def change(self, changes: Changes) -> None:
        """Write other values."""
        for group, values in changes.items():
            self._unsaved.setdefault(group, {}).update(values)
        try:
            self._store.change(self._unsaved)
        except UserError as error:
            self.failed.emit(error)
        else:
            self._unsaved.clear()
            self.written.emit()

    @Slot(str)
    def look(self, path: str) -> None:
        """Say with `looked` whether there is a file."""
        try:
            there = Path(path).is_file()
        except (OSError, ValueError):
            there = False
        self.looked.emit(path, there)

    @Slot()
    def close(self) -> None:
        """Try once more what could not be written, then say `closed`."""
        if self._unsaved:
            self.change({})
        self.closed.emit()
