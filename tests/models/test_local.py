"""Models that are on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import ModelFileError
from app.models.local import LocalModel, local_model, local_models

PARTS = ("b-Q8_0-00001-of-00002.gguf", "b-Q8_0-00002-of-00002.gguf")


def put(folder: Path, *names: str) -> tuple[Path, ...]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"123")
    return tuple(folder / name for name in names)


def test_a_single_file(tmp_path: Path) -> None:
    (path,) = put(tmp_path, "a.v1-Q4_0.GGUF")
    assert local_model(path) == LocalModel("a.v1-Q4_0", "Q4_0", (path,), 3)


def test_any_part_stands_for_all(tmp_path: Path) -> None:
    parts = put(tmp_path, *PARTS)
    for part in parts:
        assert local_model(part) == LocalModel("b-Q8_0", "Q8_0", parts, 6)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    put(tmp_path, PARTS[1])
    with pytest.raises(ModelFileError, match=PARTS[0]):
        local_model(tmp_path / PARTS[1])
    with pytest.raises(ModelFileError, match=r"gone\.gguf"):
        local_model(tmp_path / "gone.gguf")


def test_whole_models_below_a_folder(tmp_path: Path) -> None:
    put(tmp_path, *(f"owner/repo/Q8_0/{name}" for name in PARTS), "owner/repo/a-Q4_0.gguf", "own.gguf")
    put(tmp_path, "o/r/mmproj-f16.gguf", "o/r/c.gguf.part", "o/r/d-00001-of-00002.gguf", "1/2/3/4/deep.gguf")
    assert [model.name for model in local_models(tmp_path)] == ["a-Q4_0", "b-Q8_0", "own"]
    assert local_models(tmp_path / "nowhere") == ()
