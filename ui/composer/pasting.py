"""What is on the clipboard or dragged over the window: files, a text, links, an image."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData

#: A longer text becomes an attachment.
PASTE_CHARS: Final = 8_000
PASTE_LINES: Final = 200
_WEB: Final = ("http", "https", "ftp")


def is_long(text: str) -> bool:
    """Whether a text that comes from outside is too long for a message."""
    return len(text) > PASTE_CHARS or text.count("\n") >= PASTE_LINES


def local_paths(data: QMimeData) -> list[str]:
    """Paths of the files and folders; what is on the disk is not looked at."""
    return [path for url in data.urls() if url.isLocalFile() and (path := url.toLocalFile())]


def has_links(data: QMimeData) -> bool:
    """Whether addresses of the web are all that there is."""
    return any(url.scheme().lower() in _WEB for url in data.urls()) and not local_paths(data)
