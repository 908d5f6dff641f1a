"""Files for the benchmarks of documents, and what the bare libraries take out of them."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import docx
import pypdfium2
from reportlab.pdfgen import canvas

PAGES = 2000


def words_of(count: int) -> str:
    """Words of a made language, each of two to ten letters."""
    chance = random.Random(1)
    known = [
        "".join(chance.choices("abcdefghijklmnoprstuvwyz", k=chance.randint(2, 10))) for _ in range(5000)
    ]
    return " ".join(chance.choices(known, k=count))


def big_pdf() -> bytes:
    """A PDF of 2,000 pages with 300 words each."""
    file = io.BytesIO()
    page = canvas.Canvas(file)
    words = words_of(PAGES * 300).split()
    for number in range(PAGES):
        text = page.beginText(40, 800)
        for line in range(30):
            at = number * 300 + line * 10
            text.textLine(" ".join(words[at : at + 10]))
        page.drawText(text)
        page.showPage()
    page.save()
    return file.getvalue()


def _bare_pdf(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    found = []
    for page in document:
        text = page.get_textpage()
        found.append(text.get_text_range())
        text.close()
        page.close()
    document.close()
    return "\n".join(found)


def big_docx() -> bytes:
    """400,000 words in paragraphs."""
    document, file = docx.Document(), io.BytesIO()
    words = words_of(400_000).split()
    for at in range(0, len(words), 60):
        document.add_paragraph(" ".join(words[at : at + 60]))
    document.save(file)
    return file.getvalue()


def _bare_docx(data: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


BARE_TEXT: dict[str, Callable[[bytes], str]] = {".pdf": _bare_pdf, ".docx": _bare_docx, ".txt": bytes.decode}


def time_bare(path: Path) -> float:
    """Seconds that the bare library takes for a file."""
    begun = perf_counter()
    BARE_TEXT[path.suffix](path.read_bytes())
    return perf_counter() - begun
