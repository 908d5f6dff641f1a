"""What a state belongs to: told apart by content, read back from outside without trust."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp
import pytest

from app.engine import identity
from app.engine.identity import Identity, llama_build, model_digest, text_digest
from tests.engine.states import other_identities

OWN = Identity("m", "t", 1, 1, True, 0, False, False, "0.3.36 abc")


def test_every_field_tells_two_apart() -> None:
    others = other_identities(OWN)
    assert len({OWN, *others}) == 11
    assert all(Identity.from_json(other.to_json()) == other for other in [OWN, *others])


@pytest.mark.parametrize(
    "change",
    [
        {"model": 1}, {"n_swa": True}, {"n_swa": "0"}, {"swa_full": 0}, {"flash_attention": None},
        {"llama": ["0.3.36"]}, {"more": 1}, {"template": "x" * 257}, {"type_k": 1.0},
    ],
)  # fmt: skip
def test_what_is_no_identity_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Identity.from_json({**OWN.to_json(), **change})


@pytest.mark.parametrize("value", [None, [], "x", 1, {}])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        Identity.from_json(value)


def write_sparse(path: Path, size: int, place: int | None = None) -> str:
    with path.open("wb") as file:
        file.truncate(size)
        if place is not None:
            file.seek(place)
            file.write(b"\1")
    return model_digest(path)


def test_a_change_of_header_or_tensors_changes_the_digest(tmp_path: Path) -> None:
    size = 60_000_000
    step = (size - identity._SAMPLE_BYTES - identity._HEAD_BYTES) / (identity._SAMPLES - 1)
    inside = [int(identity._HEAD_BYTES + step * index) + 1 for index in (1, 500, 1022)]
    places = [None, 0, identity._HEAD_BYTES - 1, *inside, size - 1]
    digests = [write_sparse(tmp_path / f"{index}.gguf", size, place) for index, place in enumerate(places)]
    digests.append(write_sparse(tmp_path / "longer.gguf", size + 1))
    assert len(set(digests)) == len(digests)
    assert write_sparse(tmp_path / "same.gguf", size) == digests[0]


def test_a_small_file_is_read_whole_and_again_only_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "small.gguf"
    path.write_bytes(b"one")
    first = model_digest(path)
    stamp = path.stat().st_mtime_ns
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", None)
        assert model_digest(path) == first  # not read again
    path.write_bytes(b"two")
    os.utime(path, ns=(stamp, stamp))
    assert model_digest(path) != first  # though size and time say that nothing changed


def test_every_part_of_a_split_model_counts(tmp_path: Path) -> None:
    parts = [tmp_path / f"big-0000{index}-of-00002.gguf" for index in (1, 2)]
    for path in parts:
        path.write_bytes(b"part")
    first = model_digest(parts[0])
    parts[1].write_bytes(b"other part")
    assert model_digest(parts[0]) != first
    parts[1].unlink()
    with pytest.raises(FileNotFoundError):
        model_digest(parts[0])


def test_the_build_is_that_of_the_library() -> None:
    assert llama_build().startswith(llama_cpp.__version__ + " ")
    assert replace(OWN, llama=llama_build()) != OWN


def test_any_text_has_a_digest() -> None:
    assert text_digest("\ud800") != text_digest("")


def test_another_file_with_the_same_size_and_time_has_its_own_digest(tmp_path: Path) -> None:
    path, other = tmp_path / "a.gguf", tmp_path / "b.gguf"
    path.write_bytes(b"one model")
    before, stamp = model_digest(path), path.stat().st_mtime_ns
    other.write_bytes(b"two model")
    os.utime(other, ns=(stamp, stamp))
    other.replace(path)
    assert path.stat().st_mtime_ns == stamp
    assert model_digest(path) != before
