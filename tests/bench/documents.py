"""Reading documents against the bare libraries, alternating, and what it takes of memory.

The bare library runs in a fresh process, as ours does, but its start is not counted; ours is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

import psutil

from app.documents.client import DocumentReader
from tests.bench import documents_window
from tests.bench.documents_files import PAGES, big_docx, big_pdf, time_bare, words_of
from tests.bench.rows import Row

_POLL_S = 0.03


def measure(rounds: int) -> list[Row]:
    """All rows of the area."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, data, peer in (
            ("pdf", big_pdf(), f"pypdfium2, {PAGES:,} pages"),
            ("docx", big_docx(), "python-docx"),
            ("txt", words_of(800_000).encode(), "bytes.decode"),
        ):
            path = Path(folder) / f"a.{name}"
            path.write_bytes(data)
            rows += _rows(path, peer, rounds)
    return rows + documents_window.rows(rounds)


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


if __name__ == "__main__":
    print(time_bare(Path(sys.argv[1])))
