"""The QThread worker that reads and writes the settings file, and looks for files that settings name."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import UserError
from app.paths import Paths
from app.settings.store import Changes, SettingsStore

#: Owner, repository and file: so deep are our models below their folder.
_BELOW_MODELS: Final = 3


class SettingsWorker(QObject):
    """Lives in its thread. What cannot be written is kept and tried again with the next change.

    Signals:
        loaded: app.settings.store.Found.
        written: all that was handed over so far is in the file.
        failed: UserError; it is not.
        looked: a path that was asked for, and where its file is; empty where there is none.
    """

    loaded = Signal(object)
    written = Signal()
    failed = Signal(object)
    looked = Signal(str, str)
    closed = Signal()

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.setObjectName("settings_worker")
        self._store, self._data = SettingsStore(path), path.parent
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
        """Say with `looked` where a model is: there, or in our folder of models, moved with all its data."""
        wanted = Path(path)
        for place in (wanted, Paths.default(self._data).models.joinpath(*wanted.parts[-_BELOW_MODELS:])):
            with contextlib.suppress(OSError, ValueError):
                if place.is_file():
                    self.looked.emit(path, str(place))
                    return
        self.looked.emit(path, "")

    @Slot()
    def close(self) -> None:
        """Try once more what could not be written, then say `closed`."""
        try:
            if self._unsaved:
                self.change({})
        finally:  # the thread ends, and nobody waits for it in vain
            self.closed.emit()
