"""The size of llama.cpp's compute buffer: its graph for one step of prefill, laid out.

The graph is written down operation by operation as llama.cpp builds it, weights and caches left
out (src/llama-graph.cpp, src/models/nemotron-h.cpp, mamba-base.cpp, llama.cpp, gemma3.cpp), and
app.models.allocation finds what it needs. Architectures that are built otherwise come out near:
a sub-layer with its norm and residual, gated or not, is what nearly all of them have.

What grows with the context is the mask: n_ctx · n_ubatch · 2 B with flash attention; without it
4 B, and n_ctx · n_ubatch · heads · 4 B for the scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.models.allocation import Graph
from app.models.layout import Block, Layout

_F16, _F32, _I32, _I64 = 2, 4, 4, 8
#: The order of the matrix that values are rotated by for a quantized cache, the least for keys.
_ROTATED = 64
#: Attention without rotary positions.
_NO_ROTARY = ("nemotron_h", "jamba")


@dataclass(frozen=True)
class Step:
    """One step of prefill.

    Attributes:
        n_kv, n_kv_swa: cells of the KV cache, and of the one with the sliding window.
        n_tokens: tokens of the step (the physical batch).
        n_outputs: tokens whose logits are computed.
        cache_type: type of the KV cache.
    """

    n_kv: int
    n_kv_swa: int
    n_tokens: int
    n_outputs: int
    cache_type: str
    flash_attention: bool


def input_bytes(layout: Layout, step: Step, alignment: int) -> int:
    """Bytes of the graph's inputs, which the host holds for a GPU that computes all the rest."""
    builder = _Builder(layout, step, alignment, layout.blocks)
    return builder.graph.peak() + _F32 * layout.embedding * step.n_tokens


@lru_cache(maxsize=512)
def graph_bytes(
    layout: Layout, step: Step, alignment: int, blocks: tuple[Block, ...], *, first: bool, last: bool
) -> int:
    """Bytes of the buffer of a device that computes `blocks`.

    `first`: it looks the embeddings up, too; `last`: it makes the logits. `alignment` in bytes.
    """
    builder = _Builder(layout, step, alignment, blocks)
    builder.embed(first)
    for index, block in enumerate(blocks):
        builder.block(block, ends=last and index == len(blocks) - 1)
    if last:
        builder.logits()
    return builder.graph.peak()


@dataclass(frozen=True)
class _CacheInputs:
    """Inputs for one KV cache: where keys and values go, who sees whom, how they are rotated."""

    key_rotation: int
    value_rotation: int
    keys: int
    values: int
    mask: int


