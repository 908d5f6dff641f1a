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
    assert words.footer(AnswerInfo(prompt_tokens=48_210, read_tokens=34)) == "read 34 of 48,210"
    assert words.footer(None) == ""


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.4, "nearly done"), (12.4, "about 12 s left"), (89, "about 89 s left"), (150, "about 2 min left")],
)
def test_the_time_that_is_left(seconds: float, expected: str) -> None:
    assert words.time_left(seconds) == expected


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Plain", "Plain"),
        ("", ""),
        (" two\nlines\t\u2028 ", "two lines"),
        ("\u202egnp.exe\u2066\u200f\x00\x1b[0m\ud800", "gnp.exe[0m"),
        ("\u202e" * 2_000_000, ""),
        ("<b>x</b>", "<b>x</b>"),
        ("a" * 1_000_000, "a" * 199 + "…"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
    ],
    ids=range(8),
)
def test_a_title_is_one_short_clean_line(title: str, shown: str) -> None:
    assert words.shown_title(title) == shown


def test_tooltips_and_long_words_stay_text() -> None:
    assert words.tip("plain") == "plain"
    assert words.tip("<b>x</b> &lt;") == "<span>&lt;b&gt;x&lt;/b&gt; &amp;lt;</span>"
    assert max(map(len, words.breakable("a" * 200 + " b").split("\u200b"))) <= 34
    assert words.breakable("short words only") == "short words only"


def test_names_of_files_break_between_their_parts() -> None:
    parts = words.breakable_name("nvidia_Nemotron-Cascade-2..x" + "a" * 40).split("\u200b")
    assert parts[:4] == ["nvidia_", "Nemotron-", "Cascade-", "2.."]
    assert "".join(parts).endswith("a" * 40)
    assert max(map(len, parts)) <= 34


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0"),
        (999, "999"),
        (1234, "1,230"),
        (12_345, "12,300"),
        (99_960, "100,000"),
        (1_000_000, "1,000,000"),
    ],
)
def test_an_estimated_count_has_three_digits(number: int, expected: str) -> None:
    assert words.about(number) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (5.2, "5 s"),
        (89, "89 s"),
        (91, "2 min"),
        (400, "7 min"),
        (5399, "90 min"),
        (5400, "1.5 h"),
        (36_000, "10.0 h"),
    ],
)
def test_how_long_something_takes(seconds: float, expected: str) -> None:
    assert words.duration(seconds) == expected


def test_what_reading_again_costs() -> None:
    assert words.read_again(12_345, 40.2) == "about 12,300 tokens again, about 40 s"
    assert words.read_again(12_345, None) == "about 12,300 tokens again"


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "less than 1 MB"), (34_000_000, "34 MB"), (1_234_567_890, "1.2 GB"), (123_400_000_000, "123.4 GB")],
)
def test_sizes_on_the_disk(number: int, expected: str) -> None:
    assert words.size(number) == expected
