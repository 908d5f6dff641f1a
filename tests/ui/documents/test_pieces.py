from __future__ import annotations

import random
from itertools import pairwise

import pytest

from ui.documents.pieces import LONG, piece_at


def pieces(text: str) -> list[tuple[int, int]]:
    """All of them from the start, each found from where the one before ends."""
    found, at = list[tuple[int, int]](), 0
    while at < len(text):
        found.append(piece_at(text, at))
        at = found[-1][1]
    return found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("one\ntwo\n", ["one\n", "two\n"]),
        ("one\n\ntwo", ["one\n", "\n", "two"]),
        ("\n", ["\n"]),
        ("x", ["x"]),
        ("a" * LONG + "\nb", ["a" * LONG + "\n", "b"]),
        ("a" * (2 * LONG), ["a" * LONG, "a" * LONG]),
        ("x" * (LONG - 10) + " " + "y" * LONG, ["x" * (LONG - 10) + " ", "y" * LONG]),
    ],
)
def test_a_piece_is_a_line_and_a_long_line_is_several(text: str, wanted: list[str]) -> None:
    assert [text[a:b] for a, b in pieces(text)] == wanted


def test_an_empty_text_has_one_empty_piece() -> None:
    assert piece_at("", 0) == (0, 0)


def test_no_cut_goes_through_what_is_drawn_as_one() -> None:
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
    text = "x" * 3 + family * 3000
    for _, end in pieces(text)[:-1]:
        assert text[end] == family[0]
        assert text[end - 1] == family[-1]


@pytest.mark.parametrize("seed", range(20))
def test_every_place_knows_its_piece(seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    parts = []
    for _ in range(rng.randrange(1, 12)):
        body = rng.choice(["a", "a ", "漢", "e\u0301", "", "word " * 40])
        parts.append(body * rng.randrange(0, rng.choice([3, 500, 9000, 30000]) // max(1, len(body)) + 1))
    text = rng.choice(["", "\n"]) + "\n".join(parts) + rng.choice(["", "\n", "z"])
    found = pieces(text)
    assert all(first[1] == second[0] for first, second in pairwise(found))
    assert not text or (found[0][0], found[-1][1]) == (0, len(text))
    assert all(b - a <= 2 * LONG + 400 for a, b in found)
    for start, end in found:
        for at in {start, end - 1, rng.randrange(start, end)}:
            assert piece_at(text, at) == (start, end)
