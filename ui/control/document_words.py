"""What is said of a document: how far it is read, how long it is, what is wrong."""

from __future__ import annotations

from typing import Final

from app.documents.values import Progress
from ui import words
from ui.documents.kinds import kind_name

_UNITS: Final = {
    "pdf": "page", "pptx": "slide", "odp": "slide", "sheet": "sheet", "epub": "chapter", "folder": "file",
    "zip": "file",
}  # fmt: skip
_NAME: Final = 80  # characters


def length(kind: str, pages: int, chosen: str = "") -> str:
    """ "312 pages", "pages 1-20 of 312", "40 slides"; empty where there are none."""
    unit = _UNITS.get(kind, "page")
    if not pages:
        return ""
    if chosen:
        return f"{unit}s {chosen} of {words.count(pages)}"
    return f"{words.count(pages)} {unit}{'s' if pages != 1 else ''}"


def about(kind: str, pages: int, chosen: str, tokens: int | None) -> str:
    """ "PDF · 312 pages · 184,201 tokens"."""
    count = "" if tokens is None else f"{words.count(tokens)} token{'s' if tokens != 1 else ''}"
    return " · ".join(part for part in (kind_name(kind), length(kind, pages, chosen), count) if part)


def progress(told: Progress) -> tuple[str, float]:
    """How far it is, in words and as a fraction; -1 where that is not known."""
    if not told.total:
        return "Reading", -1.0
    at = min(told.done + 1, told.total)
    said = f"{told.unit.capitalize()} {words.count(at)} of {words.count(told.total)}"
    return said, max(0.0, min(1.0, told.done / told.total))


def short(name: str) -> str:
    """A file's name as it may stand in a sentence."""
    return words.shown_line(name, _NAME) or "The document"


def without_name(message: str, name: str) -> str:
    """What is wrong, where the name stands above it already."""
    return message.removeprefix(f"{name}: ")
