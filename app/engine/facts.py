"""What llama.cpp says of a loaded model. Engine's child process, decode thread."""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp.llama_cpp as llama

from app.engine.values import MemoryKind, Sampling

#: A llama_model_p or a llama_context_p, which the binding calls integers.
Model = Any
Context = Any


def meta(model: Model, key: str) -> str:
    """A value of the file's metadata as text, empty where there is none."""
    buffer = ctypes.create_string_buffer(4096)
    size = llama.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace") if size >= 0 else ""


def memory_kind(model: Model) -> MemoryKind:
    """Which kind of memory the model keeps."""
    if llama.llama_model_is_hybrid(model):
        return "hybrid"
    if llama.llama_model_is_recurrent(model):
        return "recurrent"
    return "sliding_window" if llama.llama_model_n_swa(model) > 0 else "attention"


def has_long_rope(model: Model, context: Context) -> bool:
    """Whether llama.cpp takes the factors for a long context, which it does by the context's size."""
    key = f"{meta(model, 'general.architecture')}.rope.scaling."
    original = meta(model, f"{key}original_context_length")
    scaled = meta(model, f"{key}type") in ("yarn", "linear")  # these know one set of factors only
    return not scaled and original.isdecimal() and llama.llama_n_ctx_seq(context) > int(original)


def recommended(model: Model) -> Sampling | None:
    """Sampling that the file recommends in `general.sampling.*`, where it does."""
    values: dict[str, float] = {}
    for field, key in (("temperature", "temp"), ("top_p", "top_p"), ("min_p", "min_p")):
        try:
            values[field] = float(meta(model, f"general.sampling.{key}"))
        except ValueError:
            continue
    return Sampling(**values) if values else None  # type: ignore[arg-type]


def template(model: Model) -> str:
    """The file's own chat template, empty where it has none."""
    return _text(llama.llama_model_chat_template(model, None))


def file_type(model: Model) -> str:
    """The quantization's short name."""
    return short_ftype(_text(llama.llama_ftype_name(llama.llama_model_ftype(model))))


def short_ftype(name: str) -> str:
    """llama.cpp's name of a file type, less its explanations ("IQ4_XS - 4.25 bpw", "all F32")."""
    return name.removeprefix("(guessed)").strip().partition(" - ")[0].removeprefix("all ")


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")
