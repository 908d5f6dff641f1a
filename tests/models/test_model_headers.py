from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.errors import ModelFileError
from app.models.gguf import ModelHeader, read_model
from app.models.headers import HeaderCache
from tests import miniatures


def test_a_header_is_read_once_as_long_as_its_file_stays(tmp_path: Path) -> None:
    reads: list[Path] = []

    def read(path: Path) -> ModelHeader:
        reads.append(path)
        return read_model(path)

    cache, path = HeaderCache(read), tmp_path / "a.gguf"
    shutil.copy(miniatures.build(miniatures.PLAIN), path)
    first = cache.read(path)
    assert cache.read(path) is first
    assert len(reads) == 1
    shutil.copy(miniatures.hybrid(), path)
    assert cache.read(path).architecture == "nemotron_h_moe"
    assert len(reads) == 2


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError):
        HeaderCache().read(tmp_path / "none.gguf")
