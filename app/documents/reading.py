"""From a path to text: what kind of file it is, and which reader has it. In the process that reads."""

from __future__ import annotations

import hashlib
import importlib
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.documents.kinds import kind_of
from app.documents.opening import read_whole, status_of
from app.documents.values import Extract, Progress, Reading, Source
from app.errors import FileReadError
from app.language import tr

#: Where each kind's `read(source: Source) -> Reading` is.
READERS = {
    "pdf": "pdf", "docx": "docx", "pptx": "pptx", "sheet": "sheet", "odt": "opendocument",
    "odp": "opendocument", "epub": "epub", "html": "html", "markdown": "plain", "text": "plain",
    "csv": "plain", "json": "plain", "code": "plain", "notebook": "notebook",
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """A whole answer; as Extracted, with the sha256 of the bytes ("" for a folder)."""

    name: str
    kind: str
    text: str
    pages: int
    pages_without_text: tuple[int, ...]
    notes: tuple[str, ...]
    digest: str


def read_path(request: Extract, report: Callable[[Progress], None]) -> Result:
    """Read a file, a ZIP or a folder. Raises UserError with a message that fits behind the file's name."""
    path = Path(request.path)
    status = status_of(path)
    if stat.S_ISDIR(status.st_mode):
        from app.documents.folder import read_folder

        found = read_folder(path.resolve(), request.limits, report, request.skip)
        return _result(path.resolve().name or str(path), "folder", found, "")
    report(Progress(0, 0))
    data = read_whole(path, request.limits.file_bytes)
    source = Source(path.name, data, request.limits, request.password, report)
    kind = kind_of(path.name, data)
    if kind == "zip":
        from app.documents.archive import read_archive

        found = read_archive(source, request.skip)
    else:
        found = read_kind(kind, source)
    return _result(path.name, kind, found, hashlib.sha256(data).hexdigest())


def read_kind(kind: str, source: Source) -> Reading:
    """What the reader of `kind` finds, checked against the limits. Raises UserError."""
    module = importlib.import_module(f"app.documents.readers.{READERS[kind]}")
    found: Reading = module.read(source)
    check_length(len(found.text), source.limits.text_chars)
    if not found.text.strip():
        raise FileReadError(tr("There is no text in it."), tr("This model reads text only."))
    return found


def check_length(chars: int, most: int) -> None:
    """Raises FileReadError for more text than one attachment may have."""
    if chars > most:
        raise FileReadError(
            tr("It has over {millions:,.0f} million characters of text.", millions=most / 1000000.0),
            tr("Attach a part of it."),
        )


def _result(name: str, kind: str, found: Reading, digest: str) -> Result:
    text = found.text.encode("utf-8", "replace").decode()
    found = replace(found, text=text)
    return Result(name, kind, found.text, found.pages, found.pages_without_text, found.notes, digest)
