"""Very long lines are kept in pieces: a text field lays out a line as one, however long it is.

A piece ends in a mark that takes no room, and a line break. What is read back has neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

MARK: Final = "\u2060"  # word joiner
SEAM: Final = MARK + "\n"
LONGEST: Final = 4000  # characters of a line that stays whole
_LOOK_BACK: Final = 200


def plain(text: str) -> str:
    """`text` with line ends as \\n."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2029", "\n").replace("\u2028", "\n")


def pieced(text: str) -> str:
    """`text` with line ends as \\n, and seams in lines that are too long to lay out."""
    text = plain(text)
    if len(text) <= LONGEST:
        return text
    return "\n".join(line if len(line) <= LONGEST else SEAM.join(_pieces(line)) for line in text.split("\n"))


def whole(text: str) -> str:
    """What `pieced` was given; a mark whose line break was deleted goes too."""
    return text.replace(SEAM, "").replace(MARK, "") if SEAM in text or MARK in text else text


def _pieces(line: str) -> Iterator[str]:
    start = 0
    while len(line) - start > LONGEST:
        blank = line.rfind(" ", start + LONGEST - _LOOK_BACK, start + LONGEST)
        end = blank + 1 if blank > 0 else start + LONGEST
        yield line[start:end]
        start = end
    yield line[start:]
