"""Why a model did not load, in words that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from app.errors import ModelFileError, OutOfMemoryError, UserError
from app.language import mark, tr

_MAGIC = b"GGUF"
#: Magic, version, tensor count, metadata count.
_SMALLEST = 24

_AGAIN = mark("Download it again.")


def check_file(path: Path) -> None:
    """Refuse at once what cannot be a GGUF. Raises ModelFileError."""
    name = path.name or str(path)
    try:
        if path.is_dir():
            raise ModelFileError(
                tr("{name} is a folder, not a model file.", name=name), tr("Choose a .gguf file.")
            )
        if not path.is_file():
            raise ModelFileError(tr("There is no file {path}.", path=path), tr("Check the path."))
        with path.open("rb") as file:
            head = file.read(_SMALLEST)
    except OSError as error:
        raise ModelFileError(
            tr("{name} cannot be read: {reason}.", name=name, reason=error.strerror),
            tr("Check its permissions."),
        ) from error
    if not head:
        raise ModelFileError(tr("{name} is empty.", name=name), tr(_AGAIN))
    if head[:4] != _MAGIC[: len(head[:4])]:
        raise ModelFileError(tr("{name} is not a GGUF model.", name=name), tr("Choose a .gguf file."))
    if len(head) < _SMALLEST:
        raise ModelFileError(
            tr("{name} is cut off after {count} bytes.", name=name, count=len(head)), tr(_AGAIN)
        )


def load_error(path: Path, log: Sequence[str]) -> UserError:
    """The error for a model that llama.cpp refused, told from what it logged."""
    text = "\n".join(log)
    name = path.name
    unknown = re.search(r"unknown model architecture: '([^']*)'", text)
    if unknown:
        return ModelFileError(
            tr(
                "{name} is of the architecture “{architecture}”, which this version does not know.",
                name=name,
                architecture=unknown.group(1),
            ),
            tr("Update the app, or choose another model."),
        )
    if re.search(r"not within the file bounds|failed to read|unexpectedly reached end|corrupted", text):
        return ModelFileError(tr("{name} is incomplete or damaged.", name=name), tr(_AGAIN))
    if re.search(r"failed to allocate|out of memory|unable to allocate|bad_alloc", text, re.IGNORECASE):
        return OutOfMemoryError(
            tr("There is not enough memory for {name}.", name=name),
            tr("Close other programs, put fewer layers on the GPU, or choose a smaller quantization."),
        )
    return ModelFileError(tr("{name} cannot be loaded: {reason}", name=name, reason=_reason(log)), tr(_AGAIN))


def context_error(n_ctx: int, log: Sequence[str]) -> UserError:
    """The error for a context that llama.cpp could not make."""
    text = "\n".join(log)
    if re.search(r"quantized V cache", text):
        return UserError(
            tr("A KV cache of q8_0 or q4_0 needs flash attention, which is off or cannot be had here."),
            tr("Choose f16 for the KV cache, or leave flash attention to the app."),
        )
    if re.search(r"cache type \w+ with block size \d+ does not divide", text):
        return UserError(
            tr("This model's KV cache cannot be stored as q8_0 or q4_0."), tr("Choose f16 for the KV cache.")
        )
    if re.search(r"failed to allocate|out of memory|unable to allocate|bad_alloc|alloc", text, re.IGNORECASE):
        return OutOfMemoryError(
            tr("There is not enough memory for a context of {context} tokens.", context=n_ctx),
            tr("Choose a smaller context."),
        )
    return UserError(
        tr("The context could not be made: {reason}", reason=_reason(log)), tr("Choose other settings.")
    )


def _reason(log: Sequence[str]) -> str:
    """The first line that says what went wrong; the ones behind it only repeat it upwards."""
    for line in log:
        if re.search(r"error|fail|invalid|missing|wrong", line, re.IGNORECASE):
            return re.sub(r"^\w+: (error[^:]*: )?", "", line).strip()[:300] or line[:300]
    return tr("llama.cpp gave no reason.")
