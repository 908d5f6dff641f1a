"""A long document in the real window: what `make bench AREA=documents` bounds, with ten times the room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import psutil

from tests.bench.documents_window import plain_text, run_bare
from tests.bench.watch import Watch
from tests.e2e.conftest import Desk
from tests.e2e.test_documents import Documents

OpenDesk = Callable[[Path], Desk]


def test_a_long_document_is_counted_soon_and_holds_nothing_up(
    open_desk: OpenDesk, starter: Path, tmp_path: Path
) -> None:
    book = tmp_path / "book.txt"
    book.write_text(plain_text(200_000), encoding="utf-8")
    bare = run_bare(book)
    desk = open_desk(starter)
    desk.loaded()
    documents, watch = Documents(desk), Watch()
    own = psutil.Process()
    before = own.memory_info().rss
    watch.start()
    begun = perf_counter()
    documents.drop(book)
    documents.settled()
    counted = documents.counted()
    seconds = perf_counter() - begun
    desk.until(lambda: desk.application.gauge.value.exact)
    assert watch.stop() < 10 * 50
    assert counted == bare["tokens"] > 200_000
    assert seconds < 10 * 1.5 * (bare["seconds"] + 0.5)  # a process is started for it
    assert desk.application.gauge.value.used > counted
    assert own.memory_info().rss - before < 10 * 6 * book.stat().st_size
    desk.until(lambda: "the context holds 8,192" in desk.window.room.text.text())
