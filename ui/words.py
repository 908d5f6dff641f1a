"""Numbers and states as a person reads them."""

from __future__ import annotations

from app.chat.parts import AnswerInfo
from app.chat.presets import model_name
from app.engine.protocol import ModelInfo

MARKS = {
    "cancelled": "Stopped",
    "length": "Ended at the token limit",
    "context_full": "The context is full: the answer ends here",
    "engine_stopped": "The engine stopped while answering; what it wrote is kept",
    "error": "Not answered",
    "interrupted": "The app was closed before this answer was finished",
    "only_thought": "The model thought but gave no answer",
    "empty": "The model gave no answer",
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


def model_label(info: ModelInfo) -> str:
    """What the model button says: the file's name and the quantization."""
    return f"{model_name(info)} · {info.quantization}"


def footer(info: AnswerInfo | None, *, edited: bool = False) -> str:
    """The quiet line under an answer."""
    parts = ["Edited"] if edited else []
    if info is not None:
        parts += [part for part in (info.model, info.quantization, info.mode) if part]
        if info.tokens:
            parts.append(f"{count(info.tokens)} token{'s' if info.tokens != 1 else ''}")
        if info.tokens_per_second:
            parts.append(rate(info.tokens_per_second))
        if info.first_token_s:
            parts.append(f"first after {info.first_token_s:.1f} s")
    return " · ".join(parts)


def time_left(seconds: float) -> str:
    """How long something still takes: "about 3 s left", "about 2 min left"."""
    if seconds < 1:
        return "nearly done"
    if seconds < 90:
        return f"about {seconds:.0f} s left"
    return f"about {seconds / 60:.0f} min left"
