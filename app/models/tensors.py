"""The table of tensors of a GGUF: names, shapes, types and where their data lies.

Checked as llama.cpp checks it (gguf_init_from_reader in ggml/src/gguf.cpp): the data of the
tensors follow each other in the order of the table, each padded to the file's alignment.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass

from app.models.chunks import Chunks, broken
from app.models.ggml_types import TENSOR_TYPES
from app.models.metadata import U32, U64

#: Far above the 20,000 of a model with every expert in tensors of its own.
MOST_TENSORS = 32_768
_LONGEST_NAME = 63  # GGML_MAX_NAME less its end
_MOST_DIMENSIONS = 4
_DIMENSIONS = [struct.Struct(f"<{count}QIQ") for count in range(_MOST_DIMENSIONS + 1)]

_BLOCK = re.compile(r"blk\.(\d{1,4})\.")
#: The expert tensors that llama.cpp's own `--cpu-moe` moves (LLM_FFN_EXPS_REGEX in common/common.h).
EXPERTS = re.compile(r"\.ffn_(up|down|gate|gate_up)_(ch|)exps")


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the file.

    Attributes:
        shape: as llama.cpp writes it, the first dimension is the fastest.
        n_bytes: of its data without padding.
        offset: of its data from the beginning of the file, in bytes.
        block: the block it belongs to; None for embeddings and output.
        is_expert: whether it holds a block's routed experts.
    """

    name: str
    shape: tuple[int, ...]
    type: str
    n_bytes: int
    offset: int
    block: int | None
    is_expert: bool

    @property
    def n_elements(self) -> int:
        return math.prod(self.shape)


def read_tensors(chunks: Chunks, count: int, alignment: int) -> tuple[Tensor, ...]:
    """The table of `count` tensors from where `chunks` stands; offsets count from the file's beginning.

    Raises ModelFileError for a table that lies, or whose data would end behind the file.
    """
    if count > MOST_TENSORS:
        raise broken(chunks.name, f"claims {count:,} tensors")
    found = []
    names: set[bytes] = set()
    expected = 0
    for _ in range(count):
        tensor, raw = _read_tensor(chunks)
        if raw in names:
            raise broken(chunks.name, f"has the tensor “{tensor.name}” twice")
        names.add(raw)
        _check_offset(chunks.name, tensor, expected, alignment)
        expected += _padded(tensor.n_bytes, alignment)
        found.append(tensor)
    start = _padded(chunks.at, alignment)
    if found and chunks.size is not None and start + found[-1].offset + found[-1].n_bytes > chunks.size:
        raise broken(chunks.name, "is cut off: the data of its tensors end behind the file")
    return tuple(_moved(tensor, start) for tensor in found)


def _read_tensor(chunks: Chunks) -> tuple[Tensor, bytes]:
    name = chunks.name
    length = chunks.number(U64)
    if length > _LONGEST_NAME:
        raise broken(name, f"has a tensor's name of {length:,} bytes")
    raw = chunks.take(length)
    text = raw.decode("utf-8", "replace")
    dimensions = chunks.number(U32)
    if dimensions > _MOST_DIMENSIONS:
        raise broken(name, f"has {dimensions:,} dimensions in the tensor “{text}”")
    form = _DIMENSIONS[dimensions]
    *shape, kind, offset = form.unpack(chunks.take(form.size))
    known = TENSOR_TYPES.get(kind)
    if known is None:
        raise broken(name, f"has the unknown type {kind} in the tensor “{text}”")
    elements = math.prod(shape)
    if elements >= 2**62 or max(shape, default=0) >= 2**62:
        raise broken(name, f"has an absurd shape in the tensor “{text}”")
    if (shape[0] if shape else 1) % known.block:
        raise broken(name, f"has rows that {known.name} cannot hold in the tensor “{text}”")
    block = _BLOCK.match(text)
    tensor = Tensor(
        name=text,
        shape=tuple(shape),
        type=known.name,
        n_bytes=known.row_bytes(elements),
        offset=offset,
        block=int(block.group(1)) if block else None,
        is_expert=EXPERTS.search(text) is not None,
    )
    return tensor, raw


def _check_offset(name: str, tensor: Tensor, expected: int, alignment: int) -> None:
    if tensor.offset == expected:
        return
    if tensor.offset % alignment:
        what = "lies across the alignment"
    else:
        what = "overlaps the one before" if tensor.offset < expected else "leaves a gap behind the one before"
    raise broken(name, f"is damaged: the tensor “{tensor.name}” {what}")


def _moved(tensor: Tensor, start: int) -> Tensor:
    return Tensor(
        tensor.name, tensor.shape, tensor.type, tensor.n_bytes, start + tensor.offset, tensor.block,
        tensor.is_expert,
    )  # fmt: skip


def _padded(count: int, alignment: int) -> int:
    return -(-count // alignment) * alignment
