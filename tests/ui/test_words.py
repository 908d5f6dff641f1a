from __future__ import annotations

from dataclasses import replace

import pytest

from app.chat.turn import Turn
from app.engine.protocol import Finished, Timings, Usage
from tests.ui.models import THINKER
from ui import words


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (1000, "1000"),
        (1024, "1K"),
        (1536, "1.5K"),
        (8192, "8K"),
        (131_072, "128K"),
        (1_048_576, "1M"),
    ],
)
def test_compact(number: int, text: str) -> None:
    assert words.compact(number) == text


@pytest.mark.parametrize(("speed", "text"), [(52.31, "52 tokens/s"), (3.04, "3.0 tokens/s")])
def test_rate(speed: float, text: str) -> None:
    assert words.rate(speed) == text


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("a/nvidia_Nemotron-Cascade-2-30B-A3B-IQ4_XS.gguf", "nvidia_Nemotron-Cascade-2-30B-A3B · IQ4_XS"),
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct · IQ4_XS"),
        ("big-BF16-00001-of-00002.gguf", "big · IQ4_XS"),
        ("plain.gguf", "plain · IQ4_XS"),
    ],
)
def test_the_model_is_called_by_its_file(path: str, label: str) -> None:
    assert words.model_label(replace(THINKER, path=path)) == label


def test_the_footer_tells_what_was_measured() -> None:
    turn = Turn(1, "thinking")
    timings = Timings(first_token_s=0.44, prefill_tps=100.0, decode_tps=41.7)
    turn.feed(Finished(1, "stop", Usage(generated_tokens=1204), timings))
    model, measured = words.model_label(THINKER), "1,204 tokens · 42 tokens/s · first after 0.4 s"
    assert words.footer(turn, THINKER) == f"{model} · thinking · {measured}"
