"""Displayed text without layout: tests/ui/chat/test_plain_rows.py holds it against what is laid out."""

from __future__ import annotations

import random

import pytest

from app.render.blocks import parse_blocks, plain_blocks
from app.render.plain import blocks_in_slices, own_start, plain_of
from tests.render.samples import HUGE, MATHS, RICH
from tests.render.texts import text


def in_slices(source: str, markdown: bool = True) -> list[object]:
    return [block for blocks in blocks_in_slices(source, markdown) for block in blocks]


@pytest.mark.parametrize("name", ["RICH", "MATHS", *HUGE])
def test_slices_are_the_whole(name: str) -> None:
    source = {"RICH": RICH * 20, "MATHS": MATHS * 20, **HUGE}[name]
    assert in_slices(source) == list(parse_blocks(source))


@pytest.mark.parametrize("seed", range(10))
def test_slices_of_anything_are_the_whole(seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    source = "\n\n".join(text(rng) for _ in range(40))
    assert in_slices(source) == list(parse_blocks(source))


def test_a_question_is_not_markdown() -> None:
    source = "a *b*\n" * 2000
    assert in_slices(source, markdown=False) == list(plain_blocks(source))
    assert "".join(plain_of(block) for block in plain_blocks("a *b*\u2028c")) == "a *b*\nc"


def test_a_table_s_next_pieces_have_a_header_that_is_not_their_own() -> None:
    table = "a|b\n-|-\n" + "\n".join(f"{n} | x" for n in range(60))
    first, second = parse_blocks(table)
    assert own_start(first, plain_of(first)) == 0
    plain = plain_of(second)
    assert plain[: own_start(second, plain)] == "a\tb\n"
