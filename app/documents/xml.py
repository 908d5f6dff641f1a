"""XML without entities, without a DTD, without the network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from app.errors import FileReadError
from app.language import tr


def damaged() -> FileReadError:
    return FileReadError(
        tr("The file is damaged: a part of it cannot be read."), tr("Save or download it anew.")
    )


def parse(data: bytes) -> Any:
    """The root element. Raises FileReadError for what is damaged or declares entities."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        attribute_defaults=False, huge_tree=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged() from error
    doctype = root.getroottree().docinfo.internalDTD
    if doctype is not None and any(True for _ in doctype.iterentities()):
        raise FileReadError(tr("It declares entities, which a document of this kind never needs."))
    return root


def local(element: Any) -> str:
    """An element's name without its namespace; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str, otherwise: str = "") -> str:
    """The first attribute of this local name, whatever its namespace."""
    for key, value in element.attrib.items():
        if key == name or key.endswith("}" + name):
            return str(value)
    return otherwise


def children(element: Any, *names: str) -> Iterator[Any]:
    """Its children of these local names."""
    return (child for child in element if local(child) in names)


def first(element: Any, name: str) -> Any | None:
    """Its first descendant of this local name."""
    return next((found for found in element.iter("{*}" + name) if found is not element), None)


def whole(text: str) -> int:
    """A number written in a document, 0 if it is none; bounded."""
    try:
        return max(-1_000_000, min(int(text), 1_000_000))
    except ValueError:
        return 0
