"""Icons and words for the kinds of documents; see app.documents.values.Extracted for their names."""

from __future__ import annotations

from typing import Final

from app.language import mark, tr
from ui.words import count

_KINDS: Final = {
    "pdf": ("file-text", "PDF"),
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
    "json": ("code", "JSON"),
    "notebook": ("code", mark("Notebook")),
    "code": ("code", mark("Source code")),
    "folder": ("folder", mark("Folder")),
    "zip": ("archive", mark("Archive")),
    "paste": ("clipboard", mark("Pasted text")),
}
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
    return _KINDS.get(kind, ("file", tr("Document")))[1]


def pages_words(kind: str, pages: int, chosen: str = "") -> str:
    """How many pages, slides, … a document has, and which of them were chosen; "" where it has none.

    ("pdf", 312) → "312 pages", ("pptx", 1) → "1 slide", ("pdf", 312, "1-20, 40") → "pages 1-20, 40 (of 312)".
    """
    if pages < 1:
        return ""
    unit = _UNITS.get(kind, "page")
    if chosen:
        one = chosen.strip().isdecimal()
        # "1, 5 of 12" would be read as 5 of 12 pages
        of = tr("(of {pages})", pages=count(pages)) if "," in chosen else tr("of {pages}", pages=count(pages))
        return f"{unit}{'' if one else 's'} {chosen.strip()} {of}"
    return f"{count(pages)} {unit}{'' if pages == 1 else 's'}"


def about_document(kind: str, pages: int, chosen: str = "", tokens: int | None = None) -> str:
    """One line: "PDF · 312 pages · 184,201 tokens"."""
    size = "" if tokens is None else f"{count(tokens)} token{'' if tokens == 1 else 's'}"
    return " · ".join(part for part in (kind_name(kind), pages_words(kind, pages, chosen), size) if part)
