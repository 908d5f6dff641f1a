"""The downloads that are not done, in a file, so that a restart goes on with them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.errors import HubError
from app.files import write_atomic
from app.models.listing import HubFile
from app.models.names import checked_path

_VERSION = 1
_LARGEST_BYTES = 4 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Download:
    """Files of one repository at one commit that make one model."""

    id: str
    name: str
    repo: str
    revision: str
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def target(self, folder: Path, file: HubFile) -> Path:
        """Where a file is put below the folder of models; raises HubError for a name that is not safe."""
        return folder / checked_path(self.repo) / checked_path(file.path)


@dataclass(frozen=True)
class Kept:
    """A download as it is kept.

    Attributes:
        state: "queued", "paused", "failed" or "cancelled".
        kind, message, hint: of the error where it failed, as of UserError.
        fetched: the paths of the files that it has finished itself.
    """

    download: Download
    state: str = "queued"
    kind: str = ""
    message: str = ""
    hint: str = ""
    fetched: tuple[str, ...] = ()


def save(path: Path, kept: list[Kept]) -> None:
    """Write the list; raises OSError."""
    body = {"version": _VERSION, "downloads": [asdict(one) for one in kept]}
    write_atomic(path, json.dumps(body, indent=1).encode())


def load(path: Path) -> list[Kept]:
    """The list. A broken file is as good as none: who asks for a model again goes on with what is there."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return []
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(stored, dict) or stored.get("version") != _VERSION:
        return []
    records = stored.get("downloads")
    found = [_kept(record) for record in records] if isinstance(records, list) else []
    return [kept for kept in found if kept is not None]


def _kept(record: object) -> Kept | None:
    """One record; None where it is not as it was written."""
    try:
        if not isinstance(record, dict):
            return None
        download = _download(record["download"])
        words = {key: str(record[key]) for key in ("state", "kind", "message", "hint")}
        return Kept(download, **words, fetched=tuple(str(path) for path in record["fetched"]))
    except (KeyError, TypeError, ValueError, HubError):
        return None


def _download(record: Any) -> Download:
    files = tuple(_file(file) for file in record["files"])
    words = {key: record[key] for key in ("id", "name", "repo", "revision")}
    sound = all(isinstance(word, str) for word in words.values()) and _COMMIT.fullmatch(words["revision"])
    if not sound or not files:
        raise ValueError("not a download")
    checked_path(words["repo"])
    return Download(**words, files=files)


def _file(record: Any) -> HubFile:
    path, size, sha256 = record["path"], record["size"], record["sha256"]
    if not isinstance(path, str) or not isinstance(size, int) or size <= 0 or not _SHA256.fullmatch(sha256):
        raise ValueError("not a file")
    return HubFile(str(checked_path(path)), size, sha256)
