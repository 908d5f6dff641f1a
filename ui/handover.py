"""What a second start says to the window that is open already: bounded, typed, versioned. No Qt.

On the wire: the length as four bytes, big-endian, and so many bytes of JSON. The answer is one byte.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VERSION: Final = 1
MOST_BYTES: Final = 1 << 18
TAKEN: Final = b"\x01"
REFUSED: Final = b"\x00"
_MOST_FILES = 500
_MOST_PATH = 4096
_MOST_TOKEN = 512


@dataclass(frozen=True)
class Handover:
    """Files to open, as absolute paths; `token` is what lets a window come to the front."""

    files: tuple[str, ...] = ()
    attach: tuple[str, ...] = ()
    token: str = ""


def pack(message: Handover) -> bytes:
    """The bytes that are sent; what there is too much of stays behind."""
    files, attach = message.files[:_MOST_FILES], message.attach[:_MOST_FILES]
    while True:
        plain = {"version": VERSION, "files": files, "attach": attach, "token": message.token[:_MOST_TOKEN]}
        body = json.dumps(plain).encode()
        if len(body) <= MOST_BYTES:
            return struct.pack(">I", len(body)) + body
        files, attach = files[: len(files) // 2], attach[: len(attach) // 2]


class Reader:
    """Takes bytes as they come. `feed` returns the message once it is whole; ValueError for rubbish."""

    def __init__(self) -> None:
        self._bytes = b""

    def feed(self, data: bytes) -> Handover | None:
        self._bytes += data
        if len(self._bytes) < 4:
            return None
        (length,) = struct.unpack(">I", self._bytes[:4])
        if length > MOST_BYTES or len(self._bytes) > 4 + length:
            raise ValueError("longer than a message may be")
        return _unpack(self._bytes[4:]) if len(self._bytes) == 4 + length else None


def _unpack(body: bytes) -> Handover:
    try:
        found = json.loads(body)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(found, dict) or found.get("version") != VERSION:
        raise ValueError("another version")
    token = found.get("token")
    if not isinstance(token, str) or len(token) > _MOST_TOKEN:
        raise ValueError("token")
    return Handover(_paths(found.get("files")), _paths(found.get("attach")), token)


def _paths(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST_FILES:
        raise ValueError("no list of paths")
    for path in value:
        right = isinstance(path, str) and len(path) <= _MOST_PATH and "\0" not in path
        if not right or not os.path.isabs(path):  # noqa: PTH117 - a text
            raise ValueError("no path")
    return tuple(value)


def server_name(data: Path) -> str:
    """Where the window of that data folder listens: a place that no other user can write to."""
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    key = hashlib.sha256(f"{user}\0{os.path.realpath(data)}".encode()).hexdigest()[:24]
    if sys.platform == "win32":
        return f"cascade-desk-{key}"
    return str(_private_folder() / f"cascade-desk-{key}")


def _private_folder() -> Path:
    """A folder of this user's alone, short enough for a socket; raises OSError where there is none."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for folder in (Path(runtime), Path(tempfile.gettempdir()) / f"cascade-desk-{os.getuid()}"):
        if folder == Path():
            continue
        if folder.name.startswith("cascade-desk-"):
            folder.mkdir(mode=0o700, exist_ok=True)
        if _is_private(folder) and len(os.fsencode(folder)) < 60:
            return folder
    raise PermissionError("no folder of this user's own")


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
