"""Every word of every kind of document, in order, with its structure."""

from __future__ import annotations

import io
import json
import random

import docx
import openpyxl
import pytest
from reportlab.pdfgen import canvas

from tests.documents import corpus
from tests.documents.conftest import ReadBytes

KINDS = {
    "a.docx": "docx", "a.pptx": "pptx", "a.xlsx": "sheet", "a.pdf": "pdf", "a.html": "html", "a.odt": "odt",
    "a.epub": "epub", "a.ipynb": "notebook", "a.md": "markdown", "a.txt": "text", "a.csv": "csv",
    "a.json": "json", "a.py": "code", "a.zip": "zip",
}  # fmt: skip
HEADED = ("a.docx", "a.html", "a.odt", "a.epub", "a.ipynb", "a.md")
TABLED = (*HEADED, "a.pptx", "a.xlsx")


@pytest.mark.parametrize("name", corpus.MAKERS)
def test_every_word_in_order(name: str, read: ReadBytes) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    known = corpus.content(seed)
    found = read(name, corpus.MAKERS[name](known))
    assert (found.name, found.kind) == (name, KINDS[name])
    assert corpus.words_in(found.text) == known.words
    if name in HEADED:
        assert f"# {known.title}\n" in found.text
    if name in TABLED:
        assert known.table in found.text


def test_pages_of_a_pdf(read: ReadBytes) -> None:
    known = corpus.content(1)
    found = read("a.pdf", corpus.make_pdf(known))
    pages = [known.title, *known.paragraphs, *known.items, *map(" ".join, known.rows), known.last]
    assert found.pages == len(pages)
    assert found.pages_without_text == ()
    for number, words in enumerate(pages, start=1):
        page = found.text.partition(f"[Page {number}]\n")[2].partition("[Page ")[0]
        assert corpus.words_in(page) == words.split()


def test_a_pdf_with_pages_without_text(read: ReadBytes) -> None:
    found = read("a.pdf", _pdf(["A broken exam-", "ple is well-known", "2019-", "2020"], [], ["Last"]))
    first = "A broken example is well-known\n2019-\n2020"
    assert found.text == f"[Page 1]\n\n{first}\n\n[Page 2] (no text)\n\n[Page 3]\n\nLast\n"
    assert (found.pages, found.pages_without_text) == (3, (2,))
    assert found.notes == ("1 of 3 pages has no text: it is an image or empty.",)


def _pdf(*pages: list[str]) -> bytes:
    file = io.BytesIO()
    page = canvas.Canvas(file)
    for lines in pages:
        for number, text in enumerate(lines):
            page.drawString(72, 700 - 20 * number, text)
        page.showPage()
    page.save()
    return file.getvalue()


def test_lists_notes_and_edges_of_docx(read: ReadBytes) -> None:
    document = docx.Document()
    for style, text in (
        ("List Number", "one"),
        ("List Number", "two"),
        ("List Bullet", "dot"),
        ("Heading 3", "Deep"),
        ("Normal", "a|b\tc"),
    ):
        document.add_paragraph(text, style=style)
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "x|y"
    outer.cell(0, 1).add_table(1, 1).cell(0, 0).text = "inner"
    document.sections[0].footer.paragraphs[0].text = "At the foot"
    file = io.BytesIO()
    document.save(file)
    text = read("a.docx", file.getvalue()).text
    assert "1. one\n2. two\n- dot\n\n### Deep\n\na|b\tc\n\n| x\\|y | " in text
    assert "inner" in text
    assert text.endswith("[Footer] At the foot\n")


def test_values_of_sheets(read: ReadBytes) -> None:
    import datetime

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Values"
    sheet.append([1, 2.5, True, datetime.date(2024, 2, 29), "two\nlines", 1e300])
    book.create_sheet("Nothing")
    file = io.BytesIO()
    book.save(file)
    found = read("a.xlsx", file.getvalue())
    assert found.text.startswith(
        "## Sheet: Values\n\n| 1 | 2.5 | TRUE | 2024-02-29 | two<br>lines | 1e+300 |\n"
    )
    assert found.text.endswith("## Sheet: Nothing\n\n(no text)\n")
    assert (found.pages, found.pages_without_text) == (2, (2,))


def test_slides_have_their_names(read: ReadBytes) -> None:
    known = corpus.content(2)
    found = read("a.pptx", corpus.make_pptx(known))
    assert found.text.startswith(f"## Slide 1: {known.title}\n\n- {known.paragraphs[0]}\n")
    assert "\n\n## Slide 2\n\n|" in found.text
    assert found.text.endswith(f"\n\nNotes: {known.last}\n")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>a<br>b</p>", "a\nb\n"),
        ("a <b>b</b><i>c</i>", "a bc\n"),
        ("<ul><li>a<ul><li>b</ul><li><p>c<p>d</ul>", "- a\n  - b\n- c\n  d\n"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b\n"),
        ("<ul><li>a</ul><ol><li>b</ol>", "- a\n\n1. b\n"),
        ("<pre><code class=language-c>a\n  b</code></pre>", "```c\na\n  b\n```\n"),
        ("<pre>```</pre>", "````\n```\n````\n"),
        ("<p>x <code>y</code>", "x `y`\n"),
        ("<table><tr><th>a|b<td>c<tr><td colspan=2>d</table>", "| a\\|b | c |\n| --- | --- |\n| d |  |\n"),
        ("<title>T</title><p>b", "# T\n\nb\n"),
        ("<title>T</title><h1>T</h1>", "# T\n"),
        ("&lt;x&gt;&nbsp;&amp; &eacute;", "<x>\xa0& é\n"),
        ("<div>" * 1000 + "deep", "deep\n"),
    ],
)
def test_html(page: str, expected: str, read: ReadBytes) -> None:
    assert read("a.html", page.encode()).text == expected


def test_html_names_its_encoding(read: ReadBytes) -> None:
    page = '<meta charset="windows-1251"><p>Привет'
    assert read("a.html", page.encode("cp1251")).text == "Привет\n"


def test_code_is_fenced_with_its_path(read: ReadBytes) -> None:
    assert read("a.rs", b"fn main() {}").text == "```rust a.rs\nfn main() {}\n```"
    assert read("Makefile", b"all:\n\t```x\n").text == "````makefile Makefile\nall:\n\t```x\n````"


def test_code_names_its_encoding(read: ReadBytes) -> None:
    data = "#!x\n# -*- coding: koi8-r -*-\nда".encode("koi8-r")
    assert read("a.py", data).text.endswith("-*-\nда\n```")


def test_outputs_of_a_notebook(read: ReadBytes) -> None:
    outputs = [
        {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": ["<Figure>"]}},
        {"output_type": "error", "ename": "ValueError", "evalue": "bad"},
    ]
    cells = [{"cell_type": "code", "source": ["x = 1\n", "x"], "outputs": outputs}, 7, {"cell_type": "raw"}]
    found = read("a.ipynb", json.dumps({"cells": cells}).encode())
    assert found.text == (
        "```python\nx = 1\nx\n```\n\n```output\n<Figure>\n```\n\n```output\nValueError: bad\n```"
    )
    assert found.notes == ("1 image was left out: this model reads text only.",)
