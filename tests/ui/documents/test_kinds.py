from __future__ import annotations

from importlib.resources import files

import pytest

from ui.documents.kinds import about_document, icon_of, kind_name, pages_words

KINDS = (
    "pdf", "docx", "pptx", "sheet", "odt", "odp", "epub", "html", "markdown", "text", "csv", "json",
    "notebook", "code", "folder", "zip", "paste",
)  # fmt: skip


@pytest.mark.parametrize("kind", [*KINDS, "", "unheard of"])
def test_every_kind_has_an_icon_and_words(kind: str) -> None:
    assert files("resources").joinpath("icons", f"{icon_of(kind)}.svg").is_file()
    assert kind_name(kind)
    assert (kind_name(kind) == "Document") == (kind not in KINDS)


@pytest.mark.parametrize(
    ("kind", "pages", "chosen", "words"),
    [
        ("pdf", 312, "", "312 pages"),
        ("pdf", 1, "", "1 page"),
        ("pptx", 20, "", "20 slides"),
        ("sheet", 1, "", "1 sheet"),
        ("epub", 12, "3", "chapter 3 of 12"),
        ("pdf", 1200, "1-20, 40", "pages 1-20, 40 (of 1,200)"),
        ("folder", 2, "", "2 files"),
        ("text", 0, "", ""),
        ("text", 0, "1-2", ""),
    ],
)
def test_pages_in_words(kind: str, pages: int, chosen: str, words: str) -> None:
    assert pages_words(kind, pages, chosen) == words


def test_a_document_in_one_line() -> None:
    assert about_document("pdf", 312, tokens=184_201) == "PDF · 312 pages · 184,201 tokens"
    assert about_document("paste", 0, tokens=1) == "Pasted text · 1 token"
    assert about_document("", 0) == "Document"
