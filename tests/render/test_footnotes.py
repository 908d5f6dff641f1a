"""Footnotes as blocks: where they stand, what is in them, and the same from a stream."""

import random
from itertools import pairwise

import pytest

from app.render.blocks import Block, parse_blocks
from app.render.inline import parse_inline
from app.render.stream import BlockStream
from tests.render.samples import FRAGMENTS

NOTES = """\
Some text[^1] with two[^long] notes.

[^1]: The first.
[^long]: The second,
lazy line.

    With a second paragraph.

    ```py
    x = 1
    ```

    - a list
      - in it
[^3]:- item
     - another

> [^4]: in a quote
>
>     goes on

- item

  [^5]: in a list

      goes on
[^6]:
[^7]:    ```
    code
    ```
After.
"""
PIECES = [
    "[^1]: text", "[^2]:", "[^w]:- x", "[^3]: > q", "    - y", "    more", "    ```", "[^4]: ```",
    "[^5]: 1. a", "       deep", "  [^6]: two in", "> [^7]: q", "- [^8]: l", "a[^1] b", "    > q",
    "\t[^9]: tab", "[^10]:  # h",
]  # fmt: skip


def streamed(text: str, cuts: list[int]) -> tuple[Block, ...]:
    stream = BlockStream()
    for start, end in pairwise([0, *sorted(cuts), len(text)]):
        stream.feed(text[start:end])
        stream.tail()
    stream.finish()
    return tuple(stream.closed)


def test_what_notes_are_made_of() -> None:
    found = [(b.kind, b.nest, b.markers, b.text) for b in parse_blocks(NOTES)]
    assert found == [
        ("paragraph", "", (), "Some text[^1] with two[^long] notes."),
        ("paragraph", "f", ("1",), "The first."),
        ("paragraph", "f", ("long",), "The second,\nlazy line."),
        ("paragraph", "f", ("",), "With a second paragraph."),
        ("code", "f", ("",), "x = 1\n"),
        ("paragraph", "fl", ("", "•"), "a list"),
        ("paragraph", "fll", ("", "", "•"), "in it"),
        ("paragraph", "fl", ("3", "•"), "item"),
        ("paragraph", "fl", ("", "•"), "another"),
        ("paragraph", "qf", ("", "4"), "in a quote"),
        ("paragraph", "qf", ("", ""), "goes on"),
        ("paragraph", "l", ("•",), "item"),
        ("paragraph", "lf", ("", "5"), "in a list"),
        ("paragraph", "lf", ("", ""), "goes on"),
        ("paragraph", "f", ("6",), ""),
        ("code", "f", ("7",), "code\n"),
        ("paragraph", "", (), "After."),
    ]


def test_notes_at_every_chop_and_character_by_character() -> None:
    whole = parse_blocks(NOTES)
    for cut in range(len(NOTES) + 1):
        assert streamed(NOTES, [cut]) == whole, cut
    assert streamed(NOTES, list(range(len(NOTES)))) == whole


def test_random_texts_with_notes() -> None:
    for seed in range(400):
        rnd = random.Random(seed)
        lines = [rnd.choice(PIECES if rnd.random() < 0.5 else FRAGMENTS) for _ in range(rnd.randrange(1, 12))]
        text = "\n".join([*lines, *[""] * rnd.randrange(2)])
        cuts = [rnd.randrange(len(text) + 1) for _ in range(rnd.randrange(0, 12))]
        assert streamed(text, cuts) == parse_blocks(text), f"seed {seed}: {text!r}"


@pytest.mark.parametrize(
    "text",
    [
        "[^1]: ```py\n" + "    line of code\n" * 300 + "    ```\nafter",
        "[^1]: words\n" + "    many more words of a note that is long\n" * 300,
        "[^note]: - ```\n" + "       x\n" * 200 + "\nafter",
        "> [^1]: | a | b |\n>     |---|---|\n" + ">     | 1 | 2 |\n" * 120,
    ],
)
def test_long_notes_are_cut_the_same_way(text: str) -> None:
    rnd = random.Random(3)
    whole = parse_blocks(text)
    assert len(whole) > 2
    for _ in range(3):
        assert streamed(text, [rnd.randrange(len(text) + 1) for _ in range(40)]) == whole


@pytest.mark.parametrize("text", ["[^a b]: x", "[^]: x", "[^1] : x", "    [^1]: x", "\\[^1]: x", "[1]: x"])
def test_no_notes(text: str) -> None:
    assert all("f" not in block.nest for block in parse_blocks(text))


def test_references() -> None:
    spans = parse_inline("a[^1] **b[^2^]** [^note], [^1](https://x.y) `[^1]` [^a b] \\[^1]")
    assert [(span.text, span.note) for span in spans if span.note] == [
        ("1", "1"),
        ("2", "2"),
        ("[^note]", "note"),
    ]
    assert "[^1]" in [span.text for span in spans if span.code]
