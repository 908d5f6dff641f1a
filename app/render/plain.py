"""What a reader sees of a block, as plain text, without laying anything out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from app.render.blocks import PARAGRAPH_LIMIT, Block, plain_blocks
from app.render.inline import Span, parse_growing, parse_inline, plain_spans
from app.render.stream import BlockStream
from app.render.unseen import shown

PLAIN_OVER: Final = 2000  # characters: a longer open paragraph waits for its end to be formatted
LINE_BREAK: Final = "\u2028"
_SLICE: Final = 2000  # characters of Markdown between two looks at the clock, about 2 ms
#: Nothing in it can be Markdown, an address or a character that is shown as another one.
_LETTERS_ONLY: Final = re.compile(r"[^\W_](?:[^\W_]|[ ,.;?()'\"’“”–—=+-]|\n(?! ))*")


def shown_spans(block: Block, growing: bool = False) -> tuple[Span, ...]:
    """The spans of a paragraph, heading or list item; `growing`: more of it may come."""
    if not growing:
        return parse_inline(block.text)
    text = block.text[: 2 * PARAGRAPH_LIMIT]
    if len(block.text) > PLAIN_OVER and not _has_formulas(block.text):
        return plain_spans(text)
    return parse_growing(text)


def _has_formulas(text: str) -> bool:
    """Whether there may be some: they would turn into their source for as long as the paragraph grows."""
    return "$" in text or "\\(" in text


def math_source(block: Block) -> str:
    """A formula's source with its marks, as it is shown where it can't be drawn."""
    return shown(f"$$\n{block.text}\n$$" if block.nest else block.source, code=True)


def plain_of(block: Block, growing: bool = False) -> str:
    """The characters of a block that can be selected; tabs part the cells of a table, lines its rows."""
    kind = block.kind
    if kind == "code":
        return shown(block.text.removesuffix("\n"), code=True)
    if kind == "math":
        return math_source(block)
    if kind == "table":
        columns = len(block.rows[0])
        return "\n".join("\t".join(map(_inline, cells[:columns])) for cells in block.rows)
    if kind == "plain":
        return _joined(plain_spans(block.text))
    if kind in {"paragraph", "heading"}:
        if growing:
            return _joined(shown_spans(block, growing))
        return _inline(block.text)
    return ""


def _inline(text: str) -> str:
    # most paragraphs have no marks at all, and parsing them is what takes the time
    if _LETTERS_ONLY.fullmatch(text) and not text.endswith(" ") and " \n" not in text:
        return text
    return _joined(parse_inline(text))


def _joined(spans: tuple[Span, ...]) -> str:
    return "".join(span.text for span in spans).replace(LINE_BREAK, "\n")


def own_start(block: Block, plain: str) -> int:
    """Where a block's own text begins: the piece of a long table repeats the header, which is not its own."""
    if block.kind != "table" or not block.piece:
        return 0
    head = plain.find("\n")
    return head + 1 if head >= 0 else len(plain)


def blocks_in_slices(text: str, markdown: bool) -> Iterator[list[Block]]:
    """The blocks of a whole text, a few ms of work at a time; those already handed out are not kept."""
    if not markdown:
        for block in plain_blocks(text):
            yield [block]
        return
    stream = BlockStream()
    for at in range(0, len(text), _SLICE):
        stream.feed(text[at : at + _SLICE])
        yield stream.closed
        stream.closed = []
    stream.finish()
    yield stream.closed
