"""Documents of every kind with known words, made by the libraries that write them."""

from __future__ import annotations

import html
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import docx
import openpyxl
import pptx
from pptx.util import Inches
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

_LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßéñ"
_WORD = re.compile(r"\bq[^\W\d_]+q\b")


@dataclass(frozen=True)
class Content:
    """What every kind can hold, in this order; every word of it occurs once."""

    title: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    last: str

    @property
    def words(self) -> list[str]:
        cells = " ".join(" ".join(row) for row in self.rows)
        return " ".join((self.title, *self.paragraphs, *self.items, cells, self.last)).split()

    @property
    def table(self) -> str:
        """The table as it must stand in Markdown."""
        lines = ["| " + " | ".join(row) + " |" for row in self.rows]
        lines.insert(1, "|" + " --- |" * len(self.rows[0]))
        return "\n".join(lines)


def content(seed: int) -> Content:
    chance = random.Random(seed)
    seen: set[str] = set()

    def word() -> str:
        while True:
            found = "q" + "".join(chance.choices(_LETTERS, k=7)) + "q"
            if found not in seen:
                seen.add(found)
                return found

    def words(count: int) -> str:
        return " ".join(word() for _ in range(count))

    return Content(
        words(2),
        tuple(words(chance.randrange(1, 12)) for _ in range(6)),
        tuple(words(3) for _ in range(3)),
        tuple(tuple(words(2) for _ in range(3)) for _ in range(4)),
        words(3),
    )


def words_in(text: str) -> list[str]:
    """The corpus' words in a text, in order."""
    return _WORD.findall(text)


def make_docx(known: Content) -> bytes:
    document = docx.Document()
    document.add_heading(known.title, 1)
    for text in known.paragraphs:
        document.add_paragraph(text)
    for text in known.items:
        document.add_paragraph(text, style="List Number")
    table = document.add_table(len(known.rows), len(known.rows[0]))
    for at, row in enumerate(known.rows):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    document.add_paragraph(known.last)
    return _saved(document.save)


def make_pptx(known: Content) -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = known.title
    frame = slide.placeholders[1].text_frame
    frame.text = known.paragraphs[0]
    for text in (*known.paragraphs[1:], *known.items):
        frame.add_paragraph().text = text
    slide = show.slides.add_slide(show.slide_layouts[6])
    size = len(known.rows), len(known.rows[0])
    table = slide.shapes.add_table(*size, 0, 0, Inches(4), Inches(2)).table
    for at, row in enumerate(known.rows):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    slide.notes_slide.notes_text_frame.text = known.last
    return _saved(show.save)


def make_xlsx(known: Content) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = known.title
    for text in (*known.paragraphs, *known.items):
        sheet.append([text])
    sheet = book.create_sheet("Table")
    for row in known.rows:
        sheet.append(list(row))
    book.create_sheet("Last").append([known.last])
    return _saved(book.save)


def make_pdf(known: Content, password: str = "") -> bytes:
    file = io.BytesIO()
    page = canvas.Canvas(file, pagesize=A4, encrypt=password or None)
    cells = [" ".join(row) for row in known.rows]
    for text in (known.title, *known.paragraphs, *known.items, *cells, known.last):
        words = text.split()
        for line in range(0, len(words), 6):
            page.drawString(72, 700 - 20 * line, " ".join(words[line : line + 6]))
        page.showPage()
    page.save()
    return file.getvalue()


def make_html(known: Content) -> bytes:
    return _page(known).encode()


def make_odt(known: Content) -> bytes:
    def lines(tag: str, texts: Sequence[str]) -> str:
        return "".join(f"<text:{tag}>{html.escape(text)}</text:{tag}>" for text in texts)

    items = "".join(f"<text:list-item>{lines('p', [text])}</text:list-item>" for text in known.items)
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell>{lines('p', [text])}</table:table-cell>" for text in row)
        + "</table:table-row>"
        for row in known.rows
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table")
    )
    body = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:text>'
        f'<text:h text:outline-level="1">{known.title}</text:h>{lines("p", known.paragraphs)}'
        f"<text:list>{items}</text:list><table:table>{rows}</table:table>{lines('p', [known.last])}"
        "</office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": body})


def make_epub(known: Content) -> bytes:
    container = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    package = (
        '<package><manifest><item id="b" href="two.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="a" href="one%20.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    first, second = _page(known).split("<!-- cut -->")
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/book.opf": package,
            "OEBPS/two.xhtml": f"<html><body>{second}",
            "OEBPS/one .xhtml": f'<?xml version="1.0" encoding="utf-8"?>\n{first}</body></html>',
        }
    )


def make_notebook(known: Content) -> bytes:
    cells: list[dict[str, object]] = [{"cell_type": "markdown", "source": [f"# {known.title}"]}]
    for text in (*known.paragraphs, *known.items):
        output = {"output_type": "stream", "text": [text.partition(" ")[2] + "\n"]}
        cells.append({"cell_type": "code", "source": text.partition(" ")[0], "outputs": [output]})
    cells.append({"cell_type": "markdown", "source": f"{known.table}\n\n{known.last}"})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode()


def make_text(known: Content) -> bytes:
    items = "\n".join(f"- {text}" for text in known.items)
    parts = (f"# {known.title}", *known.paragraphs, items, known.table, known.last)
    return "\n\n".join(parts).encode()


def make_csv(known: Content) -> bytes:
    rows = [
        (known.title,),
        *((text,) for text in (*known.paragraphs, *known.items)),
        *known.rows,
        (known.last,),
    ]
    return "\r\n".join(",".join(f'"{text}"' for text in row) for row in rows).encode()


def make_json(known: Content) -> bytes:
    return json.dumps([*known.words], ensure_ascii=False, indent=1).encode()


def make_code(known: Content) -> bytes:
    return "\n".join(f"print('{word}')" for word in known.words).encode()


def make_zip(known: Content) -> bytes:
    return zipped({"a/one.md": make_text(known).decode(), "b.png": "\x89PNG"})


#: Makers by the name of a file of their kind.
MAKERS: dict[str, Callable[[Content], bytes]] = {
    "a.docx": make_docx,
    "a.pptx": make_pptx,
    "a.xlsx": make_xlsx,
    "a.pdf": make_pdf,
    "a.html": make_html,
    "a.odt": make_odt,
    "a.epub": make_epub,
    "a.ipynb": make_notebook,
    "a.md": make_text,
    "a.txt": make_text,
    "a.csv": make_csv,
    "a.json": make_json,
    "a.py": make_code,
    "a.zip": make_zip,
}


def zipped(entries: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def _page(known: Content) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in known.paragraphs)
    items = "".join(f"<li>{text}" for text in known.items)
    rows = "".join("<tr>" + "".join(f"<td>{text}" for text in row) for row in known.rows)
    return (
        f"<html><head><script>qneverseenq</script></head><body><h1>{known.title}</h1>{paragraphs}"
        f"<ul>{items}</ul><!-- cut --><table>{rows}</table><div>{known.last}</div></body></html>"
    )


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()
