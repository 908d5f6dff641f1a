from __future__ import annotations

import pytest

from ui.direction import clusters, has_backward, runs_backward, whole_word

FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("text", "backward"),
    [
        ("", False),
        ("plain", False),
        ("123, (!)", False),
        ("שלום", True),
        ("12. مرحبا", True),
        ("English, then שלום", False),
        ("שלום, then English", True),
        ("中文 שלום", False),
        ("👩 שלום", True),
        ("١٢٣", False),  # figures alone say nothing
    ],
)
def test_the_first_letter_says_which_way(text: str, backward: bool) -> None:
    assert runs_backward(text) == backward


def test_a_long_text_of_figures_is_not_looked_through() -> None:
    assert not runs_backward("\u00b7" * 100_000 + "שלום")


def test_some_of_it_may_run_backward() -> None:
    assert has_backward("a ש")
    assert has_backward("١٢٣")
    assert not has_backward("中文 é plain")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("abc", 3),
        ("e\u0301a", 2),
        (FAMILY, 1),
        ("🇩🇪🇫🇷", 2),
        ("👍🏽", 1),
        ("नि", 1),
        ("", 0),
        ("a" + FAMILY + "b", 3),
    ],
)
def test_what_looks_like_one_character_is_one(text: str, count: int) -> None:
    found = clusters(text)
    assert found[0] == 0
    assert found[-1] == len(text)
    assert len(found) - 1 == count


@pytest.mark.parametrize(
    ("text", "start", "end", "word"),
    [
        ("cafe\u0301 au lait", 0, 4, "cafe\u0301"),
        ("हिन्दी में", 0, 1, "हिन्दी"),
        ("हिन्दी में", 2, 3, "हिन्दी"),
        ("plain text", 0, 5, "plain"),
        ("می\u200cخواهم", 0, 2, "می\u200cخواهم"),
        ("x " + FAMILY, 2, 3, FAMILY),
    ],
)
def test_a_word_keeps_what_is_written_over_its_letters(text: str, start: int, end: int, word: str) -> None:
    first, last = whole_word(text, start, end)
    assert text[first:last] == word
