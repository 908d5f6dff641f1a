"""What a search finds in a PDF: the characters as they are written, not the shapes that stand for them.

Qt names each glyph by the first character that has it: 日 by a radical of its shape, an Arabic letter by its
form at the end of a word. A reader who copies or searches gets those. The tables that say so stand in the
file as they are (Qt packs pages, not these), so that a name is replaced by another one of its length.
"""

from __future__ import annotations

import mmap
import re
import unicodedata
from pathlib import Path
from typing import Final

_TABLE: Final = re.compile(rb"begincmap.*?endcmap", re.DOTALL)
_NAME: Final = re.compile(rb"<([0-9A-F]{4})>")
_SHAPES: Final = ((0x2E80, 0x2FDF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))


def mend_characters(path: Path) -> None:
    """Change the tables of a PDF that Qt has written. OSError where the file cannot be written."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        for table in _TABLE.finditer(data):
            begin = table.start()
            mended = _NAME.sub(_mended, table[0])
            if len(mended) == len(table[0]) and mended != table[0]:
                data[begin : begin + len(mended)] = mended


def _mended(name: re.Match[bytes]) -> bytes:
    code = int(name[1], 16)
    if not any(first <= code <= last for first, last in _SHAPES):
        return name[0]
    plain = unicodedata.normalize("NFKC", chr(code))
    return b"<%04X>" % ord(plain) if len(plain) == 1 and ord(plain) < 0x10000 else name[0]
