"""Whether there is a newer version. Asked for only where the person switched it on; nothing is downloaded."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import Final

from app.errors import NetworkError
from app.language import tr
from app.version import VERSION

#: Where versions are published: JSON with tag_name and html_url, or version and url. Empty: nowhere yet,
#: and the choice is not offered.
ADDRESS: Final = ""
VARIABLE: Final = "CASCADE_UPDATES"
_LARGEST_BYTES: Final = 64 * 1024
_PATIENCE_S: Final = 10.0
_VERSION = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){1,3})")
_PAGE = re.compile(r"https://[\w.-]+(?::\d+)?(?:/[\w./%~+-]*)?", re.ASCII)


@dataclass(frozen=True)
class Release:
    """A newer version, and the page that tells of it (https)."""

    version: str
    page: str


def address() -> str:
    """Where to look; empty for nowhere."""
    found = os.environ.get(VARIABLE, "") or ADDRESS
    return found if found.startswith(("https://", "http://127.0.0.1:")) else ""


def newer(data: bytes, than: str = VERSION) -> Release | None:
    """What an answer says of a newer version; it is a stranger's."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or told.get("draft") is True or told.get("prerelease") is True:
        return None
    version, page = told.get("tag_name", told.get("version")), told.get("html_url", told.get("url"))
    if not isinstance(version, str) or not isinstance(page, str) or len(page) > 500:
        return None
    found = _VERSION.fullmatch(version)
    if found is None or not _PAGE.fullmatch(page) or _numbers(found[1]) <= _numbers(than):
        return None
    return Release(found[1], page)


def look(where: str, proxy: str = "") -> Release | None:
    """Ask for the latest version. Raises NetworkError; not for the GUI's thread."""
    import httpx2

    headers = {"User-Agent": "cascade-desk", "Accept": "application/json"}
    data = bytearray()
    try:
        with (
            httpx2.Client(proxy=proxy or None, timeout=_PATIENCE_S, headers=headers) as client,
            client.stream("GET", where, follow_redirects=False) as answer,
        ):
            answer.raise_for_status()
            for piece in answer.iter_bytes(8192):
                data += piece
                if len(data) > _LARGEST_BYTES:
                    return None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, ImportError, OSError) as error:
        raise NetworkError(tr("It could not be found out whether there is a newer version.")) from error
    return newer(bytes(data))


def _numbers(version: str) -> tuple[int, ...]:
    found = [int(part) for part in version.split(".")[:4]]
    return tuple(found + [0] * (4 - len(found)))
