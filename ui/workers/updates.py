"""The QThread worker that looks for a newer version."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, Signal, Slot

from app import updates
from app.errors import UserError


class UpdateWorker(QObject):
    """Lives in its thread.

    Signals:
        found: a Release.
    """

    found = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("update_worker")

    @Slot(str, str)
    def look(self, where: str, proxy: str) -> None:
        """Ask once. No answer is no trouble of the person's: it is only written into the log."""
        try:
            release = updates.look(where, proxy)
        except UserError as error:
            logging.getLogger("cascade.updates").info("no answer", exc_info=error)
            return
        if release is not None:
            self.found.emit(release)
