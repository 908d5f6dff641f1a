"""The shape of a model: what each of its blocks is, and the sizes that its memory follows from.

Source: load_hparams in src/llama-model.cpp and load_arch_hparams of each src/models/*.cpp of the
pinned llama.cpp. An architecture that is not listed here is read as a plain transformer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import ModelFileError
from app.language import tr
from app.models.metadata import Fields, SkippedArray
from app.models.tensors import Tensor

#: LLAMA_MAX_LAYERS and LLAMA_MAX_EXPERTS: llama.cpp aborts its process beyond them.
MOST_BLOCKS, MOST_EXPERTS = 512, 1024

_ALL_RECURRENT = {"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"}
#: Recurrent where a block has no KV heads.
_BY_HEADS = {
    "jamba", "granitehybrid", "lfm2", "lfm2moe", "plamo2", "kimi-linear", "kimi-k3", "bailingmoe3",
    "glm5-next",
}  # fmt: skip
#: Attention in every n-th block, where the file doesn't say which n.
_BY_INTERVAL = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4, "qwen4exp": 4, "minimax-01": 8}
_NEMOTRON = {"nemotron_h", "nemotron_h_moe"}
#: Sliding windows: every n-th block looks at everything, the last of the n or (True) the first.
_WINDOW_PERIODS = {
    "exaone-moe": (4, False), "gemma3n": (5, False), "exaone4": (4, False), "olmo2": (4, False),
    "plamo3": (8, False), "llama4": (4, False), "muse-glimmer": (4, False), "gpt-oss": (2, False),
    "cohere2moe": (4, True), "afmoe": (4, False), "cohere2": (4, False), "gemma3": (6, False),
    "laguna": (4, True), "mellum": (4, False), "gemma2": (2, False), "smallthinker": (4, True),
}  # fmt: skip
_WINDOW_LISTED = {"step35", "spark2_5", "granite_swa", "mimo2", "gemma4", "maple"}
#: Windows that the code fixes whatever the file says, or in place of a missing one.
_WINDOW_FIXED, _WINDOW_DEFAULT = {"llama4": 8192, "smallthinker": 4096}, {"gemma2": 4096, "exaone-moe": 128}
_GEMMA3N_OWN_KV = 20


@dataclass(frozen=True, slots=True)
class Block:
    """One repeating layer. Counts are 0 for what it doesn't have.

    Attributes:
        attention: whether it attends; `has_kv` whether it keeps a KV cache of its own for that.
        recurrent: whether it carries a recurrent state.
        sliding: whether its attention looks back only as far as the window.
        moe, dense: what its feed-forward part is; both False where it has none.
    """

    attention: bool = False
    recurrent: bool = False
    moe: bool = False
    dense: bool = False
    sliding: bool = False
    has_kv: bool = False
    heads: int = 0
    kv_heads: int = 0
    feed_forward: int = 0


@dataclass(frozen=True, slots=True)
class RecurrentShape:
    """The `ssm.*` fields, and what one recurrent block keeps for a sequence, in F32 elements."""

    conv_kernel: int = 0
    inner: int = 0
    state: int = 0
    groups: int = 0
    heads: int = 0
    conv_elements: int = 0
    state_elements: int = 0

    @property
    def convolved(self) -> int:
        """Channels that run through the convolution."""
        return self.inner + 2 * self.groups * self.state


@dataclass(frozen=True, slots=True)
class Experts:
    """The `expert_*` fields; widths in elements. `biased`: whether a bias helps to choose them."""

    count: int = 0
    used: int = 0
    feed_forward: int = 0
    shared_feed_forward: int = 0
    biased: bool = False


@dataclass(frozen=True)
class Layout:
    """The shape of a model; lengths in elements, context and window in tokens.

    Attributes:
        window: width of the sliding window, 0 without one.
        key_length, value_length: of a head; the `_swa` ones in blocks with a window.
        mla: keys only are cached (multi-head latent attention).
        gated: whether the feed-forward parts have a gate next to `up`.
        fused_qkv: whether one matrix makes query, key and value.
        prediction_blocks: blocks at the end that predict further tokens; they are not loaded.
    """

    architecture: str
    context_length: int
    embedding: int
    vocabulary: int
    blocks: tuple[Block, ...]
    key_length: int = 0
    value_length: int = 0
    key_length_swa: int = 0
    value_length_swa: int = 0
    window: int = 0
    recurrent: RecurrentShape = RecurrentShape()
    experts: Experts = Experts()
    mla: bool = False
    gated: bool = True
    fused_qkv: bool = False
    prediction_blocks: int = 0

    def kv_elements(self, block: Block) -> tuple[int, int]:
        """Elements of a token's keys and values in the cache of `block`."""
        if not block.has_kv:
            return 0, 0
        key = self.key_length_swa if block.sliding else self.key_length
        value = self.value_length_swa if block.sliding else self.value_length
        return key * block.kv_heads, 0 if self.mla else value * block.kv_heads


