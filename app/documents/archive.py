"""ZIPs: as folders, in memory; nothing is unpacked to the disk."""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

from app.documents.decoding import decode
from app.documents.gathering import Gathering
from app.documents.guard import GuardedZip
from app.documents.values import Reading, Source
from app.errors import UserError
from app.language import mark

_MOST_RULES = 1 << 20


def read_archive(source: Source, skip: tuple[str, ...] = ()) -> Reading:
    """All documents of a ZIP. Raises FileReadError, PasswordNeeded."""
    gathering = Gathering(source.limits, source.report, skip)
    with GuardedZip(source.data, source.limits, source.password) as archive:
        names = sorted(archive.names)
        for name in names:
            path = PurePosixPath(name)
            if path.name == ".gitignore" and archive.size(name) < _MOST_RULES:
                _take_rules(archive, name, gathering)
        chosen = [name for name in names if _is_chosen(archive, name, gathering)]
        if chosen:
            archive.probe(chosen[0])
        for done, name in enumerate(chosen):
            gathering.add(name, partial(archive.read, name), done, len(chosen))
    return gathering.finish()


def _is_chosen(archive: GuardedZip, name: str, gathering: Gathering) -> bool:
    if archive.is_link(name):
        gathering.rules.count(mark("links"))
        return False
    parts = PurePosixPath(name).parts
    for depth in range(1, len(parts)):
        if gathering.rules.leaves_out("/".join(parts[:depth]), is_folder=True):
            return False
    return not gathering.rules.leaves_out(name)


def _take_rules(archive: GuardedZip, name: str, gathering: Gathering) -> None:
    folder = str(PurePosixPath(name).parent)
    try:
        text, _ = decode(archive.read(name))
    except UserError:
        return
    gathering.rules.add_gitignore("" if folder == "." else folder, text)
