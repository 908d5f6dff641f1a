"""Markdown to flat, frozen blocks.

Containers (lists, quotes) are not blocks of their own: each leaf carries the path of containers it stands in
(`nest`) and the list markers that begin with it (`markers`). So a code block inside a numbered step is a code
block like any other, and a list of any length costs a view no more than its visible items.

Huge leaves are cut in pieces (`piece` counts from 0) so that no single block is ever expensive to lay out.

Where this differs from CommonMark and GFM, and why:
- raw HTML is text, also as a block: a model's text is never markup of ours;
- link reference definitions are off: they would let the last line of an answer change its first one. A
  definition is a line of text, its address a link if it is one; "[text][label]" stands as it is written;
- a line break is a line break, also a soft one: that is how models mean it;
- an image is its description and its address; only http, https and mailto become links;
- "\\[…\\]" is a formula, not brackets that are escaped (math_find.py);
- bare links end before CJK punctuation, quotes and an unopened "]" (bare_links.py);
- footnotes stand where they were written, and a reference is one without its note, too (footnotes.py);
- containers nest about 28 lists deep; what is deeper is shown with its marks. So are tables of more than 100
  columns, and lines with brackets in brackets beyond all sense (parser.py, inline.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from app.render import footnotes, math_find
from app.render.parser import escape_markdown, make_parser

LINE_LIMIT: Final = 4000  # characters; a longer line is cut by an invisible mark
PARAGRAPH_LIMIT: Final = 3000  # characters after which a paragraph goes on in another piece
PARAGRAPH_LINES: Final = 100  # and lines
CODE_LINES: Final = 80  # lines of one code piece
CODE_LIMIT: Final = 6000  # characters of one code or table piece
TABLE_ROWS: Final = 40  # rows of one table piece
TABLE_CELLS: Final = 600  # of one table piece
MARK: Final = "\uf8fe"  # private use: this line break is ours, not the author's

_TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Block:
    """One leaf of a Markdown text.

    kind: paragraph | heading | code | table | rule | math.
    source: its Markdown lines; start: their offset in the text, in characters after newline normalising.
    text: inline Markdown (paragraph, heading), the code itself, or a formula's LaTeX without its marks.
    level: 1-6 of a heading. language: first word after a fence.
    rows: table cells as inline Markdown, the header first; aligns: left | center | right | "" by column.
    nest: containers from outside in, "l" a list item, "q" a quote, "f" a footnote.
    markers: for each container "" or the marker that begins here: "•", "3.", "todo", "done", a note's label.
    piece: 0, or n for the n-th continuation of a huge block.
    """

    kind: str
    source: str
    start: int = 0
    text: str = ""
    level: int = 0
    language: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    aligns: tuple[str, ...] = ()
    nest: str = ""
    markers: tuple[str, ...] = ()
    piece: int = 0


@dataclass(slots=True)
class Container:
    """An open list item or quote while tokens are walked; `line` is where it began."""

    kind: str
    line: int
    number: int = -1
    marker: str = ""
    empty: bool = True


@dataclass(slots=True)
class Leaf:
    """A leaf with its line range [start, end) in the parsed lines, before it is cut in pieces."""

    kind: str
    start: int
    end: int
    units: list[str] = field(default_factory=list)  # content lines; for a table its body rows
    skip: int = 0  # raw lines before the first unit: a fence's opener, a table's head
    level: int = 0
    language: str = ""
    rows: list[tuple[str, ...]] = field(default_factory=list)
    aligns: tuple[str, ...] = ()
    stack: tuple[Container, ...] = ()
    markers: tuple[str, ...] = ()
    closed: bool = False  # a fence that has met its closing line, a formula
    pending: bool = False  # a formula that may still close

    @property
    def nest(self) -> str:
        """The container path as letters."""
        return "".join(container.kind for container in self.stack)


_PARSER: Final = make_parser()


def normalise(text: str) -> str:
    """Newlines as \\n, no NUL, none of our own marks. `text` must not end in a lone \\r."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    for mark in (MARK, math_find.PIPE):
        if mark in text:
            text = text.replace(mark, "\ufffd")
    return text


def cut_line(line: str) -> tuple[str, str]:
    """Split a line over LINE_LIMIT: (head with MARK, rest), best between words; else (line, "")."""
    if len(line) <= LINE_LIMIT:
        return line, ""
    at = LINE_LIMIT
    for i in range(LINE_LIMIT, LINE_LIMIT - 1000, -1):
        if line[i - 1].isspace() and line[i].isalpha():
            at = i
            break
    return line[:at] + MARK, line[at:]


def real_length(line: str) -> int:
    """Characters a line takes in the text, its line break included."""
    return len(line) - 1 if line.endswith(MARK) else len(line) + 1


