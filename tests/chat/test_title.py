"""Titles out of first exchanges, as people and models really write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.title import MOST_CHARACTERS, title_from


@pytest.mark.parametrize(
    ("question", "answer", "title"),
    [
        ("What is the capital of France?", "", "What is the capital of France?"),
        ("Hi! Can you please explain how a heat pump works?", "", "Explain how a heat pump works?"),
        ("please write a haiku about rain. It must rhyme.", "", "Write a haiku about rain"),
        ("Hello", "# Greetings in Europe\nIn Europe…", "Greetings in Europe"),
        ("hi", "Hello, how can I help you today? I can…", "Hello, how can I help you today?"),
        ("Why does this fail?\n```python\nprint(x\n```", "", "Why does this fail?"),
        ("```\ncode\n```\nWhat does it do here?", "", "What does it do here?"),
        ("Explain [this](https://example.org) in **bold** words", "", "Explain this in bold words"),
        ("日本の首都はどこですか。教えてください。", "", "日本の首都はどこですか"),
        ("2 + 2", "Four.", "Four"),
        ("ok", "", "Ok"),
        ("", "", ""),
        ("   \n ", "", ""),
    ],
)
def test_titles(question: str, answer: str, title: str) -> None:
    assert title_from(question, answer) == title


def test_a_long_question_is_cut_at_a_word() -> None:
    title = title_from("Compare the philosophical positions of the early and the late stoic school on fate")
    assert title.endswith("…")
    assert len(title) <= MOST_CHARACTERS
    assert "Compare the philosophical positions of the early and the late".startswith(title[:-1])


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_title_is_one_short_printable_line(question: str, answer: str) -> None:
    title = title_from(question, answer)
    assert len(title) <= MOST_CHARACTERS
    assert title.isprintable()
    assert title == title.strip()


def test_a_megabyte_does_not_hold_it_up() -> None:
    assert title_from("[" * 1_000_000, "*" * 1_000_000) is not None
