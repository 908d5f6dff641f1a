"""Metadata that lie, one lie at a time."""

from __future__ import annotations

import struct

import pytest

from app.models.gguf import read_header
from app.models.metadata import SkippedArray
from tests.models import headers
from tests.models.headers import (
    ARRAY,
    BOOL,
    F32,
    STRING,
    U8,
    U32,
    U64,
    Draft,
    array,
    llama_draft,
    llama_pairs,
    pair,
    tensor,
    text,
)
from tests.models.support import refusal

HOSTILE = {
    "no keys that were promised": (Draft(n_pairs=5), "metadata key of 0 bytes"),
    "endless keys": (Draft(n_pairs=2**63), "metadata keys"),
        "no tensors": (Draft(llama_pairs()), "holds no tensors"),
    "no architecture": (Draft([], [tensor("a", (4,))], n_data=16), "names no architecture"),
    "an endless key": (Draft([text(b"k", 2**60)]), "metadata key of"),
    "an empty key": (llama_draft(pair("", U32, 1)), "metadata key of"),
    "a key twice": (llama_draft(pair("a", U32, 1), pair("a", U32, 2)), "“a” twice"),
    "an unknown type": (llama_draft(pair("a", 13, b"")), "unknown type 13"),
    "an array of an unknown type": (llama_draft(array("a", 77, [])), "unknown type 77"),
    "arrays in an array": (llama_draft(array("a", ARRAY, [])), "arrays in an array"),
    "an endless array": (llama_draft(array("a", U64, [], 2**61)), "is cut off"),
    "an endless array of texts": (llama_draft(array("a", STRING, [], 2**61)), "texts"),
    "texts that end behind the file": (llama_draft(array("a", STRING, [], 10_000)), "is cut off"),
    "an endless text in an array": (
        llama_draft(text("a") + struct.pack("<IIQ", ARRAY, STRING, 1) + text(b"x", 2**63)), "is cut off"
    ),
    "an endless text": (llama_draft(text("a") + struct.pack("<I", STRING) + text(b"x", 2**62)), "a text of"),
    "an endless token": (
        llama_draft(text("tokenizer.ggml.model") + struct.pack("<I", STRING) + text(b"x", 2**62)),
        "is cut off",
    ),
    "no number": (llama_draft(pair("a", F32, float("nan"))), "no number"),
    "no number in an array": (llama_draft(array("a", F32, [1.0, float("nan")])), "no number"),
    "endless sampling": (llama_draft(pair("general.sampling.temp", F32, float("inf"))), "senseless value"),
    "a name that is a number": (llama_draft(pair("general.name", U32, 3)), "senseless value"),
    "a wrong alignment": (llama_draft(pair("general.alignment", U32, 33)), "senseless alignment 33"),
    "no alignment": (llama_draft(pair("general.alignment", U32, 0)), "senseless alignment 0"),
    "an alignment that is a text": (llama_draft(pair("general.alignment", STRING, "8")), "alignment"),
    "an adapter": (llama_draft(pair("general.type", STRING, "adapter")), "no model of its own"),
    "too many blocks": (
        Draft(llama_pairs(blocks=513), [tensor("token_embd.weight", (64, 10))], n_data=2560), "513 blocks"
    ),
    "no blocks": (Draft(llama_pairs(blocks=0), [tensor("a", (4,))], n_data=16), "0 blocks"),
    "too many experts": (llama_draft(pair("llama.expert_count", U32, 1025)), "1,025 experts"),
    "more experts at work than there are": (
        llama_draft(pair("llama.expert_count", U32, 4), pair("llama.expert_used_count", U32, 5)),
        "4 experts",
    ),
    "an array of another length": (
        llama_draft(array("llama.feed_forward_length", U32, [1, 2])), "2 values for 1 blocks"
    ),
    "negative widths": (llama_draft(array("llama.feed_forward_length", 5, [-1])), "senseless value"),
    "a context of True": (llama_draft(pair("llama.expert_used_count", BOOL, True),
                                      pair("llama.expert_count", U32, 4)), "senseless value"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_metadata(name: str) -> None:
    draft, words = HOSTILE[name]
    assert words in refusal(draft.bytes())


def test_the_keys_of_a_vocabulary_are_passed_over() -> None:
    """Long arrays and texts cost neither memory nor a refusal."""
    more = [
        array("tokenizer.ggml.tokens", STRING, ["token"] * 5000),
        array("tokenizer.ggml.scores", F32, [0.0] * 5000),
    ]
    values = read_header("m", headers.reader(llama_draft(*more).bytes())).values
    assert values["tokenizer.ggml.tokens"] == values["tokenizer.ggml.scores"] == SkippedArray(5000)


def test_many_texts_and_arrays_that_would_fill_the_memory() -> None:
    """Each is small enough, and all together are not."""
    texts = [pair(f"text.{i}", STRING, "\U0001f600" + "x" * 900_000) for i in range(10)]
    assert "a text of" in refusal(llama_draft(*texts).bytes())
    arrays = [array(f"a.{i}", U8, [200] * 1000) for i in range(200)]
    assert "too many arrays" in refusal(llama_draft(*arrays).bytes())


def test_texts_that_are_no_utf_8() -> None:
    """They are shown as they can be, and a key that reads the same is another one."""
    more = [pair(b"a\xff", U32, 1), pair(b"a\xfe", U32, 2), pair("general.name", STRING, b"M\xc3")]
    values = read_header("m", headers.reader(llama_draft(*more).bytes())).values
    assert values["general.name"] == "M\ufffd"
