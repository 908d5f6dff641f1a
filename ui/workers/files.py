"""The QThread worker that writes files a person asked for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import UserError
from app.files import save_as


class FileWorker(QObject):
    """Lives in its thread. A file is written whole or not at all.

    Signals:
        written: the path, as it was asked for.
        failed: the path, UserError.
    """

    written = Signal(str)
    failed = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("file_worker")

    @Slot(str, object)
    def write(self, path: str, data: str | bytes) -> None:
        """Write text (as UTF-8) or bytes; `written` or `failed` says how it went."""
        try:
            save_as(Path(path), data if isinstance(data, bytes) else data.encode("utf-8", "replace"))
        except UserError as error:
            self.failed.emit(path, error)
        else:
            self.written.emit(path)
