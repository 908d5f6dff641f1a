"""Blocks as plain text to paste."""

from __future__ import annotations

import random

import pytest

from app.render.blocks import parse_blocks
from app.render.plain import own_start, plain_of
from app.render.written import written
from tests.render.texts import text


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("# A *title*", ["A title"]),
        ("Some **bold** and `code` with [a link](https://example.org).", ["Some bold and code with a link."]),
        ("- one\n  two\n- three", ["• one\n  two", "• three"]),
        ("3. three\n   - deep\n\n     more", ["3. three", "  • deep", "    more"]),
        ("- [ ] to do\n- [x] done", ["☐ to do", "☑ done"]),
        ("> a quote", ["a quote"]),
        ("- ```py\n  x = 1\n  ```", ["x = 1"]),
        ("| a | b |\n|---|---|\n| *c* | $d$ |", ["a\tb\nc\td"]),
        ("So $x^2$ and \\(y\\).", ["So x^2 and y."]),
        ("$$\n\\frac{1}{2}\n$$", ["\\frac{1}{2}"]),
        ("---", [""]),
    ],
)
def test_it_reads_as_it_is_displayed(source: str, lines: list[str]) -> None:
    assert [written(block) for block in parse_blocks(source)] == lines


@pytest.mark.parametrize(
    ("source", "start", "end", "part"),
    [
        ("- one two", 4, 99, "two"),
        ("- one two", 0, 3, "• one"),
        ("So $x^2$ and", 0, 5, "So $x"),
        ("So $x^2$ and", 0, 8, "So x^2"),
        ("| a | b |\n|---|---|\n| c | d |", 2, 5, "b\nc"),
        ("| a | b |\n|---|---|\n| c | d |", 2, 6, "b\nc\t"),
        ("```\nabc\n```", 1, 2, "b"),
        ("$$\nx\n$$", 0, 4, "$$\nx"),
    ],
)
def test_a_part_of_a_block(source: str, start: int, end: int, part: str) -> None:
    (block,) = parse_blocks(source)
    assert written(block, False, start, end) == part


@pytest.mark.parametrize("seed", range(20))
def test_parts_that_meet_are_the_whole(seed: int) -> None:
    """Where nothing stands before the text, no formula is cut and nothing is hidden."""
    print("seed", seed)
    rng = random.Random(seed)
    for block in parse_blocks(text(rng)):
        plain = plain_of(block)
        if block.nest or any(mark in plain for mark in ("$", "\\(", "‹U+")):
            continue
        cut = rng.randrange(own_start(block, plain), len(plain) + 1)
        assert written(block, False, 0, cut) + written(block, False, cut) == written(block) == plain


def test_a_table_s_next_piece_does_not_repeat_the_header() -> None:
    rows = "\n".join(f"{n} | x" for n in range(60))
    first, second = parse_blocks(f"a|b\n-|-\n{rows}")
    assert written(first).startswith("a\tb\n0\tx\n")
    assert written(second).startswith("40\tx\n")
