"""What each block is, and the sizes that memory follows from."""

from __future__ import annotations

import pytest

from app.models.gguf import read_model
from app.models.layout import Experts, Layout, RecurrentShape
from tests import miniatures
from tests.models.headers import BOOL, STRING, U32, Draft, array, llama_pairs, pair, tensor
from tests.models.support import read_bytes


def layout(architecture: str, *more: bytes, blocks: int = 4, names: tuple[str, ...] = ()) -> Layout:
    """The layout of an architecture with 4 heads and an embedding of 64, and with `more` keys."""
    tensors = [tensor(name, (32,), 128 * index) for index, name in enumerate(("token_embd.weight", *names))]
    pairs = [*llama_pairs(blocks, architecture), *more]
    return read_bytes(Draft(pairs, tensors, n_data=128 * len(tensors)).bytes()).layout


def letters(found: Layout) -> str:
    """A letter for each block: * attention, M recurrent, B both, - neither."""
    kinds = {(True, False): "*", (False, True): "M", (True, True): "B", (False, False): "-"}
    return "".join(kinds[block.attention, block.recurrent] for block in found.blocks)


def windows(found: Layout) -> str:
    return "".join("s" if block.sliding else "f" for block in found.blocks)


def test_a_hybrid_by_its_arrays() -> None:
    found = read_model(miniatures.hybrid()).layout
    assert letters(found) == "M-M*-M*-"
    assert [block.moe for block in found.blocks] == [letter == "E" for letter in miniatures.HYBRID.blocks]
    assert not any(block.dense for block in found.blocks)
    assert [block.has_kv for block in found.blocks] == [block.attention for block in found.blocks]
    assert found.recurrent == RecurrentShape(4, 128, 16, 2, 8, 3 * (128 + 2 * 2 * 16), 16 * 128)
    assert found.experts == Experts(8, 2, 128, 256, biased=True)
    assert (found.key_length, found.value_length, found.context_length) == (16, 16, 1_048_576)
    assert not found.gated


def test_transformers_and_recurrent_models() -> None:
    plain = read_model(miniatures.plain()).layout
    assert letters(plain) == "****"
    assert all(block.dense and not block.moe for block in plain.blocks)
    assert (plain.blocks[0].heads, plain.blocks[0].kv_heads, plain.blocks[0].feed_forward) == (4, 2, 128)
    assert plain.gated
    recurrent = read_model(miniatures.build(miniatures.RECURRENT)).layout
    assert letters(recurrent) == "MMM"
    assert not any(block.has_kv for block in recurrent.blocks)


@pytest.mark.parametrize(
    ("architecture", "more", "expected"),
    [
        ("jamba", [array("jamba.attention.head_count_kv", U32, [0, 2, 0, 2])], "M*M*"),
        ("granitehybrid", [array("granitehybrid.attention.head_count_kv", U32, [0, 0, 0, 2])], "MMM*"),
        ("qwen3next", [], "MMM*"),
        ("qwen35", [pair("qwen35.full_attention_interval", U32, 2)], "M*M*"),
        ("falcon-h1", [], "BBBB"),
        ("rwkv7", [], "MMMM"),
        ("llama", [], "****"),
        ("never-heard-of", [], "****"),
    ],
)  # fmt: skip
def test_mixers_of_other_architectures(architecture: str, more: list[bytes], expected: str) -> None:
    assert letters(layout(architecture, *more)) == expected


@pytest.mark.parametrize(
    ("architecture", "keys", "expected"),
    [
        ("gemma2", {}, "sfsf"),
        ("gpt-oss", {"attention.sliding_window": 128}, "sfsf"),
        ("cohere2", {"attention.sliding_window": 128}, "sssf"),
        ("smallthinker", {"attention.sliding_window": 128}, "fsss"),
        ("llama4", {}, "sssf"),
        ("gemma3", {}, "ffff"),
        ("gemma3", {"attention.sliding_window": 128}, "ssss"),
        ("gemma3", {"attention.sliding_window": 128, "attention.sliding_window_pattern": 2}, "sfsf"),
        ("phi3", {"attention.sliding_window": 128}, "ffff"),
        ("llama", {"attention.sliding_window": 128}, "ffff"),
    ],
)  # fmt: skip
def test_windows(architecture: str, keys: dict[str, int], expected: str) -> None:
    more = [pair(f"{architecture}.{key}", U32, value) for key, value in keys.items()]
    assert windows(layout(architecture, *more)) == expected


def test_a_listed_pattern_of_windows() -> None:
    more = [
        pair("gemma4.attention.sliding_window", U32, 64),
        array("gemma4.attention.sliding_window_pattern", BOOL, [True, False, True, False]),
        pair("gemma4.attention.shared_kv_layers", U32, 1),
    ]
    found = layout("gemma4", *more)
    assert windows(found) == "sfsf"
    assert [block.has_kv for block in found.blocks] == [True, True, True, False]


def test_recurrent_states_of_other_kinds() -> None:
    assert layout("lfm2", pair("lfm2.shortconv.l_cache", U32, 3)).recurrent.conv_elements == 64 * 2
    wkv = layout("rwkv7", pair("rwkv7.wkv.head_size", U32, 16)).recurrent
    assert (wkv.conv_elements, wkv.state_elements) == (2 * 64, 64 * 16)
    delta = layout("kimi-linear", pair("kimi-linear.kda.head_dim", U32, 8)).recurrent
    assert (delta.conv_elements, delta.state_elements) == (3 * 3 * 4 * 8, 8 * 8 * 4)


def test_keys_only_and_prediction_blocks() -> None:
    more = [
        pair("deepseek2.attention.key_length_mla", U32, 24),
        pair("deepseek2.attention.key_length", U32, 72),
        pair("deepseek2.attention.head_count_kv", U32, 1),
        pair("deepseek2.nextn_predict_layers", U32, 1),
    ]
    found = layout("deepseek2", *more)
    assert found.kv_elements(found.blocks[0]) == (72, 0)
    assert found.prediction_blocks == 1
    assert [block.has_kv for block in found.blocks] == [True, True, True, False]


def test_experts_by_their_tensors() -> None:
    more = [pair("llama.expert_count", U32, 8), pair("llama.expert_used_count", U32, 2)]
    found = layout("llama", *more, names=("blk.1.ffn_up_exps.weight", "blk.0.ffn_down.weight"))
    assert [(block.dense, block.moe) for block in found.blocks] == [
        (True, False), (False, True), (False, False), (False, False),
    ]  # fmt: skip


def test_the_vocabulary_by_its_tokens_or_the_embedding() -> None:
    tokens = array("tokenizer.ggml.tokens", STRING, ["a"] * 7)
    draft = Draft([*llama_pairs(), tokens], [tensor("token_embd.weight", (64, 10))], n_data=2560)
    assert read_bytes(draft.bytes()).layout.vocabulary == 7
    draft.pairs.pop()
    assert read_bytes(draft.bytes()).layout.vocabulary == 10
