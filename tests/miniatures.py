"""Random GGUF models of a few megabytes, made by code: the real architectures in every test run.

    hybrid   nemotron_h_moe: Mamba-2, attention and mixture-of-experts blocks, as the real model
    plain    llama: full attention; with blocks of "E" a mixture of experts in each
    sliding  gemma3: sliding-window attention, with an SPM vocabulary
    recurrent  mamba2: no attention at all

All but the sliding one, and those that ask for the small vocabulary, carry the starter model's
vocabulary with four unused control tokens turned into `<think>`, `</think>`, `<tool_call>`,
`</tool_call>` (USER_DEFINED), and a chat template of the real model's shape. Files are kept below
build/ under a hash of this module.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from app.models.starter import starter_path
from tests.miniature_templates import SLIDING_TEMPLATE, TEMPLATE

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "miniatures"


@dataclass(frozen=True)
class Shape:
    """What a miniature is made of; sizes in elements."""

    kind: str
    embedding: int = 64
    heads: int = 4
    kv_heads: int = 2
    head_size: int = 16
    feed_forward: int = 128
    blocks: str = "MEM*EM*E"
    inner: int = 128
    state: int = 16
    groups: int = 2
    ssm_heads: int = 8
    experts: int = 8
    experts_used: int = 2
    window: int = 64
    context: int = 1_048_576
    short_context: int = 0
    f16: bool = False
    template: str | None = TEMPLATE
    architecture: str = ""
    small_vocabulary: bool = False
    seed: int = 1


HYBRID = Shape("hybrid")
PLAIN = Shape("plain", blocks="****", context=131_072)
SLIDING = Shape("sliding", blocks="******", context=131_072, template=SLIDING_TEMPLATE)
#: Turns positions otherwise in a context of more tokens, as Phi and MiniCPM do.
LONG_ROPE = replace(PLAIN, short_context=2048)
RECURRENT = Shape("recurrent", blocks="MMM")
#: Large enough that llama.cpp's work, not ours, is what a benchmark times.
HYBRID_BENCH = replace(
    HYBRID,
    embedding=256,
    heads=8,
    head_size=32,
    blocks="MEMEM*EMEMEM*EME",
    inner=512,
    state=64,
    ssm_heads=16,
    experts=16,
    experts_used=4,
    feed_forward=256,
    f16=True,
)


#: The real model's shape, but for the vocabulary. Far too large to build: for `header_only`.
REAL = Shape(
    "hybrid",
    embedding=2688,
    heads=32,
    kv_heads=2,
    head_size=128,
    feed_forward=1856,
    blocks="MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
    inner=4096,
    state=128,
    groups=8,
    ssm_heads=64,
    experts=128,
    experts_used=6,
    f16=True,
    small_vocabulary=True,
)


def build(shape: Shape) -> Path:
    """The path of the miniature, written if it is not there yet."""
    source = Path(__file__).read_bytes()
    key = hashlib.sha256(source + repr(shape).encode()).hexdigest()[:16]
    path = CACHE / f"{shape.kind}-{key}.gguf"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.part")
        _write(shape, partial)
        partial.rename(path)
    return path


def header_only(shape: Shape, path: Path) -> None:
    """Write a file of the length that `shape` would have, with nothing behind its header."""
    _write(shape, path, _TensorInfos)


def hybrid() -> Path:
    return build(HYBRID)


def plain() -> Path:
    return build(PLAIN)


def sliding() -> Path:
    return build(SLIDING)


class _Tensors:
    """Adds random tensors to a writer, in float32 or (matrices only) float16."""

    def __init__(self, writer: gguf.GGUFWriter, shape: Shape) -> None:
        self._writer, self._f16 = writer, shape.f16
        self._random = np.random.default_rng(shape.seed)
        self._n_bytes = 0

    def matrix(self, name: str, *dims: int, scale: float | None = None) -> None:
        """`dims` in llama.cpp's order: the first is the fastest."""
        deviation = scale if scale is not None else dims[0] ** -0.5
        data = self._random.standard_normal(dims[::-1], dtype=np.float32) * np.float32(deviation)
        self._writer.add_tensor(name, data.astype(np.float16) if self._f16 else data)

    def vector(self, name: str, *dims: int, low: float = 0.9, high: float = 1.1) -> None:
        self._writer.add_tensor(name, self._random.uniform(low, high, dims[::-1]).astype(np.float32))

    def finish(self, path: Path) -> None:
        """Write the file."""
        self._writer.write_header_to_file()
        self._writer.write_kv_data_to_file()
        self._writer.write_tensors_to_file()
        self._writer.close()


