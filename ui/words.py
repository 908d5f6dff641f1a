"""Numbers and states as a person reads them."""

from __future__ import annotations

import re
from html import escape

from app.chat.parts import AnswerInfo
from app.chat.presets import model_name
from app.engine.values import ModelInfo
from app.language import mark, ntr, tr
from app.language import number as localised

GIGABYTE = 10**9
_MEGABYTE = 10**6
_TITLE = 200  # characters
_SECONDS_UP_TO = 90
_MINUTES_UP_TO = 90
_JOINERS = "\u200c\u200d"  # parts of words and of emoji
_PARTS = re.compile(r"(?<=[-_.])(?=[^-_.])")
_LONG_WORD = re.compile(r"(\S{32})(?=\S)")

#: How an answer is made, within a sentence.
MODES = {"thinking": mark("thinking"), "instruct": mark("instruct")}
#: Marked for translation.
MARKS = {
    "cancelled": mark("Stopped"),
    "length": mark("Ended at the token limit"),
    "context_full": mark("The context is full: the answer ends here"),
    "engine_stopped": mark("The engine stopped while answering; what it wrote is kept"),
    "error": mark("Not answered"),
    "interrupted": mark("The app was closed before this answer was finished"),
    "only_thought": mark("The model thought but gave no answer"),
    "empty": mark("The model gave no answer"),
}


def count(number: int) -> str:
    """1204 → "1,204"."""
    return localised(number)


def compact(number: int) -> str:
    """Token counts for narrow places: 8192 → "8K", 1048576 → "1M", 1500 → "1.5K"."""
    for unit, size in (("M", 1024 * 1024), ("K", 1024)):
        if number >= size:
            value = number / size
            whole = value >= 10 or value == int(value)
            return f"{localised(value, '.0f' if whole else '.1f')}{unit}"
    return str(number)


def shortened(text: str, characters: int) -> str:
    """`text`, cut with an ellipsis where it is longer."""
    return text if len(text) <= characters else f"{text[: characters - 1].rstrip()}…"


def shown_line(text: str, characters: int) -> str:
    """Text from anywhere as one line: no line ends, nothing that is not seen, no direction controls."""
    # What cannot be seen may be any part of it; no more is looked at than can matter for the line.
    seen = "".join(
        one if one.isprintable() or one in _JOINERS else " " if one.isspace() else ""
        for one in text[: 4 * characters]
    )
    return shortened(" ".join(seen.split()), characters)


def shown_title(text: str) -> str:
    """A title as it may stand anywhere: one line of at most 200 characters; may be empty."""
    return shown_line(text, _TITLE)


def breakable(text: str) -> str:
    """`text` with places to break its very long words at."""
    return _LONG_WORD.sub("\\1\u200b", text)


def breakable_name(name: str) -> str:
    """A file's name with places to break it at: behind its hyphens, underscores and dots."""
    return "\u200b".join(breakable(part) for part in _PARTS.split(name))


def tip(text: str) -> str:
    """`text` as a tooltip that shows it as it is, also where it looks like HTML."""
    return f"<span>{escape(text)}</span>" if "<" in text or "&" in text else text


def tip_lines(*lines: str) -> str:
    """Lines as a tooltip that shows each as it is and breaks what is long."""
    return "".join(f"<div>{escape(line)}</div>" for line in lines)


def rate(tokens_per_second: float) -> str:
    """52.31 → "52 tokens/s", 1114.2 → "1,114 tokens/s"; one decimal where it is slow."""
    digits = 0 if tokens_per_second >= 10 else 1
    return tr("{number} tokens/s", number=localised(tokens_per_second, f",.{digits}f"))


def model_label(info: ModelInfo) -> str:
    """What the model button says: the file's name and the quantization."""
    return f"{model_name(info)} · {info.quantization}"


def footer(info: AnswerInfo | None, *, edited: bool = False) -> str:
    """The quiet line under an answer."""
    parts = [tr("Edited")] if edited else []
    if info is not None:
        mode = tr(MODES.get(info.mode, info.mode))
        parts += [part for part in (info.model, info.quantization, mode) if part]
        if info.tokens:
            parts.append(ntr("{count} token", "{count} tokens", info.tokens))
        if info.prompt_tokens:
            read, whole = count(info.read_tokens), count(info.prompt_tokens)
            parts.append(tr("read {number} of {total}", number=read, total=whole))
        if info.tokens_per_second:
            parts.append(rate(info.tokens_per_second))
        if info.first_token_s:
            parts.append(tr("first after {seconds:.1f} s", seconds=info.first_token_s))
    return " · ".join(parts)


def about(number: int) -> str:
    """An estimated count, to three digits: 12345 → "12,300"."""
    step = 10 ** max(0, len(str(number)) - 3)
    return count(round(number / step) * step)


def duration(seconds: float) -> str:
    """40.2 → "40 s", 400 → "7 min", 9000 → "2.5 h"."""
    if seconds < _SECONDS_UP_TO:
        return tr("{seconds:.0f} s", seconds=seconds)
    minutes = seconds / 60
    if minutes < _MINUTES_UP_TO:
        return tr("{minutes:.0f} min", minutes=minutes)
    return tr("{hours:.1f} h", hours=minutes / 60)


def time_left(seconds: float) -> str:
    """How long something still takes: "about 3 s left", "about 2 min left"."""
    return tr("nearly done") if seconds < 1 else tr("about {duration} left", duration=duration(seconds))


def read_again(tokens: int, seconds: float | None) -> str:
    """What reading costs: "about 12,300 tokens again, about 40 s"; no time where it is not known."""
    if seconds is None:
        return tr("about {number} tokens again", number=about(tokens))
    return tr(
        "about {number} tokens again, about {duration}", number=about(tokens), duration=duration(seconds)
    )


def size(number: int) -> str:
    """Bytes in units of ten: 1234567890 → "1.2 GB", 34000000 → "34 MB"."""
    if number >= GIGABYTE:
        return tr("{size:.1f} GB", size=number / GIGABYTE)
    if number >= _MEGABYTE:
        return tr("{size:.0f} MB", size=number / _MEGABYTE)
    return tr("less than 1 MB")


def speed(bytes_per_second: float) -> str:
    """31200000.0 → "31 MB/s"; one decimal where it is slow."""
    megabytes = bytes_per_second / _MEGABYTE
    if megabytes >= 10:
        return tr("{speed:.0f} MB/s", speed=megabytes)
    return tr("{speed:.1f} MB/s", speed=megabytes)
