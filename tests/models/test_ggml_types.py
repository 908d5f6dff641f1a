"""The tables against the llama.cpp that is installed."""

from __future__ import annotations

import ctypes
from pathlib import Path

import llama_cpp
import llama_cpp.llama_cpp as llama

from app.engine.facts import short_ftype
from app.models.ggml_types import FILE_TYPES, TENSOR_TYPES, tensor_type


def test_names_and_sizes_of_tensor_types() -> None:
    library = next(Path(llama_cpp.__file__).parent.glob("lib/*ggml-base.*"))
    base = ctypes.CDLL(str(library))
    base.ggml_type_name.restype, base.ggml_type_size.restype = ctypes.c_char_p, ctypes.c_size_t
    base.ggml_blck_size.restype = ctypes.c_int64
    count = 43  # GGML_TYPE_COUNT: beyond it llama.cpp reads what is not its own
    theirs = {
        number: (
            base.ggml_type_name(number).decode(),
            base.ggml_blck_size(number),
            base.ggml_type_size(number),
        )
        for number in range(count)
    }
    known = {number: values for number, values in theirs.items() if values[1]}
    assert known == {number: (t.name, t.block, t.n_bytes) for number, t in TENSOR_TYPES.items()}


def test_file_types() -> None:
    """llama.cpp knows each of them, and calls those without a size letter the same."""
    unknown = llama.llama_ftype_name(4)
    for number, name in FILE_TYPES.items():
        theirs = llama.llama_ftype_name(number)
        assert theirs != unknown, name
        assert name.startswith(short_ftype(theirs.decode()).split()[0][:4]), (name, theirs)


def test_a_type_by_its_name() -> None:
    assert tensor_type("q8_0").row_bytes(128) == 136
