"""Putting a new database in the place of a damaged one, in steps that a kill cannot break.

The new one is made under a name of its own. Once it is whole it is named RECOVERED, and from then
on everything else in the folder is the damaged one: it is moved aside, and the new one takes its place.
`finish_earlier` goes on where a kill broke that off.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.store.database import NAME
from app.store.salvage import salvage

RECOVERED = "conversations.recovered"
_UNFINISHED = "conversations.recovering"


@dataclass(frozen=True)
class Recovery:
    """What a recovery did. See OpenReport."""

    set_aside: Path
    lost: str
    messages: int


def recover(folder: Path) -> Recovery:
    """Read what can be read of the damaged database into a new one, and set the old aside."""
    unfinished = folder / _UNFINISHED
    _remove(unfinished)
    os.close(os.open(unfinished, os.O_CREAT | os.O_RDWR, 0o600))
    found = salvage(folder / NAME, unfinished)
    _sync(unfinished)
    unfinished.replace(folder / RECOVERED)
    _sync(folder)
    return Recovery(_put_in_place(folder), found.lost, found.messages)


def finish_earlier(folder: Path) -> None:
    """Bring a recovery to its end that was broken off, or clear away what it left."""
    _remove(folder / _UNFINISHED)
    if (folder / RECOVERED).exists():
        _put_in_place(folder)


def _put_in_place(folder: Path) -> Path:
    """Move the damaged files aside and give the recovered one its name."""
    recovered = folder / RECOVERED
    made = datetime.fromtimestamp(recovered.stat().st_mtime, UTC)
    aside = _fresh(folder / f"damaged-{made:%Y%m%dT%H%M%SZ}")
    # The log first: beside the new file it would be taken for its own.
    for name in (f"{NAME}-wal", f"{NAME}-shm", NAME):
        if (folder / name).exists():
            (folder / name).replace(aside / name)
    _sync(aside)
    recovered.replace(folder / NAME)
    _sync(folder)
    return aside


def _fresh(aside: Path) -> Path:
    """The folder, or one with a number where a database was set aside in it already."""
    number, path = 1, aside
    while (path / NAME).exists():
        number += 1
        path = aside.with_name(f"{aside.name}-{number}")
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk; folders cannot on Windows."""
    with contextlib.suppress(PermissionError):
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
