"""A miniature for very long contexts: one attention block, and so small that reading takes no time."""

from __future__ import annotations

from dataclasses import replace

from tests import miniatures

LONG_CONTEXT = replace(
    miniatures.HYBRID,
    blocks="M*E",
    embedding=32,
    heads=2,
    kv_heads=1,
    head_size=16,
    feed_forward=32,
    inner=64,
    experts=2,
    experts_used=1,
)
N_CTX = 1_048_576
