"""The QThread worker that talks to the system's keyring, which may ask the person for a password."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import UserError
from app.settings.tokens import TokenStore


class TokenWorker(QObject):
    """Lives in its thread, apart from the file's: a locked keyring holds up nothing else.

    Signals:
        read: the token, and a UserError where there is none to be had.
        written: None, or the UserError.
    """

    read = Signal(str, object)
    written = Signal(object)

    def __init__(self, store: TokenStore | None = None) -> None:
        super().__init__()
        self.setObjectName("token_worker")
        self._store = store or TokenStore()

    @Slot()
    def fetch(self) -> None:
        """Ask for the token; `read` follows."""
        try:
            self.read.emit(self._store.read(), None)
        except UserError as error:
            self.read.emit("", error)

    @Slot(str)
    def keep(self, token: str) -> None:
        """Keep a token, or none for an empty one; `written` follows."""
        try:
            self._store.write(token)
        except UserError as error:
            self.written.emit(error)
        else:
            self.written.emit(None)
