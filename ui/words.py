"""Numbers and states as a person reads them."""

from __future__ import annotations

import re
from pathlib import Path

from app.chat.turn import Turn
from app.engine.protocol import ModelInfo

MARKS = {
    "cancelled": "Stopped",
    "length": "Ended at the token limit",
    "context_full": "The context is full: the answer ends here",
    "engine_stopped": "The engine stopped while answering; what it wrote is kept",
    "error": "Not answered",
}


def count(number: int) -> str:
    """1204 → "1,204"."""
    return f"{number:,}"


def compact(number: int) -> str:
    """Token counts for narrow places: 8192 → "8K", 1048576 → "1M", 1500 → "1.5K"."""
    for unit, size in (("M", 1024 * 1024), ("K", 1024)):
        if number >= size:
            value = number / size
            return f"{value:.0f}{unit}" if value >= 10 or value == int(value) else f"{value:.1f}{unit}"
    return str(number)


def shortened(text: str, characters: int) -> str:
    """`text`, cut with an ellipsis where it is longer."""
    return text if len(text) <= characters else f"{text[: characters - 1].rstrip()}…"


def rate(tokens_per_second: float) -> str:
    """52.31 → "52 tokens/s"; one decimal where it is slow."""
    digits = 0 if tokens_per_second >= 10 else 1
    return f"{tokens_per_second:.{digits}f} tokens/s"


_QUANTIZATION = re.compile(r"[-._]((i?q\d\w*)|bf16|f16|f32|fp16|mxfp4\w*)(-\d+-of-\d+)?$", re.IGNORECASE)


def model_label(info: ModelInfo) -> str:
    """What the model button says: the file's name, which people know it by, and the quantization."""
    name = _QUANTIZATION.sub("", Path(info.path).stem) or info.name
    return f"{name} · {info.quantization}"


def footer(turn: Turn, info: ModelInfo | None) -> str:
    """The quiet line under an answer."""
    parts = [model_label(info), turn.mode] if info is not None else [turn.mode]
    if turn.usage.generated_tokens:
        parts.append(f"{count(turn.usage.generated_tokens)} tokens")
    if turn.timings.decode_tps:
        parts.append(rate(turn.timings.decode_tps))
    if turn.timings.first_token_s:
        parts.append(f"first after {turn.timings.first_token_s:.1f} s")
    return " · ".join(parts)
