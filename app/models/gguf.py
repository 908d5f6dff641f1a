"""Reads what a GGUF says about its model, without loading it and without believing it.

    read_model(path)                           a local file, with its other parts
    read_parts(names, opener)                  parts that are read over a network
    read_header(name, read, size)              one file's header alone

A header is a stranger's: whatever it claims, reading ends within a second, holds less than
256 MB, and raises ModelFileError where llama.cpp would refuse the file. Pure functions for any
thread. Byte order is little endian, versions 2 and 3 (the same but for big-endian files).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import ModelFileError
from app.language import mark, tr
from app.models.chunks import Chunks, ReadBytes, broken
from app.models.ggml_types import FILE_TYPES
from app.models.layout import Layout, read_layout
from app.models.metadata import U32, U64, Fields, MetadataReader, Value
from app.models.tensors import Tensor, read_tensors

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_ALIGNMENT = 32
_MOST_PARTS = 1000
#: LLAMA_FTYPE_GUESSED, a bit beside the file type.
_GUESSED = 1024
_PART = re.compile(r"^(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$")

#: Gives a reader and the size in bytes (None if unknown) for a part's name. Closed by its owner.
Opener = Callable[[str], tuple[ReadBytes, int | None]]


@dataclass(frozen=True)
class Header:
    """One file's metadata and table of tensors.

    Attributes:
        n_bytes: of the header with the table, in front of the padding and the data.
        n_read: bytes that were asked for to read it.
    """

    name: str
    version: int
    values: dict[str, Value]
    tensors: tuple[Tensor, ...]
    n_bytes: int
    n_read: int


@dataclass(frozen=True)
class SamplingAdvice:
    """Sampling that the file recommends in `general.sampling.*`; None where it says nothing."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None


@dataclass(frozen=True)
class ModelHeader:
    """What the parts of a model say about it.

    Attributes:
        quantization: the file type's name, as "Q4_K_M"; the dominating tensor type where it has none.
        dominating_type: the tensor type that holds the most bytes, as "q4_K".
        chat_template: the Jinja2 source; empty where there is none.
        n_bytes: of all parts where their sizes are known, else of the tensors.
    """

    name: str
    architecture: str
    quantization: str
    dominating_type: str
    chat_template: str
    sampling: SamplingAdvice
    layout: Layout
    tensors: tuple[Tensor, ...] = field(repr=False)
    n_params: int
    n_bytes: int
    n_parts: int


def read_header(name: str, read: ReadBytes, size: int | None = None) -> Header:
    """The header of one file; `name` is for messages, `size` bytes if it is known.

    Raises ModelFileError; and whatever `read` raises.
    """
    chunks = Chunks(name, read, size)
    version = _read_version(chunks)
    n_tensors, n_keys = chunks.number(U64), chunks.number(U64)
    values = MetadataReader(chunks).read(n_keys)
    alignment = values.get("general.alignment", _ALIGNMENT)
    if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
        raise broken(
            tr("{name} has the senseless alignment {alignment}.", name=name, alignment=str(alignment))
        )
    tensors = read_tensors(chunks, n_tensors, alignment)
    return Header(name, version, values, tensors, chunks.at, chunks.n_read)


def read_model(path: Path) -> ModelHeader:
    """The model in a local file; the other parts of a split one lie in the same folder.

    Raises ModelFileError, also where a file cannot be read.
    """
    with ExitStack() as files:

        def opener(name: str) -> tuple[ReadBytes, int]:
            part = path.parent / name
            file = files.enter_context(part.open("rb", buffering=0))

            def read(first: int, end: int) -> bytes:
                file.seek(first)
                return file.read(end - first)

            return read, part.stat().st_size

        try:
            return read_parts(part_names(path.name), opener)
        except FileNotFoundError as error:
            missing = Path(str(error.filename))
            if missing.name == path.name:
                raise ModelFileError(
                    tr("There is no file {path}.", path=path), tr("Check the path.")
                ) from error
            raise ModelFileError(
                tr("The part {name} is missing.", name=missing.name), tr("Download it, too.")
            ) from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or tr("there is no such path")
            raise ModelFileError(
                tr("{name} cannot be read: {reason}.", name=path.name, reason=reason),
                tr("Check its permissions."),
            ) from error


def part_names(name: str) -> tuple[str, ...]:
    """The names of all parts, in order, of the model that the file `name` belongs to."""
    found = _PART.match(name)
    if not found:
        return (name,)
    count = int(found["count"])
    if not 1 <= int(found["number"]) <= count <= _MOST_PARTS:
        raise ModelFileError(
            tr("{name} is not named as a part of a model.", name=name), tr("Check its name.")
        )
    return tuple(f"{found['stem']}-{number:05d}-of-{count:05d}.gguf" for number in range(1, count + 1))


