"""Folders: every document below, in the order of their paths. Links are not followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.documents.decoding import decode
from app.documents.gathering import Gathering
from app.documents.opening import read_whole
from app.documents.values import Limits, Progress, Reading
from app.errors import FileReadError, UserError
from app.language import mark, tr

_MOST_RULES = 1 << 20


def read_folder(
    root: Path, limits: Limits, report: Callable[[Progress], None], skip: tuple[str, ...] = ()
) -> Reading:
    """All that can be read below `root`. Raises FileReadError."""
    gathering = Gathering(limits, report, skip)
    report(Progress(0, 0, "file"))
    files = _files(root, gathering, limits, report)
    for done, path in enumerate(files):
        gathering.add(path, partial(read_whole, root / path, limits.file_bytes), done, len(files))
    return gathering.finish()


def _files(root: Path, gathering: Gathering, limits: Limits, report: Callable[[Progress], None]) -> list[str]:
    """Relative paths of what may be a document; the rest is counted in the rules."""
    found: list[str] = []
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(root / folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if not folder:
                raise FileReadError(
                    tr("It cannot be listed: {reason}.", reason=error.strerror), tr("Check its permissions.")
                ) from error
            gathering.rules.count(mark("folders that cannot be listed"))
            continue
        _take_rules(root, folder, {entry.name for entry in entries}, gathering)
        below = []
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            kind = _sort(entry, path, gathering)
            if kind == "folder":
                below.append(path)
            elif kind == "file":
                found.append(path)
        waiting.extend(reversed(below))
        if len(found) > limits.entries:
            raise FileReadError(
                tr("It has more than {entries} files in it.", entries=limits.entries),
                tr("Attach a part of it."),
            )
        report(Progress(0, len(found), "file"))
    return found


def _sort(entry: os.DirEntry[str], path: str, gathering: Gathering) -> str:
    """ "folder", "file", or "" for what is left out."""
    rules = gathering.rules
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        rules.count(mark("gone or not readable"))
        return ""
    if stat.S_ISLNK(status.st_mode) or getattr(entry, "is_junction", bool)():
        rules.count(mark("links"))
        return ""
    if stat.S_ISDIR(status.st_mode):
        return "" if rules.leaves_out(path, is_folder=True) else "folder"
    if not stat.S_ISREG(status.st_mode):
        rules.count(mark("pipes, devices and sockets"))
        return ""
    return "" if rules.leaves_out(path) else "file"


def _take_rules(root: Path, folder: str, names: set[str], gathering: Gathering) -> None:
    if ".gitignore" not in names or (root / folder / ".gitignore").is_symlink():
        return
    try:
        text, _ = decode(read_whole(root / folder / ".gitignore", _MOST_RULES))
    except UserError:
        return
    gathering.rules.add_gitignore(folder, text)
