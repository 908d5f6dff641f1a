"""PPTX: slides in their order, each under a heading with its number and title."""

from __future__ import annotations

import posixpath
from typing import Any

from app.documents.guard import GuardedZip
from app.documents.markdown import Blocks, clean, heading, item, table
from app.documents.pages import unmarked
from app.documents.values import Progress, Reading, Source
from app.documents.xml import attribute, children, damaged, first, local, parse, whole
from app.language import ntr

_MAIN = "ppt/presentation.xml"
_MOST_DEPTH = 24


def read(source: Source) -> Reading:
    """Texts, tables, diagrams and speaker's notes of all slides."""
    blocks = Blocks()
    empty: list[int] = []
    with GuardedZip(source.data, source.limits) as archive:
        slides = _slides(archive)
        for number, name in enumerate(slides, start=1):
            source.report(Progress(number - 1, len(slides), "slide"))
            if not _Slide(archive, name).write(number, blocks):
                empty.append(number)
    note = ntr(
        "{count} of {total} slides has no text.", "{count} of {total} slides have no text.",
        len(empty), total=len(slides),
    )  # fmt: skip
    if len(empty) == len(slides):
        return Reading("")
    return Reading(blocks.text() + "\n", len(slides), tuple(empty), (note,) if empty else ())


def _relations(archive: GuardedZip, part: str) -> dict[str, tuple[str, str]]:
    """(last word of the type, part) by id; links to places outside of the file are left alone."""
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    if not archive.has(path):
        return {}
    found = {}
    for relation in children(parse(archive.read(path)), "Relationship"):
        if attribute(relation, "TargetMode") != "External":
            target = posixpath.normpath(posixpath.join(folder, attribute(relation, "Target")))
            kind = attribute(relation, "Type").rpartition("/")[2]
            found[attribute(relation, "Id")] = kind, target.lstrip("/")
    return found


def _slides(archive: GuardedZip) -> list[str]:
    relations = _relations(archive, _MAIN)
    root = parse(archive.read(_MAIN))
    listed = first(root, "sldIdLst")
    if listed is None:
        return []
    names = []
    for entry in children(listed, "sldId"):
        # Two attributes are called id; the one with a namespace is meant.
        key = next((str(value) for name, value in entry.attrib.items() if name.endswith("}id")), "")
        if key not in relations or not archive.has(relations[key][1]):
            raise damaged()
        names.append(relations[key][1])
    return names


class _Slide:
    def __init__(self, archive: GuardedZip, name: str) -> None:
        self._archive, self._root = archive, parse(archive.read(name))
        self._relations = _relations(archive, name)
        self._blocks = Blocks()
        self._title = ""

    def write(self, number: int, blocks: Blocks) -> bool:
        """Add the slide to `blocks`; whether it has text."""
        tree = first(self._root, "spTree")
        if tree is not None:
            self._shapes(tree, 0)
        for kind, target in self._relations.values():
            if kind == "diagramData" and self._archive.has(target):
                self._paragraphs(parse(self._archive.read(target)), bullets=True)
            elif kind == "notesSlide" and self._archive.has(target):
                self._notes(parse(self._archive.read(target)))
        text = unmarked(self._blocks.text(), "pptx")
        blocks.add(heading(2, f"Slide {number}: {self._title}" if self._title else f"Slide {number}"))
        blocks.add(text or ("" if self._title else "(no text)"))
        return bool(text or self._title)

    def _shapes(self, tree: Any, depth: int) -> None:
        for shape in tree:
            name = local(shape)
            if name == "sp":
                self._shape(shape)
            elif name == "graphicFrame":
                for found in shape.iter("{*}tbl"):
                    self._blocks.add(table(_rows(found)))
            elif name not in ("nvGrpSpPr", "grpSpPr", "Fallback") and len(shape):
                if depth < _MOST_DEPTH:
                    self._shapes(shape, depth + 1)
                else:
                    self._paragraphs(shape, bullets=False)

    def _shape(self, shape: Any) -> None:
        body = next(children(shape, "txBody"), None)
        if body is None:
            return
        place = first(shape, "ph")
        kind = attribute(place, "type", "body") if place is not None else "text"
        if kind in ("title", "ctrTitle") and not self._title:
            self._title = " ".join(" ".join(_lines(body)).split())
        elif kind not in ("sldNum", "dt"):
            self._paragraphs(body, bullets=kind in ("body", "obj"))

    def _paragraphs(self, body: Any, bullets: bool) -> None:
        for paragraph in body.iter("{*}p"):
            text = _text(paragraph)
            properties = next(children(paragraph, "pPr"), None)
            level = whole(attribute(properties, "lvl", "0")) if properties is not None else 0
            if bullets and text.strip():
                self._blocks.add(item(text, level), tight=True)
            else:
                self._blocks.add(text)

    def _notes(self, root: Any) -> None:
        for shape in root.iter("{*}sp"):
            place = first(shape, "ph")
            if place is not None and attribute(place, "type") == "body":
                lines = [line for line in _lines(shape) if line.strip()]
                if lines:
                    self._blocks.add("Notes: " + "\n".join(lines))


def _rows(element: Any) -> list[list[str]]:
    return [["\n".join(_lines(cell)) for cell in children(row, "tc")] for row in children(element, "tr")]


def _lines(element: Any) -> list[str]:
    return [_text(paragraph) for paragraph in element.iter("{*}p")]


def _text(paragraph: Any) -> str:
    parts = []
    for element in paragraph.iter():
        name = local(element)
        if name == "t":
            parts.append(element.text or "")
        elif name == "br":
            parts.append("\n")
        elif name == "tab":
            parts.append("\t")
    return clean("".join(parts)).strip("\n")