class _Builder:
    """Writes the graph down. `_residual` is the tensor that goes from block to block."""

    def __init__(self, layout: Layout, step: Step, alignment: int, blocks: Sequence[Block]) -> None:
        self.graph = Graph(alignment)
        self._layout, self._step = layout, step
        self._tokens = step.n_tokens
        self._residual = -1
        self._rest: Callable[[], None] | None = None
        leaf, n_tokens = self.graph.leaf, step.n_tokens
        self._ids = leaf(_I32 * n_tokens)
        leaf(_F32 * layout.embedding * n_tokens)
        self._rotary = not layout.architecture.startswith(_NO_ROTARY)
        self._positions = leaf(_I32 * n_tokens * (self._rotary and any(b.attention for b in blocks)))
        self._cache_inputs: dict[bool, _CacheInputs] = {}
        # In the order in which llama.cpp comes upon them: it decides where the holes are.
        for block in blocks:
            if block.attention and block.sliding not in self._cache_inputs:
                self._cache_inputs[block.sliding] = self._make_cache_inputs(block.sliding)
        self._outputs = leaf(_I32 * step.n_outputs)

    def _make_cache_inputs(self, sliding: bool) -> _CacheInputs:
        step, leaf, rotates = self._step, self.graph.leaf, self._rotates()
        widest = max(self._layout.kv_elements(block)[1] for block in self._layout.blocks)
        cells = step.n_kv_swa if sliding else step.n_kv
        return _CacheInputs(
            key_rotation=leaf(_F32 * _rotation(self._layout.key_length) ** 2 * rotates),
            value_rotation=leaf(_F32 * _ROTATED**2 * rotates),
            keys=leaf(_I64 * step.n_tokens),
            values=leaf(_I64 * step.n_tokens * (1 if step.flash_attention else widest)),
            mask=leaf(cells * step.n_tokens * (_F16 if step.flash_attention else _F32)),
        )

    def _rotates(self) -> bool:
        """Whether queries, keys and values are rotated: llama.cpp does for a quantized cache."""
        return self._step.cache_type.startswith("q") and self._layout.key_length % _ROTATED == 0

    def _rows(self, width: int, *sources: int, in_place: bool = False) -> int:
        """A result of `width` elements for each token."""
        return self.graph.node(_F32 * width * self._tokens, *sources, in_place=in_place)

    def embed(self, first: bool) -> None:
        width = self._layout.embedding
        self._residual = (
            self._rows(width, self._ids) if first else self.graph.leaf(_F32 * width * self._tokens)
        )

    def block(self, block: Block, ends: bool) -> None:
        """One repeating layer; behind the mixer of the one that `ends` only the outputs' tokens go on."""
        ends = ends and not self._layout.architecture.startswith("nemotron_h")
        if block.recurrent:
            self._mamba(ends)
        if block.attention:
            self._finish()
            self._attention(block, ends)
        if block.moe or block.dense:
            self._finish()
        if block.moe:
            self._experts()
        elif block.dense:
            self._dense(block.feed_forward)

    def logits(self) -> None:
        self._finish()
        last = self._norm(self._residual)
        if self._tokens != self._step.n_outputs:
            self._tokens = self._step.n_outputs
            last = self._rows(self._layout.embedding, last, self._outputs)
        self._rows(self._layout.vocabulary, last)

    def _finish(self) -> None:
        """Compute what a sub-layer left: llama.cpp puts its end into the graph with the next one's
        first node, before which a recurrent block has already asked for its state."""
        rest, self._rest = self._rest, None
        if rest is not None:
            rest()

    def _norm(self, source: int) -> int:
        width = self._layout.embedding
        normed = self._rows(width, source, in_place=True)
        return self._rows(width, normed, in_place=True)

    def _add(self, result: int, ends: bool = False) -> None:
        width, residual = self._layout.embedding, self._residual
        if ends:
            self._tokens = self._step.n_outputs
            result = self._rows(width, result, self._outputs)
            residual = self._rows(width, residual, self._outputs)
        self._residual = self._rows(width, result, residual, in_place=True)

    def _attention(self, block: Block, ends: bool) -> None:
        layout, graph, step = self._layout, self.graph, self._step
        inputs = self._cache_inputs[block.sliding]
        normed = self._norm(self._residual)
        head = layout.key_length_swa if block.sliding else layout.key_length
        head_v = layout.value_length_swa if block.sliding else layout.value_length
        wide, keys = head * block.heads, head * block.kv_heads
        values = head_v * block.kv_heads
        if layout.fused_qkv:
            fused = self._rows(wide + keys + values, normed)
            query, key, value = (
                self.graph.view(fused, _F32 * width * self._tokens) for width in (wide, keys, values)
            )
            query, key = self._rows(wide, query), self._rows(keys, key)
        else:
            query = self._rotated(wide, self._placed(wide, self._rows(wide, normed)), inputs.key_rotation)
            value = self._rotated(values, self._rows(values, normed), inputs.value_rotation)
            key = self._rotated(keys, self._placed(keys, self._rows(keys, normed)), inputs.key_rotation)
        if block.has_kv:
            graph.store(key, inputs.keys)
            graph.store(value, inputs.values)
        cells = step.n_kv_swa if block.sliding else step.n_kv
        if step.flash_attention:
            copies = (keys, values) if step.cache_type == "f32" else ()
            attended = self._flash(block, query, [_F16 * cells * width for width in copies])
        else:
            scores = graph.node(_F32 * cells * self._tokens * block.heads, query)
            scores = graph.node(_F32 * cells * self._tokens * block.heads, scores, inputs.mask, in_place=True)
            attended = self._rows(head_v * block.heads, scores)
            attended = self._rows(head_v * block.heads, graph.view(attended))
        self._rest = lambda: self._add(self._rows(layout.embedding, attended), ends)

    def _placed(self, width: int, rows: int) -> int:
        """With the rotary positions, where there are any."""
        if not self._rotary:
            return rows
        return self._rows(width, self.graph.view(rows), self._positions, in_place=True)

    def _rotated(self, width: int, rows: int, rotation: int) -> int:
        return self._rows(width, rotation, self.graph.view(rows)) if self._rotates() else rows

    def _flash(self, block: Block, query: int, copies: Sequence[int]) -> int:
        """`copies`: bytes of the halved copies that an F32 cache is read through."""
        graph = self.graph
        wide = (self._layout.value_length_swa if block.sliding else self._layout.value_length) * block.heads
        halved = [graph.node(n_bytes) for n_bytes in copies]
        inputs = self._cache_inputs[block.sliding]
        attended = self._rows(wide, graph.view(query), inputs.mask, *halved)
        return self._rotated(wide, attended, inputs.value_rotation)

    def _mamba(self, ends: bool) -> None:
        """Source: build_mamba2_layer in src/models/mamba-base.cpp, for one sequence."""
        shape, graph, tokens = self._layout.recurrent, self.graph, self._tokens
        inner, convolved, heads = shape.inner, shape.convolved, max(shape.heads, 1)
        kept = graph.node(_F32 * shape.conv_elements)
        self._finish()
        projected = self._rows(inner + convolved + heads, self._norm(self._residual))
        gate = graph.view(projected, _F32 * inner * tokens)
        channels = graph.view(projected, _F32 * convolved * tokens)
        times = graph.view(projected, _F32 * heads * tokens)
        window = graph.node(_F32 * convolved * (tokens + max(shape.conv_kernel - 1, 0)), kept, channels)
        graph.store(graph.view(window, _F32 * shape.conv_elements))
        mixed = self._rows(convolved, window)
        mixed = self._rows(convolved, mixed, in_place=True)
        mixed = self._rows(convolved, mixed, in_place=True)
        x, b, c = (graph.view(mixed, _F32 * width * tokens) for width in (inner, 1, 1))
        steps = self._rows(heads, times)
        steps = self._rows(heads, steps, in_place=True)
        scanned = graph.node(_F32 * (inner * tokens + shape.state_elements), x, steps, b, c)
        y = graph.view(scanned, _F32 * inner * tokens)
        graph.store(graph.view(scanned, _F32 * shape.state_elements))

        def rest() -> None:
            opened = self._rows(inner, gate)
            gated = self._rows(inner, opened, self._rows(inner, y, self._rows(inner, x), in_place=True))
            normed = self._rows(inner, graph.view(gated), in_place=True)
            normed = self._rows(inner, normed, in_place=True)
            self._add(self._rows(self._layout.embedding, normed), ends)

        self._rest = rest

    def _dense(self, width: int) -> None:
        self._add(self._feed_forward(self._norm(self._residual), width))

    def _feed_forward(self, normed: int, width: int) -> int:
        if self._layout.gated:
            gate = self._rows(width, normed)
            hidden = self._rows(width, gate, self._rows(width, normed))
        else:
            hidden = self._rows(width, self._rows(width, normed), in_place=True)
        return self._rows(self._layout.embedding, hidden)

    def _experts(self) -> None:
        """Source: build_moe_ffn in src/llama-graph.cpp."""
        layout, graph, experts = self._layout, self.graph, self._layout.experts
        width, used = layout.embedding, max(experts.used, 1)
        normed = self._norm(self._residual)
        odds = self._rows(experts.count, self._rows(experts.count, normed), in_place=True)
        shifted = self._rows(experts.count, odds) if experts.biased else odds
        ranked = self._rows(experts.count, shifted)
        chosen = graph.view(ranked, _I32 * used * self._tokens)
        weights = self._rows(used, odds, chosen)
        weights = self._rows(used, weights, self._rows(1, weights), in_place=True)
        hidden = self._rows(used * experts.feed_forward, normed, chosen)
        if layout.gated:
            gate = self._rows(used * experts.feed_forward, normed, chosen)
            hidden = self._rows(used * experts.feed_forward, gate, hidden)
        else:
            hidden = self._rows(used * experts.feed_forward, hidden, in_place=True)
        mixed = self._rows(used * width, hidden, chosen)
        mixed = self._rows(used * width, mixed, weights, in_place=True)
        # From the third on they are added in place: more of them need no more room.
        parts = [graph.view(mixed, _F32 * width * self._tokens) for _ in range(min(used, 3))]
        total = parts[0]
        for part in parts[1:]:
            total = self._rows(width, total, part, in_place=True)
        if used == 1:
            total = self._rows(width, total)
        self._rest = lambda: self._share(normed, total)

    def _share(self, normed: int, total: int) -> None:
        """Add the shared expert."""
        width = self._layout.experts.shared_feed_forward
        if width:
            shared = self._feed_forward(normed, width)
            total = self._rows(self._layout.embedding, total, shared, in_place=True)
        self._add(total)


def _rotation(head: int) -> int:
    """The order of the rotation of keys: the largest power of two from 64 on that divides the head."""
    order = _ROTATED
    while head and head % (2 * order) == 0:
        order *= 2
    return order
