"""Walks a tree of HTML and writes Markdown. Without recursion: a stranger chose the depth."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from app.documents.markdown import Blocks, clean, fence, heading, item, table
from app.documents.xml import local, whole

#: Single spaces stay as they are.
_SPACE = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")
_LANGUAGE = re.compile(r"\b(?:language|lang|highlight-source)-([\w+#-]{1,30})")
_UNSEEN = "script style template head noscript iframe object embed select datalist"
_SKIP = frozenset(_UNSEEN.split())
_BLOCK_NAMES = """
    address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure
    footer form header hgroup html legend main nav p section summary title hr caption
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_ROWS = frozenset({"td", "th"})


@dataclass
class _Page:
    """Blocks of the page or of one cell, with the text that is no block yet."""

    blocks: Blocks = field(default_factory=Blocks)
    words: list[str] = field(default_factory=list)


@dataclass
class _List:
    ordered: bool
    count: int = 0
    #: Whether the mark of the open item is still to be written.
    fresh: bool = False


class HtmlWriter:
    """Writes one tree. Not to be used again."""

    def __init__(self) -> None:
        self._pages = [_Page()]
        self._tables: list[list[list[str]]] = []
        self._lists: list[_List] = []
        self._pre = 0
        self._images = 0

    def write(self, root: Any) -> tuple[str, int]:
        """The Markdown, and how many images there are."""
        title = " ".join(
            (root.findtext(".//{*}head/{*}title") or root.findtext(".//head/title") or "").split()
        )
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            name = local(element).lower()
            if event == "start":
                if not name or name in _SKIP:
                    walk.skip_subtree()
                    continue
                self._start(name, element)
                self._text(element.text)
            else:
                if name and name not in _SKIP:
                    self._end(name, element)
                if element is not root:
                    self._text(element.tail)
        self._flush()
        while len(self._pages) > 1:
            self._close_cell()
        text = self._pages[0].blocks.text()
        if title and title not in text[: len(title) + 400]:
            text = f"{heading(1, title)}\n\n{text}".strip()
        return clean(text), self._images

    def _start(self, name: str, element: Any) -> None:
        if name == "br":
            self._put("\n")
        elif name in ("img", "image"):
            self._image(element)
        elif name == "pre":
            self._flush()
            self._pre += 1
        elif name in _HEADINGS or name in _BLOCKS:
            self._flush()
        elif name in ("ul", "ol", "menu"):
            self._flush()
            start = whole(element.get("start", "1"))
            self._lists.append(_List(name == "ol", start - 1))
        elif name == "li":
            self._flush()
            if self._lists:
                self._lists[-1].count += 1
                self._lists[-1].fresh = True
        elif name == "code" and not self._pre:
            self._put("`")
        else:
            self._start_table(name)

    def _start_table(self, name: str) -> None:
        if name == "table":
            self._flush()
            self._tables.append([])
        elif name == "tr" and self._tables:
            self._tables[-1].append([])
        elif name in _ROWS and self._tables:
            self._pages.append(_Page())

    def _end(self, name: str, element: Any) -> None:
        if name in _HEADINGS:
            words = self._take()
            if len(self._pages) == 1:
                self._pages[-1].blocks.add(heading(_HEADINGS[name], words))
            else:
                self._pages[-1].blocks.add(words)
        elif name == "pre":
            self._end_pre(element)
        elif name in _BLOCKS or name == "li":
            self._flush()
            if name == "li" and self._lists:
                self._lists[-1].fresh = False
        elif name in ("ul", "ol", "menu"):
            self._flush()
            if self._lists:
                self._lists.pop()
            if not self._lists:
                self._pages[-1].blocks.loosen()
        elif name == "code" and not self._pre:
            self._put("`")
        elif name in _ROWS and self._tables and len(self._pages) > 1:
            self._close_cell()
            extra = min(whole(element.get("colspan", "1")) - 1, 63)
            self._tables[-1][-1] += [""] * max(0, extra)
        elif name == "table" and self._tables:
            self._flush()
            self._pages[-1].blocks.add(table(self._tables.pop()))

    def _close_cell(self) -> None:
        self._flush()
        text = self._pages.pop().blocks.text()
        if self._tables:
            if not self._tables[-1]:
                self._tables[-1].append([])
            self._tables[-1][-1].append(text)
        else:
            self._pages[-1].blocks.add(text)

    def _end_pre(self, element: Any) -> None:
        self._pre -= 1
        words = self._pages[-1].words
        text, self._pages[-1].words = "".join(words), []
        code = next(iter(element.iter("{*}code")), None)
        classes = f"{element.get('class', '')} {code.get('class', '') if code is not None else ''}"
        found = _LANGUAGE.search(classes)
        if text.strip():
            self._add(fence(text.strip("\n"), found.group(1) if found else ""))

    def _image(self, element: Any) -> None:
        self._images += 1
        words = " ".join((element.get("alt") or "").split())
        if words:
            self._put(f"[Image: {words}]")

    def _text(self, text: str | None) -> None:
        if text:
            self._put(text if self._pre else _SPACE.sub(" ", text))

    def _put(self, text: str) -> None:
        self._pages[-1].words.append(text)

    def _take(self) -> str:
        words = "".join(self._pages[-1].words)
        self._pages[-1].words = []
        return "\n".join(_SPACE.sub(" ", line).strip() for line in words.split("\n")).strip()

    def _flush(self) -> None:
        words = self._take()
        if words and words.strip("`"):
            self._add(words)

    def _add(self, text: str) -> None:
        blocks = self._pages[-1].blocks
        if not self._lists or len(self._pages) > 1:
            blocks.add(text)
            return
        current = self._lists[-1]
        if current.fresh:
            current.fresh = False
            mark = f"{current.count}." if current.ordered else "-"
            blocks.add(item(text, len(self._lists) - 1, mark), tight=True)
        else:
            pad = "  " * min(len(self._lists), 12)
            blocks.add("\n".join(pad + line if line else "" for line in text.split("\n")), tight=True)
