"""The licences of models, and which of them the person has accepted. Any thread."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from app.errors import DiskFullError
from app.files import write_atomic
from app.language import tr

_VERSION = 1
_LARGEST_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Licence:
    """What a repository says about its licence.

    Attributes:
        key: what is accepted: the licence, or the repository's own terms where it names none.
        name: to be shown; an empty string where the repository says nothing.
        link: an address that a repository gave, not to be opened without showing it; may be empty.
        path: the file in the repository that holds the text; may be empty.
    """

    key: str
    name: str = ""
    link: str = ""
    path: str = ""


class AcceptedLicences:
    """Remembers in a small file what was accepted. A broken file is as good as none: it is asked again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def is_accepted(self, key: str) -> bool:
        """Whether the licence with this key was accepted at some time."""
        return key in self._read()

    def accept(self, key: str, repo: str) -> None:
        """Remember it, with the repository for which it was; raises DiskFullError."""
        with self._lock:
            records = self._read()
            records.setdefault(key, {"repo": repo, "time": time.time()})
            body = json.dumps({"version": _VERSION, "accepted": records}, indent=1)
            try:
                write_atomic(self._path, body.encode())
            except OSError as error:
                raise DiskFullError(
                    tr("That the licence was accepted could not be saved: {reason}.", reason=error.strerror),
                    tr("Make room on the disk and accept it again."),
                ) from error

    def _read(self) -> dict[str, object]:
        try:
            if self._path.stat().st_size > _LARGEST_BYTES:
                return {}
            stored = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(stored, dict) or stored.get("version") != _VERSION:
            return {}
        accepted = stored.get("accepted")
        return accepted if isinstance(accepted, dict) else {}
