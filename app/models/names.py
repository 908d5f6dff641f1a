"""What file names in a repository say, and which of them may become names on this disk.

The names are a stranger's: nothing here believes that they are harmless.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from app.errors import HubError
from app.language import tr

#: Folders below a repository's own; real ones use one.
_DEEPEST = 4
#: Bytes of UTF-8: 255 is the limit of common file systems, and suffixes are added.
_LONGEST = 200
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)

_SPLIT = re.compile(r"(?P<stem>.+)-(?P<index>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)
_QUANTIZATION = re.compile(
    r"(?<![A-Za-z0-9])((?:UD-)?(?:I?Q\d+(?:_[A-Z0-9]+)*|TQ\d_\d|BF16|F16|F32|FP16|FP8|(?:MX|NV)FP4(?:_MOE)?))"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
#: GGUF files that are no chat model: image projectors and importance matrices.
_NO_MODEL = re.compile(r"(^|[-._])(mmproj|imatrix)([-._]|$)", re.IGNORECASE)


def checked_path(name: str) -> PurePosixPath:
    """The relative path that `name` is, safe on every system; raises HubError for any other."""
    parts = name.split("/")
    safe = len(parts) <= _DEEPEST and all(_is_safe(part) for part in parts)
    if not safe:
        raise HubError(
            tr("The repository names a file in a way that is not safe here: {name!r}", name=name[:120])
        )
    return PurePosixPath(*parts)


def _is_safe(part: str) -> bool:
    """Whether one part of a path is an ordinary, visible name."""
    try:
        size = len(part.encode())
    except UnicodeEncodeError:
        return False
    return (
        0 < size <= _LONGEST
        and part.strip(" .") == part
        and not _FORBIDDEN.search(part)
        and not _RESERVED.fullmatch(part)
    )


def is_model(path: str) -> bool:
    """Whether a path names a GGUF that can be a chat model."""
    name = PurePosixPath(path).name
    return name.lower().endswith(".gguf") and not _NO_MODEL.search(name)


def split_of(path: str) -> tuple[str, int, int] | None:
    """What is common to all parts of a split file, which part this is (from 1), and how many there are.

    None for a file that is not split, and for numbers that cannot be.
    """
    found = _SPLIT.fullmatch(path)
    if found is None:
        return None
    index, count = int(found["index"]), int(found["count"])
    return (found["stem"], index, count) if 1 <= index <= count else None


def split_name(stem: str, index: int, count: int) -> str:
    """The path of one part, as llama.cpp names it."""
    return f"{stem}-{index:05}-of-{count:05}.gguf"


def quantization_of(path: str) -> str:
    """The quantization that a path names, in capitals; an empty string where it names none."""
    for part in reversed(PurePosixPath(path).parts):
        found: list[str] = _QUANTIZATION.findall(part)
        if found:
            return found[-1].upper()
    return ""
