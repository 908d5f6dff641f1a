"""Long texts to bytes and back in slices: one call over all of it would hold up every other thread."""

from __future__ import annotations

import codecs

_SLICE = 1 << 20


def decoded(data: bytes) -> str:
    """UTF-8 as text; what is none becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    view = memoryview(data)
    parts = [decoder.decode(view[start : start + _SLICE]) for start in range(0, len(data), _SLICE)]
    return "".join((*parts, decoder.decode(b"", final=True)))


def encoded(text: str) -> bytes:
    """Text as UTF-8; half a surrogate pair becomes a question mark."""
    slices = range(0, len(text), _SLICE)
    return b"".join([text[start : start + _SLICE].encode("utf-8", "replace") for start in slices])
