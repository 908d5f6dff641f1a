"""Opens what a person wants to import: a JSON file, or the ZIP that ChatGPT's export comes in."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Final, cast

from app.errors import FileReadError
from app.export.chatgpt import is_chatgpt, read_chatgpt
from app.export.checking import FOREIGN, UnreadableError, line
from app.export.json_elements import elements
from app.export.json_in import is_own, read_own
from app.export.values import Skipped, Taken
from app.language import tr

#: Of a file, and of what a ZIP unpacks to.
MOST_BYTES: Final = 2 << 30
_MOST_ENTRIES: Final = 200_000
_MOST_CONVERSATIONS: Final = 200_000
_NAME: Final = re.compile(r"(?:.*/)?conversations(?:-\d+)?\.json", re.IGNORECASE)


def read_conversations(path: Path, step: Callable[[int, int], None]) -> Iterator[Taken | Skipped]:
    """The conversations of a file, one after the other; `step` is told bytes that are read, of all.

    Raises:
        FileReadError: it cannot be read, or is no such file.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise FileReadError(tr(FOREIGN))
        with path.open("rb") as file:
            packed = file.read(4) == b"PK\x03\x04"
            file.seek(0)
            sources = _zip_sources(file) if packed else iter([(cast("IO[bytes]", file), found.st_size)])
            yield from _all(sources, step)
    except OSError as error:
        raise FileReadError(
            tr("The file cannot be read: {reason}.", reason=error.strerror or error)
        ) from error


def _all(
    sources: Iterator[tuple[IO[bytes], int]], step: Callable[[int, int], None]
) -> Iterator[Taken | Skipped]:
    known = count = 0
    for file, size in sources:
        if size > MOST_BYTES:
            raise FileReadError(tr("It is too large to be imported."), tr("Up to 2 GB can be read."))
        counted = _Counted(file, size, step)
        for value in elements(counted.read):
            count += 1
            if count > _MOST_CONVERSATIONS:
                raise FileReadError(tr("It has too many conversations in it."))
            one = _taken(value)
            if one is None and not known and count > 20:
                raise FileReadError(tr(FOREIGN))
            known += one is not None
            yield one if one is not None else Skipped("", tr("It is no conversation."))
    if not known and not count:
        return
    if not known:
        raise FileReadError(tr(FOREIGN))


def _taken(value: object) -> Taken | Skipped | None:
    """None where it is no conversation at all."""
    if isinstance(value, FileReadError):
        return Skipped("", value.message)
    if not isinstance(value, dict):
        return None
    said: dict[str, Any] = value
    try:
        if is_own(said):
            return read_own(said)
        return read_chatgpt(said) if is_chatgpt(said) else None
    except UnreadableError as error:
        return Skipped(line(said.get("title")), str(error))


class _Counted:
    """Reads with a limit: what a ZIP says of its sizes need not be so."""

    def __init__(self, file: IO[bytes], size: int, step: Callable[[int, int], None]) -> None:
        self._file, self._size, self._step, self._done = file, size, step, 0

    def read(self, count: int) -> bytes:
        try:
            data = self._file.read(count)
        except (zipfile.BadZipFile, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
            raise FileReadError(tr("The ZIP is damaged: it cannot be unpacked.")) from error
        except Exception as error:
            if type(error).__module__ in ("zlib", "_lzma", "lzma"):
                raise FileReadError(tr("The ZIP is damaged: it cannot be unpacked.")) from error
            raise
        self._done += len(data)
        if self._done > MOST_BYTES:
            raise FileReadError(
                tr("It unpacks to far more than conversations need."), tr("Nothing more was read.")
            )
        self._step(self._done, max(self._size, self._done))
        return data


def _zip_sources(file: IO[bytes]) -> Iterator[tuple[IO[bytes], int]]:
    """Each file of conversations in a ZIP, unpacked as it is read."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise FileReadError(tr("The ZIP is damaged: its table of contents cannot be read.")) from error
    with archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES:
            raise FileReadError(tr("The ZIP has too many files in it."))
        chosen = sorted(
            (one for one in entries if _NAME.fullmatch(one.filename)), key=lambda one: one.filename
        )
        if not chosen:
            raise FileReadError(
                tr("There is no conversations.json in this ZIP: choose the one that ChatGPT sent.")
            )
        if sum(one.file_size for one in chosen) > MOST_BYTES:
            raise FileReadError(
                tr("It unpacks to far more than conversations need."), tr("Nothing was read.")
            )
        for entry in chosen:
            if entry.flag_bits & 1:
                raise FileReadError(
                    tr("The ZIP is protected by a password."), tr("Unpack it, and import the JSON.")
                )
            try:
                opened = archive.open(entry)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
                raise FileReadError(tr("The ZIP is damaged: it cannot be unpacked.")) from error
            with opened:
                yield opened, entry.file_size
