"""A growing Markdown text as closed blocks and an open rest.

The stream keeps only the lines of the open leaf. What came before is stood for by a `head`: one line for each
open container ("3. x") or the opener of the fence or table that goes on. Parsing head + open lines gives what
parsing the whole text would give, at a cost that depends on the open leaf alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from app.render import footnotes
from app.render.blocks import (
    CODE_LIMIT,
    CODE_LINES,
    MARK,
    PARAGRAPH_LIMIT,
    PARAGRAPH_LINES,
    Block,
    Container,
    Leaf,
    cut_line,
    join_source,
    normalise,
    parse_leaves,
    piece_block,
    piece_ranges,
    real_length,
)

_QUOTE: Final = re.compile(r" *> ?")
_ITEM: Final = re.compile(r"( *)([-+*]|\d{1,9}[.)])( *)")
_OPENERS: Final = {"q": _QUOTE, "l": _ITEM, "f": footnotes.OPENER}
_UNDECIDED: Final = re.compile(r"[\s\-=*_#`~>|:+]*(\d{1,9}[.)]?|\[\^[^\]\s]*\]?)?\s*")
_FENCE: Final = re.compile(r"( {0,3})(`{3,}|~{3,})")
_HARMLESS: Final = re.compile(r"[ \t]*(?:[^ \t\d#>\-+*=`~_|:$\\\[]|\[(?!\^))")
_DUMMY: Final = "x" + "|x" * 60  # a paragraph line that no delimiter row will turn into a table


class BlockStream:
    """feed() and finish(); `closed` only ever grows; tail() shows what is still open. Not thread-safe."""

    def __init__(self) -> None:
        self.closed: list[Block] = []
        self._partial = ""
        self._return = False  # a \r waits for its \n
        self._head: list[str] = []
        self._shifts: list[int] = []
        self._lines: list[str] = []
        self._offset = 0  # of the first open line, in the normalised text
        self._piece = 0
        self._leaf: Leaf | None = None  # the open leaf as last parsed
        self._size = 0  # of the open piece in the quick paths
        self._fence: tuple[int, re.Pattern[str]] | None = None
        self._done = False

    def feed(self, text: str) -> None:
        """Take more text, cut anywhere."""
        if self._return:
            text = "\r" + text
        self._return = text.endswith("\r")
        if self._return:
            text = text[:-1]
        text = self._partial + normalise(text)
        *lines, self._partial = text.split("\n")
        for line in lines:
            self._whole_line(line)
        while len(self._partial) > 4000:
            head, self._partial = cut_line(self._partial)
            self._add(head)

    def finish(self) -> None:
        """No more text will come: close what is open."""
        if self._done:
            return
        self._done = True
        if self._return:
            self._whole_line(self._partial)
            self._partial = ""
        if self._partial:
            self._add(self._partial)
            self._partial = ""
        leaves = self._parse(self._lines, open_end=False)
        for i, leaf in enumerate(leaves):
            self._emit(leaf, self._piece_of(i, leaf))
        self._lines = []
        self._leaf = None

    def tail(self) -> tuple[Block, ...]:
        """The open block as it looks now, the unfinished line included (rarely a second one)."""
        if self._done:
            return ()
        lines = self._lines
        if self._partial and not _UNDECIDED.fullmatch(self._partial):
            if self._fence and not self._head_nest():
                return (self._open_code(self._partial),)
            lines = [*lines, self._partial]
        elif self._fence:
            return (self._open_code(None),)
        if self._is_plain_text(lines):
            text = join_source(lines).strip()
            return (replace(self._text_block(), text=text, source=text),)
        blocks = []
        for i, leaf in enumerate(self._parse(lines)):
            piece = self._piece_of(i, leaf)
            ranges = piece_ranges(leaf, self._first_unit(leaf) if i == 0 else 0)
            blocks += [
                piece_block(leaf, [*self._head, *lines], r, piece + n, len(self._head))
                for n, r in enumerate(ranges)
            ]
        return tuple(replace(b, start=self._offset + i) for i, b in enumerate(blocks))

    # -- lines ---------------------------------------------------------------------------------------------

    def _whole_line(self, line: str) -> None:
        while True:
            head, line = cut_line(line)
            self._add(head)
            if not line:
                return

    def _add(self, line: str) -> None:
        """One complete line (or one cut off by MARK)."""
        if not self._lines and not self._piece and not line.strip(" \t"):
            self._offset += real_length(line)
            return
        if self._fence is not None:
            indent, closing = self._fence
            if not closing.fullmatch(line.removesuffix(MARK)):
                self._add_code(line, indent)
                return
        elif not line.strip(" \t") and not self._in_fence():
            self._lines.append(line)
            if self._ends_with_blank():
                self._close_open()
            return
        elif self._continues_paragraph(line):
            self._lines.append(line)
            if self._size >= PARAGRAPH_LIMIT or len(self._lines) > PARAGRAPH_LINES:
                self._reparse()
            else:
                self._size += len(line) + 1
            return
        self._lines.append(line)
        self._reparse()

    def _in_fence(self) -> bool:
        leaf = self._leaf
        return leaf is not None and leaf.kind == "code" and bool(leaf.skip) and not leaf.closed

    def _ends_with_blank(self) -> bool:
        """Nothing that comes after a blank line can change a top-level paragraph or table."""
        leaf = self._leaf
        return leaf is not None and not leaf.stack and leaf.kind in {"paragraph", "table"}

    def _close_open(self) -> None:
        """Close the one open top-level leaf."""
        self._emit(self._parse(self._lines)[0], self._piece)
        self._offset += sum(map(real_length, self._lines))
        self._lines, self._head, self._shifts = [], [], []
        self._piece, self._leaf, self._fence = 0, None, None

    def _continues_paragraph(self, line: str) -> bool:
        """A line that begins with a letter, or with a sign that opens nothing, can't end a paragraph."""
        leaf = self._leaf
        return (
            leaf is not None
            and leaf.kind == "paragraph"
            and bool(self._lines)
            and "q" not in leaf.nest
            and bool(self._lines[-1].strip())
            and leaf.units != [""]
            and _HARMLESS.match(line) is not None
        )

    def _add_code(self, line: str, indent: int) -> None:
        count = len(self._lines) - (0 if self._piece else 1)
        if count and (count >= CODE_LINES or self._size >= CODE_LIMIT):
            self._cut_code()
        self._lines.append(line)
        self._size += len(_strip_indent(line, indent)) + 1

    def _cut_code(self) -> None:
        """Close the open piece of a top-level fence without parsing."""
        block = self._open_code(None)
        if not self._piece:
            self._head = [self._lines[0]]
        self._close(block, len(self._lines))
        self._piece += 1
        self._size = 0

    def _open_code(self, partial: str | None) -> Block:
        indent = self._fence[0] if self._fence else 0
        body = self._lines if self._piece else self._lines[1:]
        units = [_strip_indent(line, indent) for line in body]
        text = "\n".join([*units, ""]).replace(MARK + "\n", "").removesuffix(MARK)
        if partial is not None:
            text += _strip_indent(partial, indent)
        language = self._leaf.language if self._leaf else ""
        source = join_source([*self._lines, partial] if partial is not None else self._lines)
        return Block("code", source, self._offset, text, language=language, piece=self._piece)

    def _close(self, block: Block, count: int) -> None:
        """Put a block of the first `count` open lines among the closed ones."""
        self.closed.append(replace(block, start=self._offset))
        self._offset += sum(map(real_length, self._lines[:count]))
        del self._lines[:count]

    # -- parsing -------------------------------------------------------------------------------------------

    def _parse(self, lines: list[str], open_end: bool = True) -> list[Leaf]:
        head = len(self._head)
        leaves = parse_leaves([*self._head, *lines], head, self._shifts, open_end)
        return [leaf for leaf in leaves if leaf.end > head]

    def _first_unit(self, leaf: Leaf) -> int:
        """How many units of a leaf stand in the head; only a leaf that goes on has any lines there."""
        if leaf.start >= len(self._head):
            return 0
        return len(self._head) - leaf.start - leaf.skip if self._piece else 0

    def _piece_of(self, i: int, leaf: Leaf) -> int:
        """Which piece of a leaf is open: a table may begin with the line that a paragraph's next one was."""
        new = i > 0 or (leaf.kind == "table" and leaf.start >= len(self._head))
        return 0 if new else self._piece

    def _reparse(self) -> None:
        leaves = self._parse(self._lines)
        if not leaves:
            self._leaf = None
            return
        if self._piece and not self._piece_of(0, leaves[0]):
            self._rebase(leaves[0])
            leaves = self._parse(self._lines)
        # if a pending formula does not close, its lines may belong to what stands before: that stays open too
        settled = leaves[: -2 if leaves[-1].pending else -1]
        for i, leaf in enumerate(settled):
            self._emit(leaf, self._piece_of(i, leaf))
        if settled:
            self._rebase(leaves[len(settled)])
            leaves = self._parse(self._lines)
        last = leaves[0]
        ranges = piece_ranges(last, self._first_unit(last))
        if len(ranges) > 1:
            last = self._cut(last, ranges)
        if leaves[-1].pending:
            self._leaf = leaves[-1]
            return
        self._leaf = last
        self._size = sum(len(u) + 1 for u in last.units[self._first_unit(last) :])
        self._watch_fence(last)
        if not last.stack and (last.kind in {"heading", "rule"} or last.closed):
            self._close_open()

    def _watch_fence(self, leaf: Leaf) -> None:
        """The quick path for top-level fences: from here on lines are only compared with the closing one."""
        self._fence = None
        if leaf.kind != "code" or not leaf.skip or leaf.stack or leaf.closed:
            return
        opener = _FENCE.match(self._head[-1] if self._piece else self._lines[0])
        if opener:
            mark = re.escape(opener[2][0])
            self._fence = (len(opener[1]), re.compile(rf" {{0,3}}{mark}{{{len(opener[2])},}}[ \t]*"))

    def _emit(self, leaf: Leaf, piece: int) -> None:
        """Close a whole leaf; its lines stay until _rebase."""
        head = len(self._head)
        lines = [*self._head, *self._lines]
        for n, bounds in enumerate(piece_ranges(leaf, self._first_unit(leaf))):
            block = piece_block(leaf, lines, bounds, piece + n, head)
            first = max(leaf.start if piece + n == 0 else leaf.start + leaf.skip + bounds[0], head)
            start = self._offset + sum(map(real_length, lines[head:first]))
            self.closed.append(replace(block, start=start))

    def _rebase(self, leaf: Leaf) -> None:
        """Let go of everything before `leaf`, keeping a head for the containers it stands in."""
        lines = [*self._head, *self._lines]
        gone = leaf.start - len(self._head)
        before = [c for c in leaf.stack if c.line < leaf.start]
        self._head, _, written, _ = _skeleton(lines, leaf.stack, before)
        self._offset += sum(map(real_length, self._lines[:gone]))
        del self._lines[:gone]
        self._shifts = [c.number - w for c, w in zip(leaf.stack, written, strict=True)]
        self._piece = 0

    def _cut(self, leaf: Leaf, ranges: list[tuple[int, int]]) -> Leaf:
        """Close all pieces of the open leaf but the last, and go on with that one."""
        lines = [*self._head, *self._lines]
        head, prefix, written, (at_line, column) = _skeleton(lines, leaf.stack, list(leaf.stack))
        if leaf.skip:
            # what opened the fence or table, without the containers' own marks
            opener = lines[leaf.start : leaf.start + leaf.skip]
            if not self._piece:
                columns = [column if leaf.start + i == at_line else len(prefix) for i in range(leaf.skip)]
                opener = [_under(line, prefix, at) for line, at in zip(opener, columns, strict=True)]
            head += opener
        elif leaf.kind != "code":
            head.append(prefix + _DUMMY)
        for n, bounds in enumerate(ranges[:-1]):
            block = piece_block(leaf, lines, bounds, self._piece + n, len(self._head))
            end = leaf.start + leaf.skip + bounds[1] - len(lines) + len(self._lines)
            self._close(block, end)
            lines = [*self._head, *self._lines]
            leaf.start -= end
            leaf.end -= end
        self._piece += len(ranges) - 1
        self._head = head
        self._shifts = [c.number - w for c, w in zip(leaf.stack, written, strict=True)]
        return self._parse(self._lines)[-1]

    # -- what is open, without parsing ---------------------------------------------------------------------

    def _head_nest(self) -> str:
        return self._leaf.nest if self._leaf else ""

    def _is_plain_text(self, lines: list[str]) -> bool:
        leaf = self._leaf
        if leaf is None or leaf.kind != "paragraph" or leaf.stack or not self._lines:
            return False
        partial = lines[-1] if len(lines) > len(self._lines) else "x"
        return bool(self._lines[-1].strip()) and _HARMLESS.match(partial) is not None

    def _text_block(self) -> Block:
        return Block("paragraph", "", self._offset, piece=self._piece)


