"""DOCX: headings, lists with their numbers, tables, notes, text boxes."""

from __future__ import annotations

import re
from typing import Any

from app.documents.guard import GuardedZip
from app.documents.markdown import Blocks, cell, clean, heading, item, table
from app.documents.readers.docx_styles import Numbering, heading_levels
from app.documents.values import Progress, Reading, Source, comments_left_out
from app.documents.xml import attribute, children, first, local, parse, whole

_MAIN = "word/document.xml"
_RELATIONS = "_rels/.rels"
_EXTRA = re.compile(r"word/(header|footer)\d*\.xml")
_REPORT_EVERY = 500
_MOST_DEPTH = 24
_SKIP = {"del", "moveFrom", "instrText", "delText", "Fallback", "rPr", "pPr", "fldData", "sectPr", "tblPr"}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


def read(source: Source) -> Reading:
    """The body in order, then headers, footers and notes once each."""
    with GuardedZip(source.data, source.limits) as archive:
        body = parse(archive.read(_main(archive)))
        reader = _Reader(archive, source)
        reader.container(first(body, "body") if first(body, "body") is not None else body)
        reader.extras(archive)
        comments = 0
        if archive.has("word/comments.xml"):
            comments = sum(1 for _ in children(parse(archive.read("word/comments.xml")), "comment"))
    notes = comments_left_out(comments)
    return Reading(reader.blocks.text() + "\n", notes=notes)


def _main(archive: GuardedZip) -> str:
    """The part with the text; some programs call it otherwise."""
    if not archive.has(_MAIN) and archive.has(_RELATIONS):
        for relation in children(parse(archive.read(_RELATIONS)), "Relationship"):
            if attribute(relation, "Type").endswith("/officeDocument"):
                return attribute(relation, "Target").lstrip("/")
    return _MAIN


class _Reader:
    def __init__(self, archive: GuardedZip, source: Source) -> None:
        self.blocks = Blocks()
        self._source = source
        self._levels = heading_levels(archive)
        self._numbering = Numbering(archive)
        self._done = 0

    def container(self, element: Any, depth: int = 0) -> None:
        """Write the blocks of a body, a cell, a text box or a content control."""
        for child in element:
            name = local(child)
            if name == "p":
                self._paragraph(child, depth)
            elif name == "tbl":
                self.blocks.add(table(self._rows(child, depth + 1)))
            elif name not in _SKIP and len(child):
                self._deeper(child, depth)

    def extras(self, archive: GuardedZip) -> None:
        """Write what stands at the edge of pages, and the notes that the text refers to."""
        for part, mark in (("word/footnotes.xml", ""), ("word/endnotes.xml", "e")):
            if archive.has(part):
                for note in children(parse(archive.read(part)), "footnote", "endnote"):
                    if attribute(note, "type") not in ("separator", "continuationSeparator"):
                        text = " ".join(_flat(note).split())
                        self.blocks.add(f"[^{mark}{attribute(note, 'id')}]: {text}" if text else "")
        seen = set()
        for name in archive.names:
            if found := _EXTRA.fullmatch(name):
                text = " ".join(_flat(parse(archive.read(name))).split())
                line = f"[{found.group(1).title()}] {text}"
                if text and line not in seen:
                    seen.add(line)
                    self.blocks.add(line)

    def _paragraph(self, paragraph: Any, depth: int) -> None:
        self._done += 1
        if self._done % _REPORT_EVERY == 0:
            self._source.report(Progress(self._done, 0, "paragraph"))
        boxes: list[Any] = []
        text = clean(inline(paragraph, boxes)).strip("\n")
        style, number = self._properties(paragraph)
        level = self._levels.get(style, 0)
        if level and text.strip():
            self.blocks.add(heading(level, text))
        elif number is not None and text.strip():
            mark, indent = number
            self.blocks.add(item(text, indent, mark), tight=True)
        else:
            self.blocks.add(text)
        for box in boxes:
            self._deeper(box, depth)

    def _deeper(self, element: Any, depth: int) -> None:
        if depth < _MOST_DEPTH:
            self.container(element, depth + 1)
        else:
            self.blocks.add(_flat(element))

    def _properties(self, paragraph: Any) -> tuple[str, tuple[str, int] | None]:
        properties = next(children(paragraph, "pPr"), None)
        if properties is None:
            return "", None
        style = next(children(properties, "pStyle"), None)
        name = attribute(style, "val") if style is not None else ""
        outline = next(children(properties, "outlineLvl"), None)
        if outline is not None and name not in self._levels:
            level = whole(attribute(outline, "val")) + 1
            if level <= 6:
                self._levels[name := f"\0{level}"] = level
        numbered = next(children(properties, "numPr"), None)
        if numbered is None:
            return name, self._numbering.of_style(name)
        values = {local(child): attribute(child, "val") for child in numbered}
        return name, self._numbering.mark(values.get("numId", ""), whole(values.get("ilvl", "0")))

    def _rows(self, element: Any, depth: int) -> list[list[str]]:
        rows = []
        for row in _through(element, "tr"):
            cells = []
            for one in _through(row, "tc"):
                inner = _Inner(self, depth)
                cells.append(inner.text(one))
                span = first(one, "gridSpan") if (next(children(one, "tcPr"), None)) is not None else None
                extra = whole(attribute(span, "val")) - 1 if span is not None else 0
                cells += [""] * max(0, min(extra, 63))
            rows.append(cells)
        return rows


class _Inner:
    """Blocks of a cell, written by the same reader into a page of their own."""

    def __init__(self, reader: _Reader, depth: int) -> None:
        self._reader, self._depth = reader, depth

    def text(self, element: Any) -> str:
        if self._depth >= _MOST_DEPTH:
            return cell(_flat(element))
        outer, self._reader.blocks = self._reader.blocks, Blocks()
        try:
            self._reader.container(element, self._depth)
            return self._reader.blocks.text()
        finally:
            self._reader.blocks = outer


def _through(element: Any, name: str) -> list[Any]:
    """Children of this name, also inside of content controls."""
    found, waiting = [], list(reversed(list(element)))
    while waiting:
        child = waiting.pop()
        if local(child) == name:
            found.append(child)
        elif local(child) in ("sdt", "sdtContent", "ins", "customXml"):
            waiting.extend(reversed(list(child)))
    return found


def inline(paragraph: Any, boxes: list[Any]) -> str:
    """The text of a paragraph; text boxes in it are put into `boxes`. Without recursion: depth is hostile."""
    parts: list[str] = []
    waiting = list(reversed(list(paragraph)))
    while waiting:
        element = waiting.pop()
        name = local(element)
        if name == "t":
            parts.append(element.text or "")
        elif name in _SIGNS:
            parts.append(_SIGNS[name])
        elif name == "txbxContent":
            boxes.append(element)
        elif name in ("footnoteReference", "endnoteReference"):
            parts.append(f"[^{'e' if name[0] == 'e' else ''}{attribute(element, 'id')}]")
        elif name == "sym":
            code = attribute(element, "char")
            parts.append("\u2022" if code.upper().startswith("F0") else "")
        elif name not in _SKIP:
            waiting.extend(reversed(list(element)))
    return "".join(parts)


def _flat(element: Any) -> str:
    boxes: list[Any] = []
    lines = [inline(paragraph, boxes) for paragraph in element.iter("{*}p")]
    return clean("\n".join(lines))