def parse_leaves(
    lines: Sequence[str], known: int = 0, shifts: Sequence[int] = (), open_end: bool = False
) -> list[Leaf]:
    """The leaves of some lines; with `open_end` more may come, and a formula that has not closed is pending.

    A list that begins at or before line `known` at depth d counts from its written number + shifts[d]:
    that is how a stream goes on counting in a list whose first items it has let go.
    """
    source = "\n".join(map(math_find.guard_pipes, lines)) + "\n"
    tokens: list[Token] = []
    _PARSER.block.parse(source, _PARSER, {math_find.OPEN_END: open_end}, tokens)
    if math_find.PIPE in source:
        for token in tokens:
            token.content = token.content.replace(math_find.PIPE, "|")
            token.info = token.info.replace(math_find.PIPE, "|")
    return _Walker(known, shifts).walk(tokens)


class _Walker:
    """Turns block tokens into leaves; one use."""

    def __init__(self, known: int, shifts: Sequence[int]) -> None:
        self._known = known
        self._shifts = shifts
        self._stack: list[Container] = []
        self._lists: list[tuple[int, bool]] = []  # next number, ordered
        self._leaves: list[Leaf] = []

    def walk(self, tokens: Sequence[Token]) -> list[Leaf]:
        i = 0
        while i < len(tokens):
            token = tokens[i]
            kind = token.type
            if kind in {"paragraph_open", "heading_open"}:
                self._text(token, tokens[i + 1])
                i += 2
            elif kind == "fence":
                self._fence(token)
            elif kind == "code_block":
                self._add("code", token, token.content.removesuffix("\n").split("\n"))
            elif kind == "hr":
                self._add("rule", token, [])
            elif kind == "table_open":
                i = self._table(tokens, i)
            elif kind in {math_find.BLOCK, math_find.PENDING}:
                leaf = self._add("math", token, token.content.split("\n"))
                leaf.pending = kind == math_find.PENDING
                leaf.closed = not leaf.pending
            else:
                self._container(token)
            i += 1
        return self._leaves

    def _container(self, token: Token) -> None:
        kind = token.type
        line = token.map[0] if token.map else 0
        if kind == "ordered_list_open":
            depth = len(self._stack)
            first = int(token.attrs.get("start", 1))
            if line <= self._known and depth < len(self._shifts):
                first += self._shifts[depth]
            self._lists.append((first, True))
        elif kind == "bullet_list_open":
            self._lists.append((0, False))
        elif kind.endswith("_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            number, ordered = self._lists[-1]
            self._lists[-1] = (number + 1, ordered)
            marker = f"{number}{token.markup}" if ordered else "•"
            self._stack.append(Container("l", line, number if ordered else -1, marker))
        elif kind == "blockquote_open":
            self._stack.append(Container("q", line))
        elif kind == footnotes.OPEN:
            self._stack.append(Container("f", line, marker=str(token.meta["label"])))
        elif kind in {"list_item_close", "blockquote_close", footnotes.CLOSE}:
            if self._stack[-1].empty:
                at = self._stack[-1].line
                self._leaves.append(self._leaf("paragraph", at, at + 1, [""]))
            self._stack.pop()

    def _leaf(self, kind: str, start: int, end: int, units: list[str]) -> Leaf:
        markers = tuple(c.marker if c.empty else "" for c in self._stack)
        for container in self._stack:
            container.empty = False
        return Leaf(kind, start, end, units, stack=tuple(self._stack), markers=markers)

    def _add(self, kind: str, token: Token, units: list[str]) -> Leaf:
        start, end = token.map if token.map else (0, 0)
        leaf = self._leaf(kind, start, end, units)
        self._leaves.append(leaf)
        return leaf

    def _text(self, token: Token, inline: Token) -> None:
        kind = "heading" if token.type == "heading_open" else "paragraph"
        leaf = self._add(kind, token, inline.content.split("\n"))
        leaf.level = int(token.tag[1]) if kind == "heading" else 0
        task = _TASK.match(leaf.units[0])
        if task and leaf.markers and leaf.markers[-1] and kind == "paragraph":
            leaf.units[0] = leaf.units[0][task.end() :]
            leaf.markers = (*leaf.markers[:-1], "todo" if task[1] == " " else "done")

    def _fence(self, token: Token) -> None:
        units = token.content.removesuffix("\n").split("\n") if token.content else []
        leaf = self._add("code", token, units)
        leaf.skip = 1
        words = unescapeAll(token.info).split(maxsplit=1)
        leaf.language = words[0] if words else ""
        leaf.closed = leaf.end - leaf.start == len(units) + 2

    def _table(self, tokens: Sequence[Token], i: int) -> int:
        leaf = self._add("table", tokens[i], [])
        leaf.skip = 2
        row: list[str] = []
        aligns: list[str] = []
        while tokens[i].type != "table_close":
            token = tokens[i]
            if token.type == "inline":
                row.append(token.content)
            elif token.type == "th_open":
                aligns.append(str(token.attrs.get("style", "")).rpartition(":")[2])
            elif token.type == "tr_close":
                leaf.rows.append(tuple(row))
                row = []
            i += 1
        leaf.aligns = tuple(aligns)
        leaf.units = [" ".join(cells) for cells in leaf.rows[1:]]
        return i


def piece_ranges(leaf: Leaf, first: int = 0) -> list[tuple[int, int]]:
    """Unit ranges [a, b) of a leaf's pieces, greedy from unit `first`: a stream can go on at any cut."""
    if leaf.kind == "math":
        return [(0, len(leaf.units))]
    ranges: list[tuple[int, int]] = []
    begin, size = first, 0
    for i in range(first, len(leaf.units)):
        unit = leaf.units[i]
        if i > begin and _is_full(leaf, i - begin, size) and (leaf.kind != "code" or leaf.skip or unit):
            ranges.append((begin, i))
            begin, size = i, 0
        size += len(unit) + 1
    ranges.append((begin, len(leaf.units)))
    return ranges


def _is_full(leaf: Leaf, count: int, size: int) -> bool:
    if leaf.kind == "code":
        return count >= CODE_LINES or size >= CODE_LIMIT
    if leaf.kind == "table":
        cells = count * len(leaf.rows[0])
        return count >= TABLE_ROWS or cells >= TABLE_CELLS or size >= CODE_LIMIT
    return count >= PARAGRAPH_LINES or size >= PARAGRAPH_LIMIT


def piece_block(
    leaf: Leaf, lines: Sequence[str], bounds: tuple[int, int], piece: int, head: int = 0
) -> Block:
    """The block of one piece. Lines before `head` belong to nobody's source; `start` is left at 0."""
    a, b = bounds
    last = b == len(leaf.units)
    first_line = max(leaf.start if piece == 0 else leaf.start + leaf.skip + a, head)
    end_line = leaf.end if last else leaf.start + leaf.skip + b
    block = Block(
        "paragraph" if leaf.kind == "heading" and not last else leaf.kind,
        source=join_source(lines[first_line:end_line]),
        nest=leaf.nest,
        markers=leaf.markers if piece == 0 else ("",) * len(leaf.stack),
        piece=piece,
    )
    if leaf.kind == "code":
        text = "\n".join([*leaf.units[a:b], ""]).replace(MARK + "\n", "").removesuffix(MARK)
        return replace(block, text=text, language=leaf.language)
    if leaf.kind == "math":
        if leaf.pending:
            return replace(block, kind="paragraph", text=escape_markdown("\n".join(leaf.units).strip()))
        return replace(block, text="\n".join(leaf.units))
    if leaf.kind == "table":
        return replace(block, rows=(leaf.rows[0], *leaf.rows[1 + a : 1 + b]), aligns=leaf.aligns)
    text = "\n".join(leaf.units[a:b]).replace(MARK + "\n", "").removesuffix(MARK).strip()
    return replace(block, text=text, level=leaf.level if block.kind == "heading" else 0)


def join_source(lines: Sequence[str]) -> str:
    """Lines as the author wrote them: our own cuts taken out."""
    return "\n".join(lines).replace(MARK + "\n", "").removesuffix(MARK).rstrip("\n")


def parse_blocks(text: str) -> tuple[Block, ...]:
    """All blocks of a whole text, parsed in one go. Cost grows with the text: streams use BlockStream."""
    lines: list[str] = []
    for line in normalise(text).split("\n"):
        rest = line
        while rest:
            head, rest = cut_line(rest)
            lines.append(head)
        if not line:
            lines.append("")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + real_length(line))
    if lines and not lines[-1]:
        lines.pop()  # the text ended in a newline: that is no line
    blocks = []
    for leaf in parse_leaves(lines):
        for piece, bounds in enumerate(piece_ranges(leaf)):
            at = leaf.start if piece == 0 else leaf.start + leaf.skip + bounds[0]
            blocks.append(replace(piece_block(leaf, lines, bounds, piece), start=starts[at]))
    return tuple(blocks)


def plain_blocks(text: str) -> tuple[Block, ...]:
    """A text without Markdown (what a person typed) as paragraphs of at most PARAGRAPH_LIMIT characters."""
    blocks: list[Block] = []
    at = 0
    text = normalise(text)
    while at < len(text) or not blocks:
        end = min(at + PARAGRAPH_LIMIT, len(text))
        if end < len(text):
            cut = max(text.rfind("\n", at, end), text.rfind(" ", at + PARAGRAPH_LIMIT // 2, end))
            end = cut + 1 if cut > at else end
        chunk = text[at:end]
        blocks.append(Block("plain", chunk, at, chunk.removesuffix("\n"), piece=len(blocks)))
        at = end
    return tuple(blocks)
