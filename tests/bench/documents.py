"""Reading documents against the bare libraries, alternating, and what it takes of memory.

The bare library runs in a fresh process, as ours does, but its start is not counted; ours is.
"""

from __future__ import annotations

import io
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import docx
import psutil
import pypdfium2
from reportlab.pdfgen import canvas

from app.documents.client import DocumentReader
from tests.bench.rows import Row

_PAGES = 2000
_POLL_S = 0.03


def measure(rounds: int) -> list[Row]:
    """All rows of the area."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, data, peer in (
            ("pdf", _pdf(), f"pypdfium2, {_PAGES:,} pages"),
            ("docx", _docx(), "python-docx"),
            ("txt", _words(800_000).encode(), "bytes.decode"),
        ):
            path = Path(folder) / f"a.{name}"
            path.write_bytes(data)
            rows += _rows(path, peer, rounds)
    return rows


def _rows(path: Path, peer: str, rounds: int) -> list[Row]:
    theirs, ours, child, growth = [], [], 0, 0.0
    for _ in range(rounds):
        command = [sys.executable, "-m", "tests.bench.documents", str(path)]
        theirs.append(float(subprocess.run(command, check=True, capture_output=True).stdout))
        watch = _Watch()
        begun = time.perf_counter()
        with watch, DocumentReader() as reader:
            text = reader.extract(path).text
        ours.append(time.perf_counter() - begun)
        child, growth = max(child, watch.child), max(growth, watch.growth / len(text.encode()))
        del text
    name = path.suffix[1:]
    limit = 1.5 if name != "txt" else None  # starting takes longer than decoding
    return [
        Row(f"documents.{name}.seconds", median(ours), "s", None, "lower"),
        Row(f"documents.{name}.times_bare", median(ours) / median(theirs), "×", limit, "lower", peer),
        Row(f"documents.{name}.child_mb", child / 2**20, "MB", None, "lower"),
        Row(f"documents.{name}.window_growth", growth, "× text", 6.0, "lower"),
    ]


class _Watch:
    """The most memory that this process and its child had while it was open, in bytes."""

    def __enter__(self) -> _Watch:
        self._own = psutil.Process()
        self._before = self._own.memory_info().rss
        self.child = self.growth = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_POLL_S):
            self.growth = max(self.growth, self._own.memory_info().rss - self._before)
            for child in self._own.children():
                try:
                    self.child = max(self.child, child.memory_info().rss)
                except psutil.Error:
                    continue


def _words(count: int) -> str:
    chance = random.Random(1)
    known = [
        "".join(chance.choices("abcdefghijklmnoprstuvwyz", k=chance.randint(2, 10))) for _ in range(5000)
    ]
    return " ".join(chance.choices(known, k=count))


def _pdf() -> bytes:
    file = io.BytesIO()
    page = canvas.Canvas(file)
    words = _words(_PAGES * 300).split()
    for number in range(_PAGES):
        text = page.beginText(40, 800)
        for line in range(30):
            at = number * 300 + line * 10
            text.textLine(" ".join(words[at : at + 10]))
        page.drawText(text)
        page.showPage()
    page.save()
    return file.getvalue()


def _bare_pdf(data: bytes) -> int:
    document = pypdfium2.PdfDocument(data)
    found = 0
    for page in document:
        text = page.get_textpage()
        found += len(text.get_text_range())
        text.close()
        page.close()
    document.close()
    return found


def _docx() -> bytes:
    document, file = docx.Document(), io.BytesIO()
    words = _words(400_000).split()
    for at in range(0, len(words), 60):
        document.add_paragraph(" ".join(words[at : at + 60]))
    document.save(file)
    return file.getvalue()


def _bare_docx(data: bytes) -> int:
    return sum(len(paragraph.text) for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


_BARE: dict[str, Callable[[bytes], object]] = {".pdf": _bare_pdf, ".docx": _bare_docx, ".txt": bytes.decode}


def _time_bare(path: Path) -> float:
    """Seconds that the bare library takes for a file."""
    begun = time.perf_counter()
    _BARE[path.suffix](path.read_bytes())
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(_time_bare(Path(sys.argv[1])))
