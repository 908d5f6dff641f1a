"""What is read out of a document, and the messages between the window's process and the one that reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.errors import FileReadError
from app.language import ntr
from app.wire import Registry

#: Part of each key: raise it when any reader's text changes.
EXTRACTOR_VERSION = 2

_MIB = 2**20


def images_left_out(count: int) -> tuple[str, ...]:
    """The note on pictures of a document; none where it has none."""
    note = ntr(
        "{count} image was left out: this model reads text only.",
        "{count} images were left out: this model reads text only.",
        count,
    )
    return (note,) if count else ()


def comments_left_out(count: int) -> tuple[str, ...]:
    """The note on comments in a document; none where it has none."""
    note = ntr("{count} comment was left out.", "{count} comments were left out.", count)
    return (note,) if count else ()


@dataclass(frozen=True)
class Limits:
    """How much one document may take.

    Attributes:
        file_bytes: of a document; of a text file `text_bytes` too.
        text_chars: of what comes out.
        unpacked_bytes: of all entries of a ZIP, and of those of a DOCX and its like, together.
        entries: files of a ZIP or a folder.
        ratio: unpacked to packed, where an entry is over 64 MiB.
        memory_bytes: address space of the process that reads (where the system can hold it to that).
        stall_s: without progress.
        total_s: of one document or folder.
    """

    file_bytes: int = 512 * _MIB
    text_bytes: int = 64 * _MIB
    text_chars: int = 64 * _MIB
    unpacked_bytes: int = 1024 * _MIB
    entries: int = 50_000
    ratio: int = 300
    memory_bytes: int = 4096 * _MIB
    stall_s: float = 60.0
    total_s: float = 1800.0


@dataclass(frozen=True)
class Extract:
    """Read this file or folder.

    Attributes:
        skip: entries of a folder or ZIP that ended the process before.
    """

    path: str
    limits: Limits
    password: str = ""
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """`done` of `total` (0: unknown) pages, slides, sheets, chapters, files; `name` of a file of many."""

    done: int
    total: int
    unit: str = "page"
    name: str = ""


@dataclass(frozen=True)
class Finished:
    """What was read; `text_bytes` of UTF-8 follow the frame.

    Attributes:
        digest: sha256 of the file's bytes, "" for a folder.
    """

    name: str
    kind: str
    pages: int
    pages_without_text: tuple[int, ...]
    notes: tuple[str, ...]
    digest: str
    text_bytes: int


@dataclass(frozen=True)
class Refused:
    """A UserError's parts."""

    kind: str
    message: str
    hint: str = ""


MESSAGES = Registry(1, Extract, Limits, Progress, Finished, Refused)


@dataclass(frozen=True)
class Extracted:
    """A document as the model sees it.

    Attributes:
        name: of the file, without its folder.
        kind: "pdf", "docx", "pptx", "sheet", "odt", "odp", "epub", "html", "markdown", "text", "csv", "json",
            "notebook", "code", "folder" or "zip".
        text: exactly what the model sees.
        pages: pages of a PDF, slides, sheets, chapters, files of a folder; 0 where there are none.
        pages_without_text: their numbers, from 1; a scan has only such pages.
        notes: what a person should know, one plain sentence each: what was left out, what was guessed.
    """

    name: str
    kind: str
    text: str
    pages: int = 0
    pages_without_text: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a reader returns."""

    text: str
    pages: int = 0
    pages_without_text: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


class NotText(FileReadError):  # noqa: N818
    """A file that is no document at all: in a folder it is left out without many words."""


def _nowhere(_progress: Progress) -> None:
    pass


@dataclass(frozen=True)
class Source:
    """What a reader is given: a whole file in memory. `name` is for messages and fences."""

    name: str
    data: bytes
    limits: Limits = Limits()
    password: str = ""
    report: Callable[[Progress], None] = _nowhere
