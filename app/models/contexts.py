"""How long a context can be: what a model allows, and the stops of the slider. In tokens."""

from __future__ import annotations

import re

from app.models.layout import Layout

LEAST, MOST = 4096, 1_048_576
#: 4K, 8K, … 1M.
STOPS = tuple(LEAST << power for power in range(9))
#: Architectures that know no position, rotary or learned: LLAMA_ROPE_TYPE_NONE of llama_model_rope_type
#: in src/llama-model.cpp, less those with learned positions or a bias by distance.
_POSITION_FREE = frozenset(
    ("mamba", "mamba2", "jamba", "nemotron_h", "nemotron_h_moe", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7")
)


def is_position_free(architecture: str) -> bool:
    """Whether a model of this kind works at lengths that it doesn't declare."""
    return architecture in _POSITION_FREE


def longest(layout: Layout) -> int:
    """The longest context that makes sense for a model, whatever the memory.

    Without rotary embedding that is `MOST`, else what the file declares.
    """
    declared = layout.context_length or LEAST
    return MOST if is_position_free(layout.architecture) else min(max(declared, 256), MOST)


def stops_up_to(most: int) -> tuple[int, ...]:
    """The stops of a slider that ends at `most`, rising; `most` is the last."""
    return (*(stop for stop in STOPS if stop < most), most)


_UNITS = {"": 1, "k": 1024, "m": 1024 * 1024}
_TYPED = re.compile(r"(\d[\d.,_' \u00a0\u202f]*?)\s*([km]?)(?:\s*tokens?)?", re.IGNORECASE)


def typed_tokens(text: str) -> int | None:
    """What a person means by "262144", "262,144", "256K" or "1.5M"; None for anything else."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return None
    number, unit = found.group(1), found.group(2).lower()
    if unit:
        try:
            tokens = float(number.replace(",", ".")) * _UNITS[unit]
        except ValueError:
            return None
        return round(tokens) if tokens < MOST * 1024 else None
    digits = "".join(char for char in number if char.isdecimal())
    return int(digits) if digits.isascii() and len(digits) <= 12 else None
