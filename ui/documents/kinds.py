"""Icons and words for the kinds of documents; see app.documents.values.Extracted for their names."""

from __future__ import annotations

from typing import Final

from app.language import mark, ntr, tr
from ui.words import count

_KINDS: Final = {
    "pdf": ("file-text", mark("PDF")),
    "docx": ("file-text", mark("Word document")),
    "odt": ("file-text", mark("Text document")),
    "pptx": ("slides", mark("Slides")),
    "odp": ("slides", mark("Slides")),
    "sheet": ("table", mark("Spreadsheet")),
    "csv": ("table", mark("Table")),
    "epub": ("book", mark("Book")),
    "html": ("file-text", mark("Web page")),
    "markdown": ("file-text", mark("Markdown")),
    "text": ("file-text", mark("Text")),
    "json": ("code", mark("JSON")),
    "notebook": ("code", mark("Notebook")),
    "code": ("code", mark("Source code")),
    "folder": ("folder", mark("Folder")),
    "zip": ("archive", mark("Archive")),
    "paste": ("clipboard", mark("Pasted text")),
}
_DOCUMENT: Final = mark("Document")
_UNITS: Final = {
    "pptx": "slide",
    "odp": "slide",
    "sheet": "sheet",
    "epub": "chapter",
    "folder": "file",
    "zip": "file",
}


def icon_of(kind: str) -> str:
    """The icon's name for a kind, also for one that is not known."""
    return _KINDS.get(kind, ("file", ""))[0]


def kind_name(kind: str) -> str:
    """What a person calls it; "Document" where the kind is not known."""
    return tr(_KINDS.get(kind, ("file", _DOCUMENT))[1])


def pages_words(kind: str, pages: int, chosen: str = "") -> str:
    """How many pages, slides, … a document has, and which of them were chosen; "" where it has none.

    ("pdf", 312) → "312 pages", ("pptx", 1) → "1 slide", ("pdf", 312, "1-20, 40") → "pages 1-20, 40 (of 312)".
    """
    if pages < 1:
        return ""
    unit = _UNITS.get(kind, "page")
    if not chosen:
        return _counted(unit, pages)
    part = _part(unit, chosen.strip())
    if "," in chosen:  # "1, 5 of 12" would be read as 5 of 12 pages
        return tr("{part} (of {number})", part=part, number=count(pages))
    return tr("{part} of {number}", part=part, number=count(pages))


def _counted(unit: str, number: int) -> str:
    return {
        "page": ntr("{count} page", "{count} pages", number),
        "slide": ntr("{count} slide", "{count} slides", number),
        "sheet": ntr("{count} sheet", "{count} sheets", number),
        "chapter": ntr("{count} chapter", "{count} chapters", number),
        "file": ntr("{count} file", "{count} files", number),
    }[unit]


def _part(unit: str, chosen: str) -> str:
    """Those that were chosen: "page 3", "pages 1-20, 40"."""
    one, many = {
        "page": (tr("page {chosen}", chosen=chosen), tr("pages {chosen}", chosen=chosen)),
        "slide": (tr("slide {chosen}", chosen=chosen), tr("slides {chosen}", chosen=chosen)),
        "sheet": (tr("sheet {chosen}", chosen=chosen), tr("sheets {chosen}", chosen=chosen)),
        "chapter": (tr("chapter {chosen}", chosen=chosen), tr("chapters {chosen}", chosen=chosen)),
        "file": (tr("file {chosen}", chosen=chosen), tr("files {chosen}", chosen=chosen)),
    }[unit]
    return one if chosen.isdecimal() else many


def about_document(kind: str, pages: int, chosen: str = "", tokens: int | None = None) -> str:
    """One line: "PDF · 312 pages · 184,201 tokens"."""
    size = "" if tokens is None else ntr("{count} token", "{count} tokens", tokens)
    return " · ".join(part for part in (kind_name(kind), pages_words(kind, pages, chosen), size) if part)
