"""Why a model did not load, in words that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from app.errors import ModelFileError, OutOfMemoryError, UserError

_MAGIC = b"GGUF"
#: Magic, version, tensor count, metadata count.
_SMALLEST = 24

_AGAIN = "Download it again."


def check_file(path: Path) -> None:
    """Refuse at once what cannot be a GGUF. Raises ModelFileError."""
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise ModelFileError(f"{name} is a folder, not a model file.", "Choose a .gguf file.")
        if not path.is_file():
            raise ModelFileError(f"There is no file {path}.", "Check the path.")
        with path.open("rb") as file:
            head = file.read(_SMALLEST)
    except OSError as error:
        raise ModelFileError(f"{name} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if not head:
        raise ModelFileError(f"{name} is empty.", _AGAIN)
    if head[:4] != _MAGIC[: len(head[:4])]:
        raise ModelFileError(f"{name} is not a GGUF model.", "Choose a .gguf file.")
    if len(head) < _SMALLEST:
        raise ModelFileError(f"{name} is cut off after {len(head)} bytes.", _AGAIN)


def load_error(path: Path, log: Sequence[str]) -> UserError:
    """The error for a model that llama.cpp refused, told from what it logged."""
    text = "\n".join(log)
    name = path.name
    unknown = re.search(r"unknown model architecture: '([^']*)'", text)
    if unknown:
        return ModelFileError(
            f"{name} is of the architecture “{unknown.group(1)}”, which this version does not know.",
            "Update the app, or choose another model.",
        )
    if re.search(r"not within the file bounds|failed to read|unexpectedly reached end|corrupted", text):
        return ModelFileError(f"{name} is incomplete or damaged.", _AGAIN)
    if re.search(r"failed to allocate|out of memory|unable to allocate|bad_alloc", text, re.IGNORECASE):
        return OutOfMemoryError(
            f"There is not enough memory for {name}.",
            "Close other programs, put fewer layers on the GPU, or choose a smaller quantization.",
        )
    return ModelFileError(f"{name} cannot be loaded: {_reason(log)}", _AGAIN)


def context_error(n_ctx: int, log: Sequence[str]) -> UserError:
    """The error for a context that llama.cpp could not make."""
    text = "\n".join(log)
    if re.search(r"quantized V cache", text):
        return UserError(
            "A KV cache of q8_0 or q4_0 needs flash attention, which is off or cannot be had here.",
            "Choose f16 for the KV cache, or leave flash attention to the app.",
        )
    if re.search(r"cache type \w+ with block size \d+ does not divide", text):
        return UserError(
            "This model's KV cache cannot be stored as q8_0 or q4_0.", "Choose f16 for the KV cache."
        )
    if re.search(r"failed to allocate|out of memory|unable to allocate|bad_alloc|alloc", text, re.IGNORECASE):
        return OutOfMemoryError(
            f"There is not enough memory for a context of {n_ctx:,} tokens.", "Choose a smaller context."
        )
    return UserError(f"The context could not be made: {_reason(log)}", "Choose other settings.")


def _reason(log: Sequence[str]) -> str:
    """The first line that says what went wrong; the ones behind it only repeat it upwards."""
    for line in log:
        if re.search(r"error|fail|invalid|missing|wrong", line, re.IGNORECASE):
            return re.sub(r"^\w+: (error[^:]*: )?", "", line).strip()[:300] or line[:300]
    return "llama.cpp gave no reason."
