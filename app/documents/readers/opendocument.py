"""ODT and ODP: headings, lists, tables, notes; slides under their number and name."""

from __future__ import annotations

from typing import Any

from app.documents.guard import GuardedZip
from app.documents.markdown import Blocks, cell, clean, heading, item, table
from app.documents.values import Progress, Reading, Source, comments_left_out
from app.documents.xml import attribute, children, first, local, parse, whole
from app.errors import PasswordNeeded
from app.language import tr

_MOST_DEPTH = 24
_REPORT_EVERY = 500
_MOST_REPEATS = 1000
_SKIP = {"tracked-changes", "annotation", "annotation-end", "forms", "sequence-decls", "desc", "title",
         "event-listeners",
         "table-of-content-source", "bibliography-source"}  # fmt: skip


def read(source: Source) -> Reading:
    """The body in order. Raises PasswordNeeded for an encrypted one: it has to be saved without."""
    with GuardedZip(source.data, source.limits) as archive:
        if archive.has("META-INF/manifest.xml"):
            manifest = parse(archive.read("META-INF/manifest.xml"))
            if first(manifest, "encryption-data") is not None:
                hint = tr("Save it without one and attach it again.")
                raise PasswordNeeded(tr("It is protected with a password."), hint)
        content = parse(archive.read("content.xml"))
    body = first(content, "body")
    writer = _Writer(source, content)
    writer.container(body if body is not None else content)
    for number, note in enumerate(writer.footnotes, start=1):
        writer.blocks.add(f"[^{number}]: {note}")
    notes = comments_left_out(writer.comments)
    text = writer.blocks.text()
    return Reading(text + "\n" if text else "", writer.slides, notes=notes)


class _Writer:
    def __init__(self, source: Source, content: Any) -> None:
        self.blocks = Blocks()
        self.footnotes: list[str] = []
        self.comments = sum(1 for _ in content.iter("{*}annotation"))
        self.slides = self._done = 0
        self._source = source
        self._ordered = {
            (attribute(style, "name"), whole(attribute(level, "level", "1")))
            for style in content.iter("{*}list-style")
            for level in children(style, "list-level-style-number")
        }

    def container(self, element: Any, depth: int = 0) -> None:
        """Write the blocks of a body, a section, a frame or a cell."""
        for child in element:
            name = local(child)
            if name in ("p", "h"):
                self._paragraph(child, name, depth)
            elif name == "list":
                self._list(child, 0, "", depth)
            elif name == "table":
                self.blocks.add(table(self._rows(child, depth + 1)))
            elif name == "page":
                self.slides += 1
                words = attribute(child, "name")
                self.blocks.add(
                    heading(2, f"Slide {self.slides}: {words}" if words else f"Slide {self.slides}")
                )
                self.container(child, depth + 1)
            elif name not in _SKIP and len(child):
                self._deeper(child, depth)

    def _deeper(self, element: Any, depth: int) -> None:
        if depth < _MOST_DEPTH:
            self.container(element, depth + 1)
        else:
            self.blocks.add(clean("".join(element.itertext())))

    def _paragraph(self, element: Any, name: str, depth: int) -> None:
        self._done += 1
        if self._done % _REPORT_EVERY == 0:
            self._source.report(Progress(self._done, 0, "paragraph"))
        boxes: list[Any] = []
        text = self._inline(element, boxes)
        if name == "h":
            self.blocks.add(heading(whole(attribute(element, "outline-level", "1")), text))
        else:
            self.blocks.add(text)
        for box in boxes:
            self._deeper(box, depth)

    def _list(self, element: Any, level: int, style: str, depth: int) -> None:
        style = attribute(element, "style-name") or style
        ordered, count = (style, level + 1) in self._ordered, 0
        for entry in children(element, "list-item", "list-header"):
            count += local(entry) == "list-item"
            mark = f"{count}." if ordered else "-"
            for child in entry:
                name = local(child)
                if name == "list" and depth + level < _MOST_DEPTH:
                    self._list(child, level + 1, style, depth)
                elif name in ("p", "h"):
                    boxes: list[Any] = []
                    text = self._inline(child, boxes)
                    if text.strip():
                        self.blocks.add(item(text, level, mark), tight=True)
                        mark = " " * len(mark)
                    for box in boxes:
                        self._deeper(box, depth)
                elif name == "list":
                    self.blocks.add(clean("".join(child.itertext())))

    def _rows(self, element: Any, depth: int) -> list[list[str]]:
        rows: list[list[str]] = []
        for row in element.iter("{*}table-row"):
            if _table_of(row) is not element:
                continue
            cells: list[str] = []
            for one in children(row, "table-cell", "covered-table-cell"):
                text = self._cell(one, depth)
                repeats = whole(attribute(one, "number-columns-repeated", "1")) if text else 1
                cells += [text] * max(1, min(repeats, _MOST_REPEATS if text else 1))
            repeats = whole(attribute(row, "number-rows-repeated", "1")) if any(cells) else 1
            rows += [cells] * max(1, min(repeats, _MOST_REPEATS))
        return rows

    def _cell(self, element: Any, depth: int) -> str:
        if depth >= _MOST_DEPTH:
            return cell(clean("".join(element.itertext())))
        outer, self.blocks = self.blocks, Blocks()
        try:
            self.container(element, depth)
            return self.blocks.text()
        finally:
            self.blocks = outer

    def _inline(self, paragraph: Any, boxes: list[Any]) -> str:
        """The text of a paragraph; frames in it are put into `boxes`. Without recursion."""
        parts = [paragraph.text or ""]
        waiting: list[Any] = list(reversed(list(paragraph)))
        while waiting:
            element = waiting.pop()
            if isinstance(element, str):
                parts.append(element)
                continue
            waiting.append(element.tail or "")
            name = local(element)
            if name == "s":
                parts.append(" " * max(1, min(whole(attribute(element, "c", "1")), 200)))
            elif name in ("tab", "line-break"):
                parts.append("\t" if name == "tab" else "\n")
            elif name == "note":
                self.footnotes.append(" ".join(_note(element).split()))
                parts.append(f"[^{len(self.footnotes)}]")
            elif name in ("frame", "text-box", "custom-shape"):
                boxes.append(element)
            elif name and name not in _SKIP:
                waiting.extend(reversed(list(element)))
                parts.append(element.text or "")
        return clean("".join(parts)).strip("\n")


def _note(element: Any) -> str:
    body = first(element, "note-body")
    return "".join(body.itertext()) if body is not None else ""


def _table_of(row: Any) -> Any:
    return next((parent for parent in row.iterancestors() if local(parent) == "table"), None)