class _TensorInfos(_Tensors):
    """Adds names and shapes only."""

    def matrix(self, name: str, *dims: int, scale: float | None = None) -> None:
        self._add(name, dims, np.dtype(np.float16 if self._f16 else np.float32))

    def vector(self, name: str, *dims: int, low: float = 0.9, high: float = 1.1) -> None:
        self._add(name, dims, np.dtype(np.float32))

    def _add(self, name: str, dims: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        n_bytes = int(np.prod(dims, dtype=np.int64)) * dtype.itemsize
        self._n_bytes += -(-n_bytes // gguf.GGUF_DEFAULT_ALIGNMENT) * gguf.GGUF_DEFAULT_ALIGNMENT
        self._writer.add_tensor_info(name, dims[::-1], dtype, n_bytes)

    def finish(self, path: Path) -> None:
        self._writer.write_header_to_file()
        self._writer.write_kv_data_to_file()
        self._writer.write_ti_data_to_file()
        self._writer.close()
        with path.open("r+b") as file:
            header = file.seek(0, os.SEEK_END)
            file.truncate(
                -(-header // gguf.GGUF_DEFAULT_ALIGNMENT) * gguf.GGUF_DEFAULT_ALIGNMENT + self._n_bytes
            )


def _write(shape: Shape, path: Path, kind: type[_Tensors] = _Tensors) -> None:
    architecture, write_blocks = _KINDS[shape.kind]
    writer = gguf.GGUFWriter(path, shape.architecture or architecture)
    writer.add_name(f"Miniature {shape.kind}")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if shape.f16 else gguf.LlamaFileType.ALL_F32)
    small = shape.kind == "sliding" or shape.small_vocabulary
    vocabulary = _small_spm_vocabulary if small else _starter_vocabulary
    size = vocabulary(writer)
    if shape.template is not None:
        writer.add_chat_template(shape.template)
    for name, value in {
        "block_count": len(shape.blocks),
        "context_length": shape.context,
        "embedding_length": shape.embedding,
        "vocab_size": size,
        "attention.head_count": shape.heads,
        "attention.key_length": shape.head_size,
        "attention.value_length": shape.head_size,
    }.items():
        writer.add_uint32(f"{architecture}.{name}", value)
    writer.add_float32(f"{architecture}.attention.layer_norm_rms_epsilon", 1e-5)
    tensors = kind(writer, shape)
    tensors.matrix("token_embd.weight", shape.embedding, size, scale=1.0)
    tensors.vector("output_norm.weight", shape.embedding)
    tensors.matrix("output.weight", shape.embedding, size)
    write_blocks(writer, tensors, shape, architecture)
    tensors.finish(path)


def _hybrid_blocks(writer: gguf.GGUFWriter, tensors: _Tensors, shape: Shape, arch: str) -> None:
    shared = 2 * shape.feed_forward
    for name, value in {
        **_ssm_fields(shape),
        "expert_count": shape.experts,
        "expert_used_count": shape.experts_used,
        "expert_feed_forward_length": shape.feed_forward,
        "expert_shared_feed_forward_length": shared,
        "expert_shared_count": 1,
    }.items():
        writer.add_uint32(f"{arch}.{name}", value)
    writer.add_bool(f"{arch}.expert_weights_norm", True)
    writer.add_float32(f"{arch}.expert_weights_scale", 2.5)
    writer.add_float32(f"{arch}.attention.layer_norm_epsilon", 1e-5)
    writer.add_array(f"{arch}.attention.head_count_kv", [shape.kv_heads * (b == "*") for b in shape.blocks])
    writer.add_array(f"{arch}.feed_forward_length", [shape.feed_forward * (b == "E") for b in shape.blocks])
    for index, block in enumerate(shape.blocks):
        prefix = f"blk.{index}"
        tensors.vector(f"{prefix}.attn_norm.weight", shape.embedding)
        {"M": _mamba, "*": _attention, "E": _experts}[block](tensors, shape, prefix)


def _recurrent_blocks(writer: gguf.GGUFWriter, tensors: _Tensors, shape: Shape, arch: str) -> None:
    writer.add_uint32(f"{arch}.feed_forward_length", 0)
    for name, value in _ssm_fields(shape).items():
        writer.add_uint32(f"{arch}.{name}", value)
    for index in range(len(shape.blocks)):
        tensors.vector(f"blk.{index}.attn_norm.weight", shape.embedding)
        _mamba(tensors, shape, f"blk.{index}")


def _ssm_fields(shape: Shape) -> dict[str, int]:
    return {
        "ssm.conv_kernel": 4,
        "ssm.inner_size": shape.inner,
        "ssm.state_size": shape.state,
        "ssm.time_step_rank": shape.ssm_heads,
        "ssm.group_count": shape.groups,
    }


def _mamba(tensors: _Tensors, shape: Shape, prefix: str) -> None:
    convolved = shape.inner + 2 * shape.groups * shape.state
    projected = 2 * shape.inner + 2 * shape.groups * shape.state + shape.ssm_heads
    tensors.matrix(f"{prefix}.ssm_in.weight", shape.embedding, projected)
    tensors.vector(f"{prefix}.ssm_conv1d.weight", 4, convolved, low=-0.5, high=0.5)
    tensors.vector(f"{prefix}.ssm_conv1d.bias", convolved, low=-0.1, high=0.1)
    tensors.vector(f"{prefix}.ssm_dt.bias", shape.ssm_heads, low=-2.0, high=0.5)
    tensors.vector(f"{prefix}.ssm_a", 1, shape.ssm_heads, low=-2.0, high=-0.2)
    tensors.vector(f"{prefix}.ssm_d", 1, shape.ssm_heads)
    tensors.vector(f"{prefix}.ssm_norm.weight", shape.inner // shape.groups, shape.groups)
    tensors.matrix(f"{prefix}.ssm_out.weight", shape.inner, shape.embedding)


def _attention(tensors: _Tensors, shape: Shape, prefix: str) -> None:
    query, key = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    tensors.matrix(f"{prefix}.attn_q.weight", shape.embedding, query)
    tensors.matrix(f"{prefix}.attn_k.weight", shape.embedding, key)
    tensors.matrix(f"{prefix}.attn_v.weight", shape.embedding, key)
    tensors.matrix(f"{prefix}.attn_output.weight", query, shape.embedding)


def _experts(tensors: _Tensors, shape: Shape, prefix: str) -> None:
    width, shared = shape.feed_forward, 2 * shape.feed_forward
    tensors.vector(f"{prefix}.exp_probs_b.bias", shape.experts, low=-0.1, high=0.1)
    tensors.vector(f"{prefix}.ffn_gate_inp.weight", shape.embedding, shape.experts, low=-0.5, high=0.5)
    tensors.matrix(f"{prefix}.ffn_up_exps.weight", shape.embedding, width, shape.experts)
    tensors.matrix(f"{prefix}.ffn_down_exps.weight", width, shape.embedding, shape.experts)
    tensors.matrix(f"{prefix}.ffn_up_shexp.weight", shape.embedding, shared)
    tensors.matrix(f"{prefix}.ffn_down_shexp.weight", shared, shape.embedding)


def _transformer_blocks(writer: gguf.GGUFWriter, tensors: _Tensors, shape: Shape, arch: str) -> None:
    writer.add_uint32(f"{arch}.attention.head_count_kv", shape.kv_heads)
    writer.add_uint32(f"{arch}.feed_forward_length", shape.feed_forward)
    writer.add_uint32(f"{arch}.rope.dimension_count", shape.head_size)
    if shape.short_context:
        writer.add_string(f"{arch}.rope.scaling.type", "longrope")
        writer.add_uint32(f"{arch}.rope.scaling.original_context_length", shape.short_context)
        for name, most in (("short", 1.0), ("long", 32.0)):
            factors = np.linspace(1.0, most, shape.head_size // 2, dtype=np.float32)
            writer.add_tensor(f"rope_factors_{name}.weight", factors)
    sliding = shape.kind == "sliding"
    if "E" in shape.blocks:
        writer.add_uint32(f"{arch}.expert_count", shape.experts)
        writer.add_uint32(f"{arch}.expert_used_count", shape.experts_used)
    if sliding:
        writer.add_uint32(f"{arch}.attention.sliding_window", shape.window)
        writer.add_float32(f"{arch}.rope.freq_base", 1_000_000.0)
    for index, block in enumerate(shape.blocks):
        prefix = f"blk.{index}"
        norms = ["attn_norm", "ffn_norm", *(["post_attention_norm", "post_ffw_norm"] if sliding else [])]
        for name in norms:
            tensors.vector(f"{prefix}.{name}.weight", shape.embedding)
        if sliding:
            tensors.vector(f"{prefix}.attn_q_norm.weight", shape.head_size)
            tensors.vector(f"{prefix}.attn_k_norm.weight", shape.head_size)
        _attention(tensors, shape, prefix)
        if block == "E":
            _gated_experts(tensors, shape, prefix)
            continue
        for name in ("ffn_gate", "ffn_up"):
            tensors.matrix(f"{prefix}.{name}.weight", shape.embedding, shape.feed_forward)
        tensors.matrix(f"{prefix}.ffn_down.weight", shape.feed_forward, shape.embedding)


def _gated_experts(tensors: _Tensors, shape: Shape, prefix: str) -> None:
    width = shape.feed_forward
    tensors.vector(f"{prefix}.ffn_gate_inp.weight", shape.embedding, shape.experts, low=-0.5, high=0.5)
    for name in ("ffn_gate", "ffn_up"):
        tensors.matrix(f"{prefix}.{name}_exps.weight", shape.embedding, width, shape.experts)
    tensors.matrix(f"{prefix}.ffn_down_exps.weight", width, shape.embedding, shape.experts)


_KINDS: dict[str, tuple[str, Callable[[gguf.GGUFWriter, _Tensors, Shape, str], None]]] = {
    "hybrid": ("nemotron_h_moe", _hybrid_blocks),
    "plain": ("llama", _transformer_blocks),
    "sliding": ("gemma3", _transformer_blocks),
    "recurrent": ("mamba2", _recurrent_blocks),
}


@cache
def _starter_fields() -> tuple[list[bytes], list[int], list[bytes], str]:
    path = starter_path()
    assert path is not None, "the starter model is not installed: make setup"
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"]
    merges = fields["tokenizer.ggml.merges"]
    kinds = fields["tokenizer.ggml.token_type"]
    return (
        [bytes(tokens.parts[index]) for index in tokens.data],
        [int(kinds.parts[index][0]) for index in kinds.data],
        [bytes(merges.parts[index]) for index in merges.data],
        str(fields["tokenizer.ggml.pre"].contents()),
    )


def _starter_vocabulary(writer: gguf.GGUFWriter) -> int:
    starter_tokens, starter_kinds, merges, pre = _starter_fields()
    tokens, kinds = starter_tokens.copy(), starter_kinds.copy()
    control = [index for index, kind in enumerate(kinds) if kind == gguf.TokenType.CONTROL]
    renamed = [index for index in control if tokens[index].startswith(b"<") and b"|" not in tokens[index]][:4]
    for index, text in zip(renamed, (b"<think>", b"</think>", b"<tool_call>", b"</tool_call>"), strict=True):
        tokens[index], kinds[index] = text, gguf.TokenType.USER_DEFINED
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index(b"<|im_start|>"))
    writer.add_eos_token_id(tokens.index(b"<|im_end|>"))
    writer.add_add_bos_token(False)
    return len(tokens)


def _small_spm_vocabulary(writer: gguf.GGUFWriter) -> int:
    """Bytes, letters and some words with scores, control and user-defined tokens: SPM in small."""
    kind = gguf.TokenType
    entries: list[tuple[bytes, float, int]] = [
        (b"<unk>", 0.0, kind.UNKNOWN),
        (b"<bos>", 0.0, kind.CONTROL),
        (b"<eos>", 0.0, kind.CONTROL),
        (b"<start_of_turn>", 0.0, kind.CONTROL),
        (b"<end_of_turn>", 0.0, kind.CONTROL),
        (b"\n\n", 0.0, kind.USER_DEFINED),
        (b"<table>", 0.0, kind.USER_DEFINED),
        (b"[multimodal]", 0.0, kind.USER_DEFINED),
    ]
    entries += [(f"<0x{byte:02X}>".encode(), 0.0, kind.BYTE) for byte in range(256)]
    letters = [chr(code) for code in range(0x21, 0x7F)] + ["\u2581", "é", "ü", "中", "文"]
    words = ("the", "of", "and", "user", "model", "turn", "end", "start", "is", "capital", "Paris", "table")
    pieces = {word[:length] for word in words for length in range(2, len(word) + 1)}
    pieces |= {"\u2581" + piece for piece in (*letters, *pieces)}
    ordered = letters + sorted(pieces, key=lambda piece: (len(piece), piece))
    entries += [(text.encode(), -float(rank), kind.NORMAL) for rank, text in enumerate(ordered)]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([text for text, _, _ in entries])
    writer.add_token_scores([score for _, score, _ in entries])
    writer.add_token_types([int(sort) for _, _, sort in entries])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(True)
    writer.add_uint32("tokenizer.ggml.eot_token_id", 4)
    return len(entries)