def read_parts(names: Sequence[str], opener: Opener) -> ModelHeader:
    """The model in the parts `names`, which may be one file.

    Source of the rules: llama_model_loader, which counts `split.no` from 0 and takes the
    metadata of the first part. Raises ModelFileError; and whatever the opener raises.
    """
    headers, sizes = [], []
    for name in names:
        read, size = opener(name)
        headers.append(read_header(name, read, size))
        sizes.append(size)
        _check_part(headers, len(names))
    tensors = tuple(tensor for header in headers for tensor in header.tensors)
    _check_together(headers[0], tensors, len(names))
    known = [size for size in sizes if size is not None]
    n_bytes = sum(known) if len(known) == len(sizes) else sum(tensor.n_bytes for tensor in tensors)
    return _describe(headers[0], tensors, n_bytes, len(names))


def _read_version(chunks: Chunks) -> int:
    name = chunks.name
    if chunks.size == 0:
        raise broken(tr("{name} is empty.", name=name))
    magic = chunks.take(4)
    if magic != _MAGIC:
        raise ModelFileError(tr("{name} is not a GGUF model.", name=name), tr("Choose a .gguf file."))
    version = chunks.number(U32)
    if version & 0xFFFF == 0 and version:
        raise ModelFileError(
            tr("{name} is made for big-endian machines.", name=name), tr("Choose another file.")
        )
    if version not in _VERSIONS:
        hint = tr("Update the app.") if version > _VERSIONS[-1] else tr("Choose a newer file.")
        raise ModelFileError(
            tr(
                "{name} is a GGUF of version {version}, which cannot be read.",
                name=name,
                version=str(version),
            ),
            hint,
        )
    return version


def _check_part(headers: Sequence[Header], count: int) -> None:
    """Whether the header that was read last is the part it should be."""
    last, index = headers[-1], len(headers) - 1
    fields = last.values
    claimed = fields.get("split.count", 1)
    if claimed != count and not (count == 1 and claimed == 0):
        said = mark("{name} is one of {claimed} parts, not one of {count}.")
        if claimed == 1:
            said = mark("{name} is a whole model, not one of {count}.")
        raise ModelFileError(
            tr(said, name=last.name, claimed=claimed, count=count), tr("Choose parts of one model.")
        )
    if count > 1 and fields.get("split.no") != index:
        raise ModelFileError(
            tr("{name} is not part {number} of its model.", name=last.name, number=index + 1),
            tr("Choose parts of one model."),
        )
    first = headers[0].values
    for key in ("general.architecture", "split.tensors.count"):
        if key in fields and fields[key] != first.get(key):
            raise ModelFileError(
                tr("{name} belongs to another model.", name=last.name), tr("Choose parts of one model.")
            )


def _check_together(first: Header, tensors: Sequence[Tensor], count: int) -> None:
    twice = [name for name, times in Counter(tensor.name for tensor in tensors).items() if times > 1]
    if twice:
        raise ModelFileError(
            tr("The tensor “{tensor}” is in two parts.", tensor=twice[0]), tr("Choose parts of one model.")
        )
    expected = first.values.get("split.tensors.count", len(tensors))
    if count > 1 and expected != len(tensors):
        raise broken(
            tr(
                "{name} has {count} tensors in its parts, not {expected}.",
                name=first.name,
                count=len(tensors),
                expected=expected,
            )
        )


def _describe(first: Header, tensors: tuple[Tensor, ...], n_bytes: int, n_parts: int) -> ModelHeader:
    fields = Fields(first.name, first.values)
    kind = fields.text("general.type")
    if kind not in ("", "model"):
        raise ModelFileError(
            tr("{name} is no model of its own ({kind}).", name=first.name, kind=kind),
            tr("Choose the model itself."),
        )
    if not tensors:
        raise broken(tr("{name} holds no tensors.", name=first.name))
    by_type: Counter[str] = Counter()
    for tensor in tensors:
        by_type[tensor.type] += tensor.n_bytes
    dominating = by_type.most_common(1)[0][0]
    file_type = fields.values.get("general.file_type")
    known = FILE_TYPES.get(file_type & ~_GUESSED, "") if isinstance(file_type, int) else ""
    return ModelHeader(
        name=fields.text("general.name"),
        architecture=fields.architecture,
        quantization=known or dominating.upper(),
        dominating_type=dominating,
        chat_template=fields.text("tokenizer.chat_template"),
        sampling=_sampling(fields),
        layout=read_layout(fields, tensors),
        tensors=tensors,
        n_params=sum(tensor.n_elements for tensor in tensors),
        n_bytes=n_bytes,
        n_parts=n_parts,
    )


def _sampling(fields: Fields) -> SamplingAdvice:
    top_k = fields.real("general.sampling.top_k")
    return SamplingAdvice(
        temperature=fields.real("general.sampling.temp"),
        top_p=fields.real("general.sampling.top_p"),
        top_k=None if top_k is None else int(top_k),
        min_p=fields.real("general.sampling.min_p"),
    )