def read_layout(fields: Fields, tensors: Sequence[Tensor]) -> Layout:
    """The layout that metadata and tensors tell of. Raises ModelFileError for senseless fields."""
    n_blocks = fields.own("block_count", 0)
    names = {tensor.name for tensor in tensors}
    experts = _experts(fields, names)
    if not 0 < n_blocks <= MOST_BLOCKS or not experts.used <= experts.count <= MOST_EXPERTS:
        raise ModelFileError(
            tr(
                "{name} has {n_blocks} blocks and {count} experts, which cannot be run.",
                name=fields.name,
                n_blocks=n_blocks,
                count=experts.count,
            ),
            tr("Choose another model."),
        )
    embedding = fields.own("embedding_length", 0)
    heads = fields.per_block("attention.head_count", n_blocks, 0)
    head = embedding // heads[0] if heads[0] else 0
    key = fields.own("attention.key_length", head) if heads[0] else 0
    value = fields.own("attention.value_length", head) if heads[0] else 0
    return Layout(
        architecture=fields.architecture,
        context_length=fields.own("context_length", 0),
        embedding=embedding,
        vocabulary=_vocabulary(fields, tensors),
        blocks=_blocks(fields, n_blocks, heads, names),
        key_length=key,
        value_length=value,
        key_length_swa=fields.own("attention.key_length_swa", key),
        value_length_swa=fields.own("attention.value_length_swa", value),
        window=_window(fields),
        recurrent=_recurrent(fields, embedding, heads[0]),
        experts=experts,
        mla=fields.has("attention.key_length_mla"),
        gated=any(".ffn_gate" in name and ".ffn_gate_inp" not in name for name in names),
        fused_qkv=any(".attn_qkv." in name for name in names),
        prediction_blocks=min(fields.own("nextn_predict_layers", 0), n_blocks - 1),
    )


def _vocabulary(fields: Fields, tensors: Sequence[Tensor]) -> int:
    tokens = fields.values.get("tokenizer.ggml.tokens")
    if isinstance(tokens, SkippedArray) and tokens.length:
        return tokens.length
    embedding = next((tensor for tensor in tensors if tensor.name == "token_embd.weight"), None)
    return embedding.shape[1] if embedding and len(embedding.shape) > 1 else fields.own("vocab_size", 0)


def _experts(fields: Fields, names: set[str]) -> Experts:
    count = fields.own("expert_count", 0)
    if not 0 < count <= MOST_EXPERTS:
        return Experts(count)
    n_blocks = max(1, min(fields.own("block_count", 0), MOST_BLOCKS))
    feed_forward = max(fields.per_block("feed_forward_length", n_blocks, 0))
    used = max(fields.per_block("expert_used_count", n_blocks, 0))
    width = max(fields.per_block("expert_feed_forward_length", n_blocks, feed_forward))
    biased = any(".exp_probs_b." in name for name in names)
    return Experts(count, used, width, fields.own("expert_shared_feed_forward_length", 0), biased)


def _recurrent(fields: Fields, embedding: int, heads: int) -> RecurrentShape:
    """Source of the elements: n_embd_r and n_embd_s in src/llama-hparams.cpp."""
    kernel, inner = fields.own("ssm.conv_kernel", 0), fields.own("ssm.inner_size", 0)
    state, groups = fields.own("ssm.state_size", 0), fields.own("ssm.group_count", 0)
    conv, kept = max(kernel - 1, 0) * (inner + 2 * groups * state), state * inner
    wkv, short = fields.own("wkv.head_size", 0), fields.own("shortconv.l_cache", 0)
    delta = fields.own("kda.head_dim", 0)
    if wkv:
        conv, kept = fields.own("token_shift_count", 2) * embedding, embedding * wkv
    elif short:
        conv = embedding * (short - 1)
    elif delta:
        conv, kept = 3 * (kernel - 1 if kernel else 3) * heads * delta, delta * delta * heads
    return RecurrentShape(kernel, inner, state, groups, fields.own("ssm.time_step_rank", 0), conv, kept)


