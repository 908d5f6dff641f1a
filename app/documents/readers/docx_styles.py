"""What a DOCX says about its styles and lists: which are headings, and what number an item has."""

from __future__ import annotations

import re
from typing import Any

from app.documents.guard import GuardedZip
from app.documents.xml import attribute, children, first, local, parse, whole

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)


def heading_levels(archive: GuardedZip) -> dict[str, int]:
    """Levels from 1 by the id of a style, of those that are headings."""
    if not archive.has("word/styles.xml"):
        return {}
    levels: dict[str, int] = {}
    bases: dict[str, str] = {}
    for style in children(parse(archive.read("word/styles.xml")), "style"):
        key = attribute(style, "styleId")
        parts = {local(child): child for child in style}
        name = attribute(parts["name"], "val") if "name" in parts else ""
        outline = first(style, "outlineLvl")
        if found := _HEADING.fullmatch(name.strip()):
            levels[key] = whole(found.group(1))
        elif name.lower() == "title":
            levels[key] = 1
        elif outline is not None and whole(attribute(outline, "val")) < 6:
            levels[key] = whole(attribute(outline, "val")) + 1
        elif "basedOn" in parts:
            bases[key] = attribute(parts["basedOn"], "val")
    for _ in range(8):  # styles of styles, as deep as people make them
        for key, base in bases.items():
            if base in levels:
                levels.setdefault(key, levels[base])
    return levels


class Numbering:
    """Counts the items of numbered lists as a word processor does."""

    def __init__(self, archive: GuardedZip) -> None:
        self._formats: dict[str, dict[int, tuple[str, int]]] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._styles: dict[str, tuple[str, int]] = {}
        if archive.has("word/numbering.xml"):
            self._load(parse(archive.read("word/numbering.xml")))
        if archive.has("word/styles.xml"):
            for style in children(parse(archive.read("word/styles.xml")), "style"):
                numbered = first(style, "numPr")
                if numbered is not None:
                    values = {local(child): attribute(child, "val") for child in numbered}
                    level = whole(values.get("ilvl", "0"))
                    self._styles[attribute(style, "styleId")] = values.get("numId", ""), level

    def of_style(self, style: str) -> tuple[str, int] | None:
        """As `mark`, for a paragraph that is an item by its style."""
        found = self._styles.get(style)
        return self.mark(*found) if found is not None else None

    def mark(self, number: str, level: int) -> tuple[str, int] | None:
        """What stands before an item ("-" or "3."), and how deep it is; None where it is none."""
        if number in ("", "0"):
            return None
        level = max(0, min(level, 8))
        kind, start = self._formats.get(number, {}).get(level, ("bullet", 1))
        for deeper in range(level + 1, 9):
            self._counts.pop((number, deeper), None)
        if kind in ("bullet", "none"):
            return "-", level
        count = self._counts.get((number, level), start - 1) + 1
        self._counts[number, level] = count
        return f"{count}.", level

    def _load(self, root: Any) -> None:
        abstract = {}
        for element in children(root, "abstractNum"):
            levels = {}
            for level in children(element, "lvl"):
                values = {local(child): attribute(child, "val") for child in level}
                start = whole(values.get("start", "1"))
                levels[whole(attribute(level, "ilvl"))] = values.get("numFmt", "bullet"), start
            abstract[attribute(element, "abstractNumId")] = levels
        for element in children(root, "num"):
            link = next(children(element, "abstractNumId"), None)
            if link is not None:
                self._formats[attribute(element, "numId")] = abstract.get(attribute(link, "val"), {})
