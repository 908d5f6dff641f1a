"""Icons and words for the kinds of documents; see app.documents.values.Extracted for their names."""

from __future__ import annotations

from typing import Final

_KINDS: Final = {
    "pdf": ("file-text", "PDF"),
    "docx": ("file-text", "Word document"),
    "odt": ("file-text", "Text document"),
    "pptx": ("slides", "Slides"),
    "odp": ("slides", "Slides"),
    "sheet": ("table", "Spreadsheet"),
    "csv": ("table", "Table"),
    "epub": ("book", "Book"),
    "html": ("file-text", "Web page"),
    "markdown": ("file-text", "Markdown"),
    "text": ("file-text", "Text"),
    "json": ("code", "JSON"),
    "notebook": ("code", "Notebook"),
    "code": ("code", "Source code"),
    "folder": ("folder", "Folder"),
    "zip": ("archive", "Archive"),
    "paste": ("clipboard", "Pasted text"),
}


def icon_of(kind: str) -> str:
    """The icon's name for a kind, also for one that is not known."""
    return _KINDS.get(kind, ("file", ""))[0]


def kind_name(kind: str) -> str:
    """What a person calls it; "Document" where the kind is not known."""
    return _KINDS.get(kind, ("file", "Document"))[1]
