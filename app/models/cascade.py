"""The shape of Nemotron-Cascade-2-30B-A3B, so that a file of it can be judged before any of it is here.

Source: the published configuration. The bytes of a quantization are spread over the matrices in
proportion to their elements; the file's own header, once it is read, says it exactly.
"""

from __future__ import annotations

from functools import cache

from app.models.layout import Block, Experts, Layout, RecurrentShape
from app.models.tensors import Tensor

_PATTERN = "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME"
_EMBEDDING, _VOCABULARY = 2688, 131_072
_INNER, _STATE, _GROUPS, _HEADS, _CONV = 4096, 128, 8, 64, 4
_CONVOLVED = _INNER + 2 * _GROUPS * _STATE
_EXPERTS, _USED, _WIDTH, _SHARED_WIDTH = 128, 6, 1856, 3712
_QUERY_HEADS, _KV_HEADS, _HEAD = 32, 2, 128
_DECLARED = 262_144

_MATRICES = {
    "M": (("ssm_in", _EMBEDDING, _INNER + _CONVOLVED + _HEADS), ("ssm_out", _INNER, _EMBEDDING)),
    "*": (
        ("attn_q", _EMBEDDING, _QUERY_HEADS * _HEAD),
        ("attn_k", _EMBEDDING, _KV_HEADS * _HEAD),
        ("attn_v", _EMBEDDING, _KV_HEADS * _HEAD),
        ("attn_output", _QUERY_HEADS * _HEAD, _EMBEDDING),
    ),
    "E": (
        ("ffn_gate_inp", _EMBEDDING, _EXPERTS),
        ("ffn_up_exps", _EMBEDDING, _WIDTH * _EXPERTS),
        ("ffn_down_exps", _WIDTH, _EMBEDDING * _EXPERTS),
        ("ffn_up_shexp", _EMBEDDING, _SHARED_WIDTH),
        ("ffn_down_shexp", _SHARED_WIDTH, _EMBEDDING),
    ),
}


@cache
def layout() -> Layout:
    """52 blocks: 23 recurrent, 23 with experts, 6 with attention."""
    kinds = {
        "M": Block(recurrent=True),
        "E": Block(moe=True, feed_forward=_WIDTH),
        "*": Block(attention=True, has_kv=True, heads=_QUERY_HEADS, kv_heads=_KV_HEADS),
    }
    recurrent = RecurrentShape(
        _CONV, _INNER, _STATE, _GROUPS, _HEADS, (_CONV - 1) * _CONVOLVED, _STATE * _INNER
    )
    return Layout(
        architecture="nemotron_h_moe",
        context_length=_DECLARED,
        embedding=_EMBEDDING,
        vocabulary=_VOCABULARY,
        blocks=tuple(kinds[letter] for letter in _PATTERN),
        key_length=_HEAD,
        value_length=_HEAD,
        recurrent=recurrent,
        experts=Experts(_EXPERTS, _USED, _WIDTH, _SHARED_WIDTH, biased=True),
        gated=False,
    )


@cache
def tensors(size: int) -> tuple[Tensor, ...]:
    """The matrices of a file of `size` bytes; their sum is `size` but for roundings."""
    named: list[tuple[str, int | None, int, int]] = [
        ("token_embd.weight", None, _EMBEDDING, _VOCABULARY),
        ("output.weight", None, _EMBEDDING, _VOCABULARY),
    ]
    for index, letter in enumerate(_PATTERN):
        named += [(f"blk.{index}.{name}.weight", index, n, m) for name, n, m in _MATRICES[letter]]
    per_element = size / sum(n * m for _name, _block, n, m in named)
    return tuple(
        Tensor(name, (n, m), "", int(n * m * per_element), 0, block, is_expert="_exps" in name)
        for name, block, n, m in named
    )
