"""Tables of tensors that lie, one lie at a time."""

from __future__ import annotations

import pytest

from app.models.ggml_types import TENSOR_TYPES
from tests.models.headers import Draft, llama_pairs, tensor
from tests.models.support import read_bytes, refusal


def draft(*tensors: bytes, n_data: int = 10_000, n_tensors: int | None = None) -> bytes:
    return Draft(llama_pairs(), list(tensors), n_data=n_data, n_tensors=n_tensors).bytes()


LIES = {
    "endless": (draft(n_tensors=2**63), "claims 9,223,372,036,854,775,808 tensors"),
    "too many": (draft(n_tensors=40_000), "claims 40,000 tensors"),
    "cut off": (draft(tensor("a", (4,)), n_data=0, n_tensors=3), "is cut off"),
    "an endless name": (draft(tensor("x" * 64, (4,))), "name of 64 bytes"),
    "a name twice": (draft(tensor("a", (32,)), tensor("a", (32,), 128)), "“a” twice"),
    "five dimensions": (draft(tensor("a", (1, 1, 1, 1, 1))), "5 dimensions"),
    "endless dimensions": (draft(tensor("a", (1,), dimensions=2**31)), "2,147,483,648 dimensions"),
    "an endless shape": (draft(tensor("a", (2**32, 2**32))), "absurd shape"),
    "a negative shape": (draft(tensor("a", (2**64 - 1, 0))), "absurd shape"),
    "an unknown type": (draft(tensor("a", (32,), kind=43)), "unknown type 43"),
    "a removed type": (draft(tensor("a", (32,), kind=31)), "unknown type 31"),
    "rows that do not fit": (draft(tensor("a", (100,), kind=12)), "q4_K cannot hold"),
    "across the alignment": (draft(tensor("a", (32,)), tensor("b", (32,), 130)), "across the alignment"),
    "overlap": (draft(tensor("a", (64,)), tensor("b", (32,), 128)), "overlaps"),
    "gap": (draft(tensor("a", (32,)), tensor("b", (32,), 256)), "leaves a gap"),
    "a start behind the beginning": (draft(tensor("a", (32,), 32)), "leaves a gap"),
    "behind the file": (draft(tensor("a", (32,)), tensor("b", (3000,), 128)), "end behind the file"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie(name: str) -> None:
    data, words = LIES[name]
    assert words in refusal(data)


def test_every_type_has_the_bytes_of_its_blocks() -> None:
    """256 elements of each type, one behind the other."""
    tensors, offset = [], 0
    for number, kind in TENSOR_TYPES.items():
        tensors.append(tensor(f"blk.0.{kind.name}", (256, 2), offset, number))
        offset += -(-kind.row_bytes(512) // 32) * 32
    found = read_bytes(draft(*tensors, n_data=offset))
    assert {t.type: t.n_bytes for t in found.tensors} == {
        kind.name: 512 // kind.block * kind.n_bytes for kind in TENSOR_TYPES.values()
    }


def test_tensors_without_dimensions_and_without_elements() -> None:
    found = read_bytes(draft(tensor("a", ()), tensor("b", (0, 4), 32)))
    assert [(t.n_elements, t.n_bytes) for t in found.tensors] == [(1, 4), (0, 0)]
