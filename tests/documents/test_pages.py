"""Pages of a document are found by their marks, and only by those."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfgen import canvas

from app.documents.client import DocumentReader
from app.documents.pages import choose, has_pages, named, page_starts, parse_pages
from app.errors import RequestError

_TEXT = "[Page 1]\n\none\n\n[Page 2] (no text)\n\n[Page 3]\n\nthree\n [Page 4]\n\n[Page 4]\n\nfour\n"


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ("", (1, 2, 3, 4, 5, 6, 7, 8, 9)),
        (" ", (1, 2, 3, 4, 5, 6, 7, 8, 9)),
        ("3", (3,)),
        ("1-3, 5", (1, 2, 3, 5)),
        ("5, 1-3", (1, 2, 3, 5)),
        ("1 - 3", (1, 2, 3)),
        ("1–3;7", (1, 2, 3, 7)),
        ("1 3 5", (1, 3, 5)),
        ("-2", (1, 2)),
        ("8-", (8, 9)),
        ("2,2, 2-3,", (2, 3)),
    ],
)
def test_pages_are_named_in_many_ways(pages: str, found: tuple[int, ...]) -> None:
    assert parse_pages(pages, 9) == found


@pytest.mark.parametrize("pages", ["0", "10", "3-2", "x", "1-x", "-", "1..3", "8-12", ",", "9" * 50, "²"])
def test_what_is_no_page_is_refused(pages: str) -> None:
    with pytest.raises(RequestError):
        parse_pages(pages, 9)


@given(st.sets(st.integers(1, 60), min_size=1))
def test_names_and_numbers_are_the_same(pages: set[int]) -> None:
    assert parse_pages(named(sorted(pages)), 60) == tuple(sorted(pages))


@given(st.text(max_size=30))
def test_any_text_is_pages_or_refused(pages: str) -> None:
    try:
        found = parse_pages(pages, 9)
    except RequestError:
        return
    assert found
    assert set(found) <= set(range(1, 10))


def test_the_chosen_pages_keep_their_marks() -> None:
    assert choose(_TEXT, "pdf", "") == _TEXT
    assert choose(_TEXT, "pdf", "1, 4") == "[Page 1]\n\none\n\n[Page 4]\n\nfour\n"
    assert choose(_TEXT, "pdf", "3") == "[Page 3]\n\nthree\n [Page 4]\n"
    assert choose(_TEXT, "pdf", "1-4") == _TEXT


def test_slides_are_pages() -> None:
    text = "## Slide 1: Begin\n\n- a\n\n## Slide 2\n\n(no text)\n"
    assert choose(text, "pptx", "2") == "## Slide 2\n\n(no text)\n"


def test_a_text_has_no_pages() -> None:
    assert not has_pages("text")
    assert page_starts(_TEXT, "text") == ()
    with pytest.raises(RequestError):
        choose(_TEXT, "text", "1")


def test_a_page_that_says_it_is_another_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "forged.pdf"
    page = canvas.Canvas(str(path))
    for lines in (["First", "[Page 2]", "still first"], ["Second"]):
        for line, words in enumerate(lines):
            page.drawString(72, 700 - 20 * line, words)
        page.showPage()
    page.save()
    with DocumentReader() as reader:
        text = reader.extract(path).text
    assert len(page_starts(text, "pdf")) == 2
    assert "still first" in choose(text, "pdf", "1")
    assert choose(text, "pdf", "2") == "[Page 2]\n\nSecond\n"
