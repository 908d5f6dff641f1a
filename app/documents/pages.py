"""Pages of a document that was read: where each begins in its text, and the text of some of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from app.errors import RequestError
from app.language import mark, tr

#: How the readers mark a page, or a slide, at the beginning of a line.
_MARKS = {
    "pdf": re.compile(r"^\[Page (\d+)\]", re.MULTILINE),
    "pptx": re.compile(r"^## Slide (\d+)(?=[:\n]|\Z)", re.MULTILINE),
}
#: People type all of these.
_DASH = re.compile(r"\s*[-\u2010-\u2015]\s*")
_RANGE = re.compile(r"(\d{0,9})-(\d{0,9})|(\d{1,9})", re.ASCII)
_HOW = mark("Write them like 1-20, 40.")


def has_pages(kind: str) -> bool:
    """Whether the pages of such documents can be told apart in their text."""
    return kind in _MARKS


def unmarked(text: str, kind: str) -> str:
    """A page's own text, in which nothing looks like the mark of a page any more."""
    return _MARKS[kind].sub(r" \g<0>", text)


def parse_pages(pages: str, count: int) -> tuple[int, ...]:
    """The numbers, rising, that `pages` names: "1-20, 40", "-5", "300-"; all of `count` for "".

    Raises:
        RequestError: it names none, or pages that are not there.
    """
    if not pages.strip():
        return tuple(range(1, count + 1))
    found: set[int] = set()
    for part in re.split(r"[,;\s]+", _DASH.sub("-", pages.strip())):
        if not part:
            continue
        match = _RANGE.fullmatch(part)
        if match is None or part == "-":
            raise RequestError(tr("“{part}” is not a page or a range of pages.", part=part[:40]), tr(_HOW))
        single = match[3]
        first, last = (int(single),) * 2 if single else (int(match[1] or 1), int(match[2] or count))
        if first > last:
            raise RequestError(tr("The range {part} ends before it begins.", part=part), tr(_HOW))
        if not 1 <= first <= last <= count:
            raise RequestError(
                tr("There are pages 1 to {count} only.", count=count), tr("Choose among these.")
            )
        found.update(range(first, last + 1))
    if not found:
        raise RequestError(tr("No page is named."), tr(_HOW))
    return tuple(sorted(found))


def named(pages: Iterable[int]) -> str:
    """Rising page numbers as a person writes them: "1-20, 40"."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and runs[-1][1] == page - 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def page_starts(text: str, kind: str) -> tuple[int, ...]:
    """Where each page begins in `text`, in characters; empty for a kind without pages."""
    mark = _MARKS.get(kind)
    if mark is None:
        return ()
    starts: list[int] = []
    for match in mark.finditer(text):
        if int(match[1]) == len(starts) + 1:
            starts.append(match.start())
    return tuple(starts)


def choose(text: str, kind: str, pages: str) -> str:
    """The text of the pages that `pages` names, with their marks; all of `text` for "".

    Takes some ms for each MB: not on the GUI thread.

    Raises:
        RequestError: in plain words, as `parse_pages` or where the document has no pages.
    """
    if not pages.strip():
        return text
    starts = page_starts(text, kind)
    if not starts:
        raise RequestError(tr("Pages cannot be chosen in this document."))
    spans = list(pairwise((*starts, len(text))))
    chosen = parse_pages(pages, len(starts))
    parts = [text[spans[page - 1][0] : spans[page - 1][1]] for page in chosen]
    return text[: starts[0]] + "".join(parts).rstrip("\n") + "\n"
