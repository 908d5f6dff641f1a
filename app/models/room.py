"""Whether the disk has room for what is to be fetched."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.errors import DiskFullError
from app.language import tr
from app.models.partial import disk_errors

#: A disk without any room harms more than a download.
RESERVE_BYTES = 256 * 1024 * 1024


def free_bytes(folder: Path) -> int:
    """Free bytes of the disk on which the folder is, or will be; raises DiskFullError where it cannot say."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    with disk_errors(folder):
        return shutil.disk_usage(folder).free


def check_room(needed: int, free: int) -> None:
    """Raise DiskFullError where `needed` more bytes would leave too little of the `free` ones."""
    if needed > 0 and free < needed + RESERVE_BYTES:
        missing = (needed + RESERVE_BYTES - free) / 1e9
        raise DiskFullError(
            tr(
                "There is not enough room on the disk: {missing:.1f} GB more are needed.",
                missing=max(missing, 0.1),
            ),
            tr("What has arrived is kept. Make room, then try again."),
        )
