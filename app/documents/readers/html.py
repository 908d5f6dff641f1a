"""HTML as Markdown: headings, lists, tables, code. Nothing that it points to is fetched."""

from __future__ import annotations

import re

from lxml import etree

from app.documents.decoding import decode
from app.documents.opening import too_large
from app.documents.readers.html_writer import HtmlWriter
from app.documents.values import Reading, Source, images_left_out
from app.documents.xml import damaged
from app.errors import FileReadError
from app.language import tr

_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I
)
_XML_HEAD = re.compile(r"^\s*<\?xml[^>]*\?>")


def read(source: Source) -> Reading:
    """The text of the page; its title stands first where no heading says the same."""
    if len(source.data) > source.limits.text_bytes:
        raise too_large(source.limits.text_bytes)
    page, notes = decode_page(source.data)
    text, images = to_markdown(page)
    return Reading(text + "\n" if text else "", notes=(*notes, *images_left_out(images)))


def decode_page(data: bytes) -> tuple[str, tuple[str, ...]]:
    """As `decode`, in the encoding that the page names itself."""
    named = _CHARSET.search(data[:4096])
    return decode(data, named.group(1).decode() if named else "")


def to_markdown(page: str) -> tuple[str, int]:
    """Markdown of a page, and how many images it has. Raises FileReadError."""
    if not page.strip():
        return "", 0
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )
    data = _XML_HEAD.sub("", page).encode("utf-8", "replace")
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise damaged() from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise FileReadError(tr("It is nested too deeply to be read whole."), tr("Save it as plain text."))
    if root is None:
        return "", 0
    return HtmlWriter().write(root)
