"""What was read out of documents, kept by the hash of their bytes so that it is read once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

from app.documents.slices import decoded, encoded
from app.documents.values import EXTRACTOR_VERSION, Extracted, Finished
from app.files import write_atomic
from app.wire import Registry, WireError

_CHUNK = 1 << 20
_HEADERS = Registry(EXTRACTOR_VERSION, Finished)
_DEFAULT_BUDGET = 512 * 2**20


def digest_of(path: Path, most_bytes: int, cancelled: Callable[[], bool]) -> str:
    """sha256 of a regular file's bytes; "" where it is none, too large, unreadable, or `cancelled`."""
    found = hashlib.sha256()
    try:
        # Asked before it is opened: opening a device can do something.
        if not stat.S_ISREG(path.stat().st_mode):
            return ""
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > most_bytes:
                return ""
            while part := file.read(_CHUNK):
                if cancelled():
                    return ""
                found.update(part)
    except (OSError, ValueError):
        return ""
    return found.hexdigest()


class Shelf:
    """A folder of texts, readable by its owner only, of `budget` bytes: those used longest ago go first.

    Any thread. A folder that cannot be written or a damaged file only means that a document is read again.
    """

    def __init__(self, folder: Path, budget: int = _DEFAULT_BUDGET) -> None:
        self._folder, self._budget = folder, budget

    def get(self, name: str, digest: str) -> Extracted | None:
        """What was read out of a file of these bytes that was called `name`, None if it is not here."""
        path = self._path(name, digest)
        try:
            data = path.read_bytes()
            head, _, text = data.partition(b"\n")
            kept = _HEADERS.decode(head)
            if not isinstance(kept, Finished) or kept.digest != hashlib.sha256(text).hexdigest():
                return None
            os.utime(path)
        except (OSError, WireError, ValueError):
            return None
        return Extracted(name, kept.kind, decoded(text), kept.pages, kept.pages_without_text, kept.notes)

    def put(self, document: Extracted, digest: str) -> None:
        """Keep what was read out of the file whose bytes have this sha256."""
        text = encoded(document.text)
        head = Finished(
            document.name, document.kind, document.pages, document.pages_without_text, document.notes,
            hashlib.sha256(text).hexdigest(), len(text),
        )  # fmt: skip
        line = json.dumps({"type": "Finished", **vars(head)}).encode()
        if len(line) + len(text) > self._budget:
            return
        with contextlib.suppress(OSError):
            write_atomic(self._path(document.name, digest), line + b"\n" + text)
            self._trim()

    def clear(self) -> None:
        """Forget everything."""
        for path in self._files():
            with contextlib.suppress(OSError):
                path.unlink()

    def _path(self, name: str, digest: str) -> Path:
        # The name decides on the reader and stands in fences of code.
        key = hashlib.sha256(f"{EXTRACTOR_VERSION}\0{digest}\0{name}".encode("utf-8", "replace")).hexdigest()
        return self._folder / f"{key}.document"

    def _files(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if path.suffix == ".document"]
        except OSError:
            return []

    def _trim(self) -> None:
        known = []
        for path in self._files():
            with contextlib.suppress(OSError):
                status = path.stat()
                known.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in known)
        for _, size, path in sorted(known):
            if total <= self._budget:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size
