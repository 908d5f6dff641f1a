"""Reads a model out of bytes, and catches the refusal."""

from __future__ import annotations

import pytest

from app.errors import ModelFileError
from app.models.gguf import ModelHeader, read_parts
from tests.models import headers


def read_bytes(data: bytes) -> ModelHeader:
    return read_parts(["model.gguf"], headers.opener({"model.gguf": data}))


def refusal(data: bytes) -> str:
    """The message of the refusal, which must come with a hint."""
    with pytest.raises(ModelFileError) as caught:
        read_bytes(data)
    assert caught.value.hint
    return caught.value.message
