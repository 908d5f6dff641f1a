"""What is said of a document: how far it is read, how long it is, what is wrong."""

from __future__ import annotations

from typing import Final

from app.documents.values import Progress
from app.language import tr
from ui import words

_NAME: Final = 80  # characters


def progress(told: Progress) -> tuple[str, float]:
    """How far it is, in words and as a fraction; -1 where that is not known."""
    if not told.total:
        return tr("Reading"), -1.0
    at = min(told.done + 1, told.total)
    return _place(told.unit, words.count(at), words.count(told.total)), max(
        0.0, min(1.0, told.done / told.total)
    )


def _place(unit: str, at: str, total: str) -> str:
    return {
        "slide": tr("Slide {at} of {total}", at=at, total=total),
        "sheet": tr("Sheet {at} of {total}", at=at, total=total),
        "chapter": tr("Chapter {at} of {total}", at=at, total=total),
        "paragraph": tr("Paragraph {at} of {total}", at=at, total=total),
        "file": tr("File {at} of {total}", at=at, total=total),
    }.get(unit, tr("Page {at} of {total}", at=at, total=total))


def short(name: str) -> str:
    """A file's name as it may stand in a sentence."""
    return words.shown_line(name, _NAME) or tr("The document")


def without_name(message: str, name: str) -> str:
    """What is wrong, where the name stands above it already."""
    return message.removeprefix(f"{name}: ")
