"""EPUB: its chapters in reading order, as Markdown."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

from app.documents.guard import GuardedZip
from app.documents.readers.html import decode_page, to_markdown
from app.documents.reading import check_length
from app.documents.values import Progress, Reading, Source, images_left_out
from app.documents.xml import attribute, children, damaged, first, local, parse
from app.errors import FileReadError
from app.language import tr

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")


def read(source: Source) -> Reading:
    """All chapters of the spine; images are counted in a note.

    Raises:
        FileReadError: damaged, or protected against copying.
    """
    parts: list[str] = []
    empty: list[int] = []
    images = chars = 0
    with GuardedZip(source.data, source.limits) as archive:
        chapters = _spine(archive)
        locked = _locked(archive)
        for number, name in enumerate(chapters, start=1):
            source.report(Progress(number - 1, len(chapters), "chapter"))
            if name in locked:
                raise FileReadError(
                    tr("It is protected against copying."), tr("Attach a copy without protection.")
                )
            text, found = to_markdown(decode_page(archive.read(name))[0])
            images += found
            chars += len(text)
            check_length(chars, source.limits.text_chars)
            if text:
                parts.append(text)
            else:
                empty.append(number)
    notes = images_left_out(images)
    return Reading("\n\n".join(parts) + "\n", len(chapters), tuple(empty), notes)


def _spine(archive: GuardedZip) -> list[str]:
    """The chapters' names in the archive, in reading order."""
    root = first(parse(archive.read(_CONTAINER)), "rootfile")
    if root is None:
        raise damaged()
    package = posixpath.normpath(unquote(attribute(root, "full-path")))
    tree = parse(archive.read(package))
    folder = posixpath.dirname(package)
    items = {}
    for manifest in children(tree, "manifest"):
        for entry in children(manifest, "item"):
            path = posixpath.normpath(posixpath.join(folder, unquote(attribute(entry, "href"))))
            items[attribute(entry, "id")] = path, attribute(entry, "media-type")
    names = []
    for spine in children(tree, "spine"):
        for entry in spine:
            path, kind = items.get(attribute(entry, "idref"), ("", ""))
            if local(entry) == "itemref" and kind in _PAGES:
                if not archive.has(path):
                    raise damaged()
                names.append(path)
    if not names:
        raise damaged()
    return names


def _locked(archive: GuardedZip) -> set[str]:
    """What is encrypted; often only the fonts are."""
    if not archive.has(_ENCRYPTION):
        return set()
    root = parse(archive.read(_ENCRYPTION))
    return {unquote(attribute(element, "URI")) for element in root.iter("{*}CipherReference")}