def _window(fields: Fields) -> int:
    architecture = fields.architecture
    window = fields.own("attention.sliding_window", _WINDOW_DEFAULT.get(architecture, 0))
    if architecture == "llama4" and not fields.has("attention.sliding_window"):
        window = _WINDOW_FIXED[architecture]
    known = (
        architecture in _WINDOW_PERIODS or architecture in _WINDOW_LISTED or architecture.startswith("lfm2")
    )
    return _WINDOW_FIXED.get(architecture, window) if window and known else 0


def _sliding(fields: Fields, n_blocks: int) -> tuple[bool, ...]:
    if not _window(fields):
        return (False,) * n_blocks
    key = "attention.sliding_window_pattern"
    listed = fields.values.get(f"{fields.architecture}.{key}")
    if isinstance(listed, tuple):
        return tuple(bool(value) for value in fields.per_block(key, n_blocks, 0))
    if fields.architecture not in _WINDOW_PERIODS:
        return (fields.architecture.startswith("lfm2"),) * n_blocks
    period, first = _WINDOW_PERIODS[fields.architecture]
    period = fields.own(key, period)
    whole = 0 if first else period - 1
    return tuple(not period or index % period != whole for index in range(n_blocks))


def _blocks(fields: Fields, n_blocks: int, heads: Sequence[int], names: set[str]) -> tuple[Block, ...]:
    kv_heads = (
        fields.per_block("attention.head_count_kv", n_blocks, 0)
        if fields.has("attention.head_count_kv")
        else heads
    )
    feed_forward = fields.per_block("feed_forward_length", n_blocks, 0)
    sliding = _sliding(fields, n_blocks)
    own_kv = _own_kv(fields, n_blocks)
    found = []
    for index in range(n_blocks):
        attention, recurrent = _mixers(fields, index, kv_heads[index], feed_forward[index])
        prefix = f"blk.{index}.ffn_"
        moe = any(f"{prefix}{kind}_exps.weight" in names for kind in ("up", "gate_up", "down"))
        moe |= f"{prefix}up.0.weight" in names
        found.append(
            Block(
                attention=attention,
                recurrent=recurrent,
                moe=moe,
                dense=not moe and f"{prefix}down.weight" in names,
                sliding=attention and sliding[index],
                has_kv=attention and index < own_kv,
                heads=heads[index] if attention else 0,
                kv_heads=kv_heads[index] if attention else 0,
                feed_forward=feed_forward[index],
            )
        )
    return tuple(found)


def _own_kv(fields: Fields, n_blocks: int) -> int:
    """The first blocks, which keep a cache of their own; appended prediction blocks don't."""
    if fields.architecture == "gemma3n":
        return _GEMMA3N_OWN_KV
    if fields.architecture == "gemma4":
        return n_blocks - fields.own("attention.shared_kv_layers", 0)
    return n_blocks - min(fields.own("nextn_predict_layers", 0), n_blocks - 1)


def _mixers(fields: Fields, index: int, kv_heads: int, feed_forward: int) -> tuple[bool, bool]:
    """Whether the block attends, and whether it is recurrent."""
    architecture = fields.architecture
    if architecture in _ALL_RECURRENT:
        return False, True
    if architecture in _NEMOTRON:
        return kv_heads > 0 and feed_forward == 0, kv_heads == 0 and feed_forward == 0
    if architecture == "falcon-h1":
        return True, True
    if architecture in _BY_HEADS:
        return kv_heads > 0, kv_heads == 0
    if architecture in _BY_INTERVAL:
        interval = fields.own("full_attention_interval", _BY_INTERVAL[architecture]) or 1
        return (index + 1) % interval == 0, (index + 1) % interval != 0
    return kv_heads > 0, False