def _strip_indent(line: str, indent: int) -> str:
    blank = len(line) - len(line.lstrip(" "))
    return line[min(blank, indent) :]


def _under(line: str, prefix: str, column: int) -> str:
    """The part of a line behind its containers' marks, which end at `column`, put behind `prefix` instead."""
    return prefix + line.expandtabs(4)[column:]


def _skeleton(
    lines: list[str], stack: tuple[Container, ...], keep: list[Container]
) -> tuple[list[str], str, list[int], tuple[int, int]]:
    """(lines that open the containers of `keep` again, prefix of a line inside them, number that each item of
    `stack` is written with, -1 if none; the last line that opens one, and the column behind it there)."""
    opened: list[tuple[str, int]] = []  # a line, and how many containers are open behind it
    widths: list[tuple[str, int]] = []
    written: list[int] = []
    at_line, pos, text = -1, 0, ""
    for container in stack:
        if container.line != at_line:
            at_line, text = container.line, lines[container.line].expandtabs(4)
            pos = _skip(text, widths)
            if container in keep:
                opened.append(("", 0))
        match = _OPENERS[container.kind].match(text, pos)
        width = _width(match, text) if match else 2
        number = match[2][:-1] if match and container.kind == "l" else ""
        written.append(int(number) if number.isdigit() else -1)
        widths.append((container.kind, width))
        pos = match.end() if match and container.kind == "f" else pos + width
        if container in keep:
            opened[-1] = (text[:pos].ljust(pos) + "x", len(widths))
    head: list[str] = []
    for line, count in opened:
        # a blank line behind each, or its "x" would be a paragraph that swallows the next one
        head += [line, _prefix(widths[:count]).rstrip()]
    return head, _prefix(widths[: len(keep)]), written, (at_line, pos)


def _prefix(widths: list[tuple[str, int]]) -> str:
    """What a line inside these containers begins with."""
    return "".join("> ".rjust(width) if kind == "q" else " " * width for kind, width in widths)


def _skip(text: str, widths: list[tuple[str, int]]) -> int:
    pos = 0
    for kind, width in widths:
        match = _QUOTE.match(text, pos) if kind == "q" else None
        pos = match.end() if match else pos + width
    return pos


def _width(match: re.Match[str], text: str) -> int:
    """Columns from the parent's content to this container's content."""
    if match.re is _QUOTE:
        return match.end() - match.start()
    if match.re is footnotes.OPENER:
        return footnotes.INDENT
    marker = match.end(2) - match.start()
    spaces = len(match[3])
    blank = match.end() >= len(text)
    return marker + (1 if blank or spaces > 4 or spaces == 0 else spaces)
