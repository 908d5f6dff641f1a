"""Blocks as plain text to paste elsewhere: what is displayed, with list markers, without Markdown's marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from app.render.blocks import Block
from app.render.inline import Span, parse_inline
from app.render.plain import LINE_BREAK, own_start, plain_of, shown_spans

_MARKERS: Final = {"todo": "☐", "done": "☑"}
_INDENT: Final = "  "
_END: Final = 1 << 60


def written(block: Block, growing: bool = False, start: int = 0, end: int = _END) -> str:
    """A block, or the characters from `start` to `end` of what `plain_of` gives; a formula whole in it stands
    as its LaTeX source."""
    if block.kind in {"code", "plain", "math"}:
        plain = plain_of(block, growing)
        whole = start <= 0 and end >= len(plain)
        text = _source(block) if whole else plain[max(0, start) : end]
    elif block.kind == "table":
        text = _table(block, start, end)
    elif block.kind in {"paragraph", "heading"}:
        text = _clipped(shown_spans(block, growing), start, end)
    else:
        return ""
    return _indented(block, text, start <= 0)


def _source(block: Block) -> str:
    """What the author wrote, also where it is hidden on the screen."""
    if block.kind == "math":
        return block.text.strip()
    return block.text.removesuffix("\n") if block.kind == "code" else block.text.replace(LINE_BREAK, "\n")


def _clipped(spans: Sequence[Span], start: int, end: int) -> str:
    at, parts = 0, []
    for span in spans:
        a, b = max(0, start - at), min(len(span.text), end - at)
        at += len(span.text)
        if a < b:
            whole = span.math and not a and b == len(span.text)
            parts.append(span.math if whole else span.text[a:b].replace(LINE_BREAK, "\n"))
    return "".join(parts)


def _table(block: Block, start: int, end: int) -> str:
    least = own_start(block, plain_of(block)) if block.piece else 0
    return "".join(_cells(block, max(start, least), end))


def _cells(block: Block, start: int, end: int) -> Iterator[str]:
    at, columns, rows = 0, len(block.rows[0]), len(block.rows)
    for number, cells in enumerate(block.rows):
        shown = cells[:columns]
        for i, cell in enumerate(shown):
            spans = parse_inline(cell)
            length = sum(len(span.text) for span in spans)
            yield _clipped(spans, start - at, end - at)
            at += length
            last = number == rows - 1 and i == len(shown) - 1
            if start <= at < end and not last:
                yield "\n" if i == len(shown) - 1 else "\t"
            at += 1


def _indented(block: Block, text: str, begins: bool) -> str:
    """With the markers that begin here; lines below stand under the first one's text."""
    if block.kind == "code" or not block.nest:
        return text
    first = below = ""
    for kind, marker in zip(block.nest, block.markers, strict=True):
        if kind == "q":
            continue
        first += f"{_MARKERS.get(marker, marker)} " if marker and begins else _INDENT
        below += _INDENT
    if not begins:
        first = ""
    return first + text.replace("\n", "\n" + below)
