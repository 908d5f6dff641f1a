"""The hub's token: in the system's keyring, in no file and in no log."""

from __future__ import annotations

from typing import Any, Final, Protocol

from app.errors import SettingsError
from app.language import mark, tr

LONGEST_TOKEN: Final = 400
_SERVICE: Final = "cascade-desk"
_NAME: Final = "huggingface-token"
_HELD = mark("It is held until the app is closed.")
NO_KEYRING: Final = mark("This system has no keyring that the app could use.")


class Keyring(Protocol):
    """What is needed of a backend of the library `keyring`."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def is_token(text: str) -> bool:
    """Whether a text can be a token: visible ASCII, since it travels in a header."""
    return 0 < len(text) <= LONGEST_TOKEN and all("!" <= one <= "~" for one in text)


class TokenStore:
    """May block for as long as the system asks the person to unlock the keyring. On one thread."""

    def __init__(self, backend: Keyring | None = None) -> None:
        self._backend = backend
        self._sought = backend is not None

    def read(self) -> str:
        """The token, empty where none is kept. Raises SettingsError where it cannot be read."""
        backend = self._found()
        if backend is None:
            raise SettingsError(tr(NO_KEYRING), tr("Enter the token again."))
        try:
            found = backend.get_password(_SERVICE, _NAME)
        except Exception as error:  # each backend has errors of its own
            raise SettingsError(
                tr("The system's keyring does not hand the token out."),
                tr("Unlock it, or enter the token again."),
            ) from error
        return found if isinstance(found, str) and is_token(found) else ""

    def write(self, token: str) -> None:
        """Keep a token, or none any more for an empty one. Raises SettingsError where that fails."""
        backend = self._found()
        if backend is None:
            raise SettingsError(tr(NO_KEYRING), tr(_HELD))
        try:
            if token:
                backend.set_password(_SERVICE, _NAME, token)
            elif backend.get_password(_SERVICE, _NAME) is not None:
                backend.delete_password(_SERVICE, _NAME)
        except Exception as error:
            if token:
                raise SettingsError(tr("The system's keyring does not take the token."), tr(_HELD)) from error
            raise SettingsError(
                tr("The system's keyring does not give the token up."),
                tr("Remove it in the system's own program for passwords."),
            ) from error

    def _found(self) -> Keyring | None:
        """The system's keyring. One that would write the token into a plain file is none."""
        if not self._sought:
            self._sought = True
            try:
                import keyring
                from keyring.core import recommended

                backend: Any = keyring.get_keyring()
                self._backend = backend if recommended(backend) else None
            except Exception:  # a broken backend or configuration is as good as none
                self._backend = None
        return self._backend
