"""Text as it stands: plain, Markdown, CSV, JSON; source code in a fence with its path."""

from __future__ import annotations

import re

from app.documents.decoding import decode
from app.documents.kinds import language_of, text_kind
from app.documents.markdown import fence
from app.documents.opening import too_large
from app.documents.values import Reading, Source

#: As Python, Emacs and XML name the encoding of a file in its first lines.
_NAMED = re.compile(rb"""(?:coding[:=]\s*|encoding=["'])([\w.-]{2,30})""")


def _named(data: bytes) -> str:
    found = _NAMED.search(b"\n".join(data[:1000].split(b"\n")[:2]))
    return found.group(1).decode() if found else ""


def read(source: Source) -> Reading:
    """The text; CSV and JSON in a fence, since their line ends and spaces are meant."""
    if len(source.data) > source.limits.text_bytes:
        raise too_large(source.limits.text_bytes)
    text, notes = decode(source.data, _named(source.data))
    kind = text_kind(source.name)
    if kind == "code":
        text = fence(text, f"{language_of(source.name)} {source.name}")
    elif kind in ("csv", "json"):
        text = fence(text, source.name.rpartition(".")[2].lower())
    return Reading(text, notes=notes)
