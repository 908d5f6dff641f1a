"""The specifications' examples, and what they show: from their HTML, and from our blocks."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from app.render.blocks import Block
from app.render.inline import Span, is_safe_link, parse_inline

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
_EXAMPLE = re.compile(
    r"^`{32} example ?(\w*)\n(.*?)^\.\n(.*?)^`{32}$|^#+ ([^\n]*)$", re.MULTILINE | re.DOTALL
)
_STYLES = {"em": "italic", "strong": "bold", "del": "strike", "code": "code"}
_TEXTS = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True)
class Example:
    """`number` counts from 1 in its specification, as its own pages do."""

    number: int
    section: str
    extension: str
    markdown: str
    html: str


@dataclass(frozen=True)
class Leaf:
    """What is seen of one block. cells: the text of a table's cells, else one."""

    kind: str
    nest: str = ""
    markers: tuple[str, ...] = ()
    cells: tuple[tuple[Span, ...], ...] = ()


@cache
def examples(name: str) -> tuple[Example, ...]:
    """All of commonmark.txt or gfm.txt; FileNotFoundError before `make test` has fetched them."""
    sys.path.insert(0, str(PACKAGING))
    try:
        import markdown_specs  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(PACKAGING))
    if not markdown_specs.complete():
        raise FileNotFoundError("The specifications are not there yet: make test fetches them.")
    text = (markdown_specs.folder() / name).read_text(encoding="utf-8")
    found: list[Example] = []
    section = ""
    for match in _EXAMPLE.finditer(text):
        if match[4] is not None:
            section = match[4]
            continue
        markdown, html = (part.replace("→", "\t") for part in (match[2], match[3]))
        found.append(Example(len(found) + 1, section, match[1], markdown, html))
    return tuple(found)


def joined(spans: list[Span]) -> tuple[Span, ...]:
    """Neighbours of one style as one, blanks at both ends and around line breaks left out."""
    made: list[Span] = []
    for span in spans:
        if made and replace(made[-1], text="") == replace(span, text=""):
            made[-1] = replace(made[-1], text=made[-1].text + span.text)
        elif span.text:
            made.append(span)
    for i, span in enumerate(made):
        text = re.sub(r"(?<!\n) *\n *", "\n", span.text)
        text = text.lstrip() if i == 0 else text
        made[i] = replace(span, text=text.rstrip() if i == len(made) - 1 else text)
    return tuple(span for span in made if span.text)


def shown_blocks(blocks: tuple[Block, ...]) -> list[Leaf]:
    """What our blocks show."""
    found = []
    for block in blocks:
        kind = f"h{block.level}" if block.kind == "heading" else block.kind
        if block.kind == "code":
            kind, cells = f"code {block.language}", (joined([Span(block.text.rstrip("\n"))]),)
        elif block.kind == "table":
            kind = " ".join(("table", *(align or "-" for align in block.aligns)))
            cells = tuple(joined(list(parse_inline(cell))) for row in block.rows for cell in row)
        else:
            cells = (joined(list(parse_inline(block.text))),)
        found.append(Leaf(kind, block.nest, block.markers, cells))
    return found


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.leaves: list[Leaf] = []
        self._nest = ""
        self._markers: list[str] = []
        self._used: list[bool] = []
        self._lists: list[int | None] = []
        self._text: list[Span] = []
        self._cells: list[tuple[Span, ...]] = []
        self._style = Span("")
        self._styles: list[Span] = []
        self._kind = "paragraph"
        self._pre = False
        self._table = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _TEXTS or tag in {"pre", "ul", "ol", "blockquote", "li", "hr", "table"}:
            self._flush()
        if tag in {"ul", "ol"}:
            self._lists.append(int(given.get("start", 1)) if tag == "ol" else None)
        elif tag == "li":
            number = self._lists[-1]
            self._open("l", "•" if number is None else f"{number}.")
            self._lists[-1] = None if number is None else number + 1
        elif tag == "blockquote":
            self._open("q", "")
        elif tag in _TEXTS:
            self._kind = "paragraph" if tag == "p" else tag
        elif tag == "pre":
            self._pre, self._kind = True, "code "
        elif tag == "hr":
            self._leaf("rule", ((),))
        elif tag == "table":
            self._table, self._kind, self._cells = True, "table", []
        elif tag == "th":
            self._kind += " " + (given.get("align") or "-")
        else:
            self._inline(tag, given)

    def _inline(self, tag: str, given: dict[str, str]) -> None:
        if tag == "img":
            source, words = given.get("src", ""), given.get("alt", "")
            place = replace(self._style, text=source, href=source if is_safe_link(source) else "")
            parts = [Span(words), Span(" ("), place, Span(")")] if words and source else [Span(words), place]
            self._text += [part if part is place else replace(self._style, text=part.text) for part in parts]
        elif tag == "code" and self._pre:
            self._kind = "code " + given.get("class", "").removeprefix("language-")
        elif tag == "input":
            self._markers[-1] = "done" if "checked" in given else "todo"
        elif tag in _STYLES or tag == "a":
            self._styles.append(self._style)
            href = given.get("href", "")
            changed = {"href": href if is_safe_link(href) else ""} if tag == "a" else {_STYLES[tag]: True}
            self._style = replace(self._style, **changed)

    def handle_endtag(self, tag: str) -> None:
        if tag in _TEXTS or tag in {"pre", "ul", "ol", "li", "blockquote"}:
            self._flush(force=tag in _TEXTS or tag == "pre")
        if tag in {"ul", "ol"}:
            self._lists.pop()
        elif tag in {"li", "blockquote"}:
            if not self._used[-1]:
                self._leaf("paragraph", ((),))
            self._nest = self._nest[:-1]
            self._markers.pop()
            self._used.pop()
        elif tag in {"th", "td"}:
            self._cells.append(joined(self._text))
            self._text = []
        elif tag == "table":
            self._table = False
            self._leaf(self._kind, tuple(self._cells))
            self._kind, self._text = "paragraph", []
        elif (tag in _STYLES or tag == "a") and self._styles:
            self._style = self._styles.pop()

    def handle_data(self, data: str) -> None:
        self._text.append(replace(self._style, text=data))

    def _open(self, kind: str, marker: str) -> None:
        self._nest += kind
        self._markers.append(marker)
        self._used.append(False)

    def _flush(self, force: bool = False) -> None:
        text = [Span("".join(span.text for span in self._text).rstrip("\n"))] if self._pre else self._text
        cells = joined(text)
        if (cells or force) and not self._table:
            self._leaf(self._kind, (cells,))
        self._text, self._kind, self._pre = [], "paragraph", False

    def _leaf(self, kind: str, cells: tuple[tuple[Span, ...], ...]) -> None:
        shown = zip(self._markers, self._used, strict=True)
        markers = tuple("" if used else marker for marker, used in shown)
        self.leaves.append(Leaf(kind, self._nest, markers, cells))
        self._used = [True] * len(self._used)

    def result(self) -> list[Leaf]:
        self.close()
        self._flush()
        return self.leaves


def shown_html(html: str) -> list[Leaf]:
    """What a specification's HTML shows."""
    parser = _Html()
    parser.feed(html)
    return parser.result()
