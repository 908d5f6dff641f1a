"""What the first frame of the window needs to know, before settings and conversations are read. No Qt.

A small file of its own, written while the window is open: where the window was and where its parts stood.
It is only a picture of the last time. What holds is in the settings and the store, and replaces it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

_MOST_BYTES = 8192
_MOST_PX = 1 << 15
_MODES = ("auto", "light", "dark", "contrast")


@dataclass(frozen=True)
class FirstFrame:
    """Lengths in logical px, in the window's central area of `width` x `height`.

    Attributes:
        place: where the window was, as MainWindow.place() gives it; empty for none.
        dark, contrast: what the palette was.
        percent: size of the text, 100 is the design's.
        sidebar: its width, 0 where it was folded.
        top, status: heights of the line above the conversation and of the one below the composer.
        x, y, wide, tall: the composer with one line of text.
        most: how wide the composer gets at most.
        left, above, inner, line: the field in the composer: its place, width and height.
        hint: what stands in the empty field.
    """

    place: str = ""
    theme: str = "auto"
    dark: bool = False
    contrast: bool = False
    percent: int = 100
    width: int = 1180
    height: int = 800
    sidebar: int = 260
    top: int = 49
    status: int = 25
    x: int = 341
    y: int = 664
    wide: int = 760
    tall: int = 99
    most: int = 760
    left: int = 11
    above: int = 11
    inner: int = 738
    line: int = 37
    hint: str = ""

    def bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()


def load(path: Path) -> FirstFrame:
    """What the file says; the design's own where it says nothing sensible."""
    try:
        if not path.is_file():  # to open a pipe would wait for somebody to write into it
            return FirstFrame()
        with path.open("rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return FirstFrame()
    if not isinstance(found, dict):
        return FirstFrame()
    usual = FirstFrame()
    values = {
        field.name: found[field.name]
        for field in fields(FirstFrame)
        if field.name in found and _is_like(found[field.name], getattr(usual, field.name))
    }
    frame = FirstFrame(**values)
    return frame if frame.theme in _MODES and 25 <= frame.percent <= 400 else FirstFrame()


def _is_like(value: object, usual: object) -> bool:
    if type(value) is not type(usual):
        return False
    return 0 <= value < _MOST_PX if isinstance(value, int) else True
