"""The table of tensors of a GGUF: names, shapes, types and where their data lies.

Checked as llama.cpp checks it (gguf_init_from_reader in ggml/src/gguf.cpp): the data of the
tensors follow each other in the order of the table, each padded to the file's alignment.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass

from app.language import mark, tr
from app.models.chunks import Chunks, broken
from app.models.ggml_types import TENSOR_TYPES, TensorType
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
        raise broken(tr("{name} claims {count} tensors.", name=chunks.name, count=count))
    found = []
    names: set[bytes] = set()
    expected = 0
    for _ in range(count):
        tensor, raw = _read_tensor(chunks)
        if raw in names:
            raise broken(tr("{name} has the tensor “{tensor}” twice.", name=chunks.name, tensor=tensor.name))
        names.add(raw)
        _check_offset(chunks.name, tensor, expected, alignment)
        expected += _padded(tensor.n_bytes, alignment)
        found.append(tensor)
    start = _padded(chunks.at, alignment)
    if found and chunks.size is not None and start + found[-1].offset + found[-1].n_bytes > chunks.size:
        raise broken(tr("{name} is cut off: the data of its tensors end behind the file.", name=chunks.name))
    return tuple(_moved(tensor, start) for tensor in found)


def _read_tensor(chunks: Chunks) -> tuple[Tensor, bytes]:
    name = chunks.name
    length = chunks.number(U64)
    if length > _LONGEST_NAME:
        raise broken(tr("{name} has a tensor's name of {length} bytes.", name=name, length=length))
    raw = chunks.take(length)
    text = raw.decode("utf-8", "replace")
    dimensions = chunks.number(U32)
    if dimensions > _MOST_DIMENSIONS:
        raise broken(
            tr(
                "{name} has {dimensions} dimensions in the tensor “{tensor}”.",
                name=name,
                dimensions=dimensions,
                tensor=text,
            )
        )
    form = _DIMENSIONS[dimensions]
    *shape, kind, offset = form.unpack(chunks.take(form.size))
    known, elements = _checked_type(name, text, shape, kind)
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


def _checked_type(name: str, tensor: str, shape: list[int], kind: int) -> tuple[TensorType, int]:
    """The type, and how many elements the tensor has. Raises ModelFileError for what cannot be."""
    known = TENSOR_TYPES.get(kind)
    if known is None:
        raise broken(
            tr(
                "{name} has the unknown type {kind} in the tensor “{tensor}”.",
                name=name,
                kind=str(kind),
                tensor=tensor,
            )
        )
    elements = math.prod(shape)
    if elements >= 2**62 or max(shape, default=0) >= 2**62:
        raise broken(tr("{name} has an absurd shape in the tensor “{tensor}”.", name=name, tensor=tensor))
    if (shape[0] if shape else 1) % known.block:
        raise broken(
            tr(
                "{name} has rows that {type} cannot hold in the tensor “{tensor}”.",
                name=name,
                type=known.name,
                tensor=tensor,
            )
        )
    return known, elements


def _check_offset(name: str, tensor: Tensor, expected: int, alignment: int) -> None:
    if tensor.offset == expected:
        return
    if tensor.offset % alignment:
        said = mark("{name} is damaged: the tensor “{tensor}” lies across the alignment.")
    elif tensor.offset < expected:
        said = mark("{name} is damaged: the tensor “{tensor}” overlaps the one before.")
    else:
        said = mark("{name} is damaged: the tensor “{tensor}” leaves a gap behind the one before.")
    raise broken(tr(said, name=name, tensor=tensor.name))


def _moved(tensor: Tensor, start: int) -> Tensor:
    return Tensor(
        tensor.name, tensor.shape, tensor.type, tensor.n_bytes, start + tensor.offset, tensor.block,
        tensor.is_expert,
    )  # fmt: skip


def _padded(count: int, alignment: int) -> int:
    return -(-count // alignment) * alignment
