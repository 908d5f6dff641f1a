"""A long text, taken piece by piece."""

import random

import pytest

from ui.chat.rest import Rest


@pytest.mark.parametrize("seed", range(5))
def test_the_pieces_are_the_text(seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    text = "".join(rng.choice(("word ", "\n", "漢字", "😀")) for _ in range(500))
    rest, taken = Rest(text), ""
    while rest:
        piece = rest.take(rng.randrange(1, 60))
        assert piece
        taken += piece
        assert len(rest) == len(text) - len(taken)
        assert rest.lines == text.count("\n", len(taken))
    assert taken == text
