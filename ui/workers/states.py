"""The folder of saved states as far as the window needs it: how much there is, and deleting."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.engine.vault import Vault


class SavedStates:
    """Works whether or not an engine runs. On the worker's thread.

    What goes wrong is one line on standard error, never raised.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: Vault | None = None

    def delete(self, conversation_ids: Iterable[str]) -> None:
        """Remove all states of these conversations."""
        try:
            vault = self._vault()
            for conversation_id in conversation_ids if vault is not None else ():
                if not vault.delete(conversation_id):
                    _log("Not all saved states of a deleted conversation could be removed.")
        except OSError as error:
            _log(f"Saved states could not be removed: {error.strerror}.")

    def delete_all(self) -> None:
        """Remove every state."""
        try:
            vault = self._vault()
            if vault is not None and not vault.delete_all():
                _log("Not all saved states could be removed.")
        except OSError as error:
            _log(f"Saved states could not be removed: {error.strerror}.")

    def total_bytes(self) -> int:
        """What all states take on the disk; 0 where that cannot be read."""
        try:
            vault = self._vault()
            return vault.total_bytes() if vault is not None else 0
        except OSError as error:
            _log(f"The saved states could not be measured: {error.strerror}.")
            return 0

    def _vault(self) -> Vault | None:
        """None where no state was ever saved. The budget is the engine's to keep."""
        if self._made is None and self._folder.is_dir():
            from app.engine.vault import Vault  # late: the first window doesn't wait for it

            self._made = Vault(self._folder, 0, _log)
        return self._made


def _log(line: str) -> None:
    if sys.stderr is not None:  # a windowed program on Windows has none
        sys.stderr.write(f"cascade-desk: {line}\n")
