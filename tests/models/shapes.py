"""Miniatures of many shapes: hybrids, transformers with grouped, single and full heads, experts, windows."""

from __future__ import annotations

from dataclasses import replace

from tests.miniatures import HYBRID, HYBRID_BENCH, PLAIN, RECURRENT, SLIDING, Shape

_HYBRID = replace(HYBRID, small_vocabulary=True, head_size=32)
_PLAIN = replace(PLAIN, small_vocabulary=True, head_size=32)

SHAPES: dict[str, Shape] = {
    "hybrid": _HYBRID,
    "hybrid_bench": replace(HYBRID_BENCH, small_vocabulary=True),
    "many_experts": replace(
        _HYBRID, blocks="EM*EME", experts=32, experts_used=4, feed_forward=256, f16=True, kv_heads=1
    ),
    "wide_state": replace(_HYBRID, blocks="MMM*E", inner=512, state=128, groups=4, ssm_heads=16, kv_heads=4),
    "full_heads": replace(_PLAIN, blocks="***", heads=4, kv_heads=4, head_size=64, f16=True),
    "grouped_heads": replace(_PLAIN, heads=16, kv_heads=2, embedding=128, feed_forward=512),
    "one_kv_head": replace(_PLAIN, blocks="**", heads=8, kv_heads=1, head_size=128, embedding=256),
    "mixture": replace(_PLAIN, blocks="EEE", experts=8, experts_used=2, feed_forward=192),
    "sliding": replace(SLIDING, head_size=32),
    "wide_window": replace(SLIDING, head_size=64, window=1024, kv_heads=1, blocks="*" * 7),
    "recurrent": replace(RECURRENT, small_vocabulary=True, head_size=32),
    "recurrent_wide": replace(
        RECURRENT, small_vocabulary=True, head_size=32, blocks="MM", inner=256, state=64, groups=1
    ),
}
