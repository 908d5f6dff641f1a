"""Markdown that readers write: blocks with a blank line between them, tables, fences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_TICKS = re.compile(r"^[ \t]*(`{3,})", re.MULTILINE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufeff]")


class Blocks:
    """Blocks of Markdown in order; items of lists follow each other without a blank line."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._tight = False

    def add(self, text: str, *, tight: bool = False) -> None:
        """Append a block; nothing where there is no text. `tight`: an item of a list."""
        text = text.strip("\n")
        if not text.strip():
            return
        if self._parts:
            self._parts.append("\n" if tight and self._tight else "\n\n")
        self._parts.append(text)
        self._tight = tight

    def loosen(self) -> None:
        """What follows stands apart, also if it is an item: another list begins."""
        self._tight = False

    def text(self) -> str:
        return "".join(self._parts)

    def __bool__(self) -> bool:
        return bool(self._parts)


def heading(level: int, text: str) -> str:
    words = " ".join(text.split())
    return f"{'#' * max(1, min(level, 6))} {words}" if words else ""


def fence(text: str, info: str = "") -> str:
    """`text` as a block of code; the fence is longer than any in it."""
    ticks = "`" * max([3, *(len(found.group(1)) + 1 for found in _TICKS.finditer(text))])
    end = "" if text.endswith("\n") or not text else "\n"
    return f"{ticks}{' '.join(info.split())}\n{text}{end}{ticks}"


def table(rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first row is its head, short rows are filled up."""
    cells = [[cell(text) for text in row] for row in rows]
    width = max(map(len, cells), default=0)
    if not width or not any(any(row) for row in cells):
        return ""
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in cells]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def cell(text: str) -> str:
    """One cell's text on one line."""
    if "\n" in text or "\r" in text:
        text = "<br>".join(words for line in text.splitlines() if (words := line.strip()))
    text = " ".join(text.split())
    return text.replace("|", "\\|") if "|" in text else text


def item(text: str, depth: int, mark: str = "-") -> str:
    """An item of a list, `depth` from 0; further lines are indented with it."""
    indent = "  " * min(depth, 12) if mark == "-" else "   " * min(depth, 12)
    lines = text.strip().split("\n")
    pad = " " * (len(indent) + len(mark) + 1)
    return "\n".join([f"{indent}{mark} {lines[0]}", *(pad + line if line else "" for line in lines[1:])])


def clean(text: str) -> str:
    """`text` with plain line ends and without control characters."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
