from __future__ import annotations

from dataclasses import replace

import pytest

from app.chat.parts import AnswerInfo
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
    info = AnswerInfo("Nemotron", "IQ4_XS", "thinking", 1204, 41.7, 0.44)
    measured = "1,204 tokens · 42 tokens/s · first after 0.4 s"
    assert words.footer(info) == f"Nemotron · IQ4_XS · thinking · {measured}"
    assert words.footer(info, edited=True).startswith("Edited · Nemotron")
    assert words.footer(AnswerInfo(tokens=1)) == "1 token"
    assert words.footer(None) == ""


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.4, "nearly done"), (12.4, "about 12 s left"), (89, "about 89 s left"), (150, "about 2 min left")],
)
def test_the_time_that_is_left(seconds: float, expected: str) -> None:
    assert words.time_left(seconds) == expected
