"""Which formulas a row has, without laying it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter

from app.render.inline import parse_inline
from ui.chat.formulas import Key
from ui.chat.message import Row


def keys_of(row: Row) -> list[Key]:
    """The formulas of a row."""
    block = row.block
    if block.kind == "math":
        return [(block.text, True)]
    texts = [cell for cells in block.rows for cell in cells] if block.kind == "table" else [block.text]
    if block.kind not in {"paragraph", "heading", "table"}:
        return []
    return [
        (span.math, span.display)
        for text in texts
        if "$" in text or "\\" in text
        for span in parse_inline(text)
        if span.math
    ]


def keys_within(rows: Iterable[Row], seconds: float) -> Iterator[Key]:
    """The formulas of rows, as far as that many seconds reach."""
    end = perf_counter() + seconds
    for row in rows:
        yield from keys_of(row)
        if perf_counter() > end:
            return
