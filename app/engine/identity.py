"""What a saved state belongs to: a state of any other model, template or llama.cpp is foreign.

The size of the context is no part of it: a state moves between contexts that can hold it, but for
a model that turns positions otherwise beyond some size. Any thread; llama.cpp itself is asked for its
build only, in the engine's child process.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import BinaryIO

#: Raised when this engine would read the same conversation into another state.
ENGINE_FORMAT = 1

#: A GGUF's header with a vocabulary of 250,000 tokens takes about 10 MB.
_HEAD_BYTES = 16 * 1024 * 1024
_SAMPLES, _SAMPLE_BYTES = 1024, 16 * 1024
_WHOLE_BYTES = _HEAD_BYTES + _SAMPLES * _SAMPLE_BYTES
_MOST_TEXT = 256
_PART = re.compile(r"-\d{5}-of-(\d{5})\.gguf$")


@dataclass(frozen=True)
class Identity:
    """Two states with equal identities and equal tokens can stand for each other.

    Attributes:
        model: `model_digest` of the model's file.
        template: `text_digest` of the chat template in use.
        type_k, type_v: ggml types of the KV cache.
        flash_attention: as asked for; without it V is stored transposed.
        n_swa: tokens of the sliding window, 0 without one; `swa_full`: the large cache for it.
        long_rope: whether positions are turned by the factors for a long context (Phi, MiniCPM).
        llama: `llama_build`.
        engine: the engine's own format.
    """

    model: str
    template: str
    type_k: int
    type_v: int
    flash_attention: bool
    n_swa: int
    swa_full: bool
    long_rope: bool
    llama: str
    engine: int = ENGINE_FORMAT

    def to_json(self) -> dict[str, object]:
        """As it stands in a state file's header."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Identity:
        """The identity of a header from outside. Raises ValueError unless it has exactly the fields."""
        if not isinstance(value, Mapping) or value.keys() != {field.name for field in fields(cls)}:
            raise ValueError("the identity has other fields")
        for field in fields(cls):
            item = value[field.name]
            if type(item).__name__ != field.type:
                raise ValueError(f"the identity's {field.name} is of another type")
            if isinstance(item, str) and len(item) > _MOST_TEXT:
                raise ValueError(f"the identity's {field.name} is too long")
        return cls(**value)


def text_digest(text: str) -> str:
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def model_digest(path: str | os.PathLike[str]) -> str:
    """A digest of size, header and 1,024 evenly spaced blocks of a model's file, in hex.

    At most 32 MiB are read, of a smaller file all; kept by (path, size, times, inode). Another
    training, quantization or merge changes tensors throughout. Of a model in several files
    (`…-00001-of-00004.gguf`) each counts. Raises OSError.
    """
    parts = []
    for part in model_files(Path(path)):
        found = part.stat()
        # A copy may bring its time with it (cp -p, rsync); the other two then tell.
        changed = (found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        parts.append(_digest(str(part), found.st_size, changed))
    return parts[0] if len(parts) == 1 else text_digest(" ".join(parts))


def model_files(path: Path) -> list[Path]:
    """The files of a model, as llama.cpp's `llama_split_path` names them."""
    found = _PART.search(path.name)
    if found is None:
        return [path]
    stem, count = path.name[: found.start()], int(found.group(1))
    return [path.with_name(f"{stem}-{index:05d}-of-{count:05d}.gguf") for index in range(1, count + 1)]


@lru_cache(maxsize=32)
def _digest(path: str, size: int, _changed: tuple[int, ...]) -> str:
    digest = hashlib.sha256(str(size).encode())
    with Path(path).open("rb", buffering=0) as file:
        if size <= _WHOLE_BYTES:
            _add(file, digest, 0, size)
            return digest.hexdigest()
        _add(file, digest, 0, _HEAD_BYTES)
        if hasattr(os, "posix_fadvise"):
            # Else the system reads ahead at each block, and so eight times as much.
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        last = size - _SAMPLE_BYTES
        for index in range(_SAMPLES):
            start = _HEAD_BYTES + (last - _HEAD_BYTES) * index // (_SAMPLES - 1)
            _add(file, digest, start, _SAMPLE_BYTES)
    return digest.hexdigest()


def _add(file: BinaryIO, digest: hashlib._Hash, start: int, size: int) -> None:
    file.seek(start)
    while size > 0 and (block := file.read(min(size, 1024 * 1024))):
        digest.update(block)
        size -= len(block)


@cache
def llama_build() -> str:
    """Version of the binding and commit of the ggml it was built with. Engine's child process only."""
    import llama_cpp

    from app.engine.ggml import function

    commit = (function("ggml_commit", ctypes.c_char_p)() or b"").decode("ascii", "replace")
    return f"{llama_cpp.__version__} {commit}".strip()
