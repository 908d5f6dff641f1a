"""Writes GGUF headers byte by byte, also such that no honest writer would."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.models.chunks import ReadBytes

U8, I32, U32, F32, BOOL, STRING, ARRAY, U64 = 0, 5, 4, 6, 7, 8, 9, 10
_FORMS = {U8: "<B", I32: "<i", U32: "<I", F32: "<f", BOOL: "<?", U64: "<Q", 2: "<H", 12: "<d"}
F16_TYPE, F32_TYPE = 1, 0


def text(value: str | bytes, claimed: int | None = None) -> bytes:
    """A string; `claimed` lies about its length."""
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw) if claimed is None else claimed) + raw


def pair(key: str | bytes, kind: int, value: object) -> bytes:
    """A key with a value; a value of bytes is put down as it is."""
    return text(key) + struct.pack("<I", kind) + _value(kind, value)


def array(key: str, kind: int, values: Sequence[object], claimed: int | None = None) -> bytes:
    count = len(values) if claimed is None else claimed
    body = b"".join(_value(kind, value) for value in values)
    return text(key) + struct.pack("<IIQ", ARRAY, kind, count) + body


def tensor(
    name: str | bytes,
    shape: Sequence[int],
    offset: int = 0,
    kind: int = F32_TYPE,
    dimensions: int | None = None,
) -> bytes:
    count = len(shape) if dimensions is None else dimensions
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", count, *shape, kind, offset)


@dataclass
class Draft:
    """A file in the making; counts may lie. The data are zeros."""

    pairs: list[bytes] = field(default_factory=list)
    tensors: list[bytes] = field(default_factory=list)
    version: int = 3
    magic: bytes = b"GGUF"
    n_tensors: int | None = None
    n_pairs: int | None = None
    n_data: int = 0
    order: str = "<"

    def bytes(self) -> bytes:
        n_tensors = len(self.tensors) if self.n_tensors is None else self.n_tensors
        n_pairs = len(self.pairs) if self.n_pairs is None else self.n_pairs
        counts = struct.pack(f"{self.order}IQQ", self.version, n_tensors, n_pairs)
        head = self.magic + counts + b"".join(self.pairs) + b"".join(self.tensors)
        return head + bytes(-len(head) % 32) + bytes(self.n_data)


def llama_pairs(blocks: int = 1, architecture: str = "llama") -> list[bytes]:
    """The fewest keys of a model that is understood."""
    return [
        pair("general.architecture", STRING, architecture),
        pair(f"{architecture}.block_count", U32, blocks),
        pair(f"{architecture}.context_length", U32, 2048),
        pair(f"{architecture}.embedding_length", U32, 64),
        pair(f"{architecture}.attention.head_count", U32, 4),
    ]


def llama_draft(*more: bytes) -> Draft:
    """A whole small model with one tensor; `more` are pairs."""
    return Draft([*llama_pairs(), *more], [tensor("token_embd.weight", (64, 10))], n_data=64 * 10 * 4)


def reader(data: bytes, seen: list[tuple[int, int]] | None = None) -> ReadBytes:
    """Reads out of `data`; `seen` gets the ranges that were asked for."""

    def read(first: int, end: int) -> bytes:
        if seen is not None:
            seen.append((first, end))
        return data[first:end]

    return read


def opener(files: dict[str, bytes]) -> Callable[[str], tuple[ReadBytes, int]]:
    """Opens parts out of a dictionary."""
    return lambda name: (reader(files[name]), len(files[name]))


def _value(kind: int, value: object) -> bytes:
    if isinstance(value, bytes) and kind != STRING:
        return value
    if kind == STRING:
        assert isinstance(value, str | bytes)
        return text(value)
    return struct.pack(_FORMS[kind], value)
