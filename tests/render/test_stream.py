import random
from itertools import pairwise

import pytest

from app.render.blocks import Block, parse_blocks
from app.render.inline import plain_text
from app.render.stream import BlockStream
from tests.render.samples import FRAGMENTS, HUGE, MATH_FRAGMENTS, MATHS, RICH


def streamed(text: str, cuts: list[int], look: bool = True) -> tuple[Block, ...]:
    stream = BlockStream()
    for start, end in pairwise([0, *sorted(cuts), len(text)]):
        before = list(stream.closed)
        stream.feed(text[start:end])
        assert stream.closed[: len(before)] == before, "a closed block was touched"
        if look:
            stream.tail()
    stream.finish()
    assert stream.tail() == ()
    return tuple(stream.closed)


def test_every_chop_in_two() -> None:
    whole = parse_blocks(RICH)
    for cut in range(len(RICH) + 1):
        assert streamed(RICH, [cut]) == whole, cut


def test_character_by_character() -> None:
    assert streamed(RICH, list(range(len(RICH)))) == parse_blocks(RICH)


def test_a_thousand_random_chops() -> None:
    rnd = random.Random(7)
    whole = parse_blocks(RICH)
    for _ in range(1000):
        cuts = [rnd.randrange(len(RICH) + 1) for _ in range(rnd.randrange(1, 30))]
        assert streamed(RICH, cuts, look=rnd.random() < 0.3) == whole, cuts


def test_random_texts() -> None:
    rnd = random.Random(11)
    for _ in range(1500):
        text = "\n".join(rnd.choice(FRAGMENTS) for _ in range(rnd.randrange(1, 14)))
        text += "\n" if rnd.random() < 0.5 else ""
        cuts = [rnd.randrange(len(text) + 1) for _ in range(rnd.randrange(0, 12))]
        assert streamed(text, cuts) == parse_blocks(text), (text, cuts)


def test_formulas_at_every_chop_and_character_by_character() -> None:
    whole = parse_blocks(MATHS)
    assert [b.kind for b in whole].count("math") == 8
    for cut in range(len(MATHS) + 1):
        assert streamed(MATHS, [cut]) == whole, cut
    assert streamed(MATHS, list(range(len(MATHS)))) == whole


def test_random_texts_with_formulas() -> None:
    rnd = random.Random(13)
    for _ in range(800):
        lines = [
            rnd.choice(MATH_FRAGMENTS if rnd.random() < 0.6 else FRAGMENTS)
            for _ in range(rnd.randrange(1, 14))
        ]
        lines += [""] * rnd.randrange(2)
        text = "\n".join(lines)
        cuts = [rnd.randrange(len(text) + 1) for _ in range(rnd.randrange(0, 12))]
        assert streamed(text, cuts) == parse_blocks(text), (text, cuts)


@pytest.mark.parametrize(
    "text",
    [
        "words\n" * 30 + "$$\nx\n" + "y = z\n" * 150 + "$$\n",
        "\\[\n" * 450 + "x\n\\]\n\nafter",
        "- a\n" + "  \\[\n" * 130 + "lazy",
        "$$\n" + "z" * 5000 + "\n$$\n",
        "words of a line\n" * 400 + "\\[ x\n" + "more words\n" * 20 + "\nafter",
    ],
)
def test_formulas_over_their_limits_are_text(text: str) -> None:
    rnd = random.Random(5)
    whole = parse_blocks(text)
    for look in (True, False):
        cuts = [rnd.randrange(len(text) + 1) for _ in range(60)]
        assert streamed(text, cuts, look) == whole


@pytest.mark.parametrize("name", HUGE)
def test_huge_blocks_are_cut_the_same_way(name: str) -> None:
    rnd = random.Random(3)
    text = HUGE[name]
    whole = parse_blocks(text)
    for _ in range(3):
        cuts = [rnd.randrange(len(text) + 1) for _ in range(60)]
        assert streamed(text, cuts) == whole


@pytest.mark.parametrize(
    "text",
    [
        "> > ---\n>    * b\n   > 2) e\n>     * b\n",
        " -     five\n      <div>\n * b\n    ===\n     2) e\n        - tab",
        "1. a\n1. b\n\n   2. x\n   2. y\n1. c\n",
        "- ```\n  x\n  ```\n  text\n\n      code\nlazy",
    ],
)
def test_nests_that_went_wrong_once(text: str) -> None:
    assert streamed(text, list(range(len(text)))) == parse_blocks(text)


def test_the_tail_shows_what_is_open() -> None:
    stream = BlockStream()
    stream.feed("First.\n\nSecond **bo")
    assert [b.text for b in stream.closed] == ["First."]
    assert [b.text for b in stream.tail()] == ["Second **bo"]
    stream.feed("ld**\n\n```py\nx = ")
    assert [b.text for b in stream.closed] == ["First.", "Second **bold**"]
    assert [(b.kind, b.language, b.text) for b in stream.tail()] == [("code", "py", "x = ")]


def test_a_formula_is_text_until_it_closes() -> None:
    stream = BlockStream()
    stream.feed("We have\n\\[\na_1 * b_2\n+ c")
    assert [b.kind for b in stream.tail()] == ["paragraph", "paragraph"]
    assert plain_text(stream.tail()[1].text) == "\\[\na_1 * b_2\n+ c"
    assert not stream.closed
    stream.feed("\n\\]\n")
    assert [(b.kind, b.text) for b in stream.closed] == [
        ("paragraph", "We have"),
        ("math", "a_1 * b_2\n+ c"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("words\n-", "paragraph"),
        ("words\n==", "paragraph"),
        ("a | b\n--- | -", "paragraph"),
        ("words\n#", "paragraph"),
    ],
)
def test_an_undecided_line_does_not_flicker(text: str, kind: str) -> None:
    stream = BlockStream()
    stream.feed(text)
    assert [b.kind for b in stream.tail()] == [kind]


@pytest.mark.parametrize(
    ("opening", "line"),
    [
        ("", "words of a paragraph\n"),
        ("```py\n", "x = 1\n"),
        ("1. item\n\n   ```py\n", "   x = 1\n"),
        ("", "> words in a quote\n"),
        ("| a | b |\n|---|---|\n", "| 1 | 2 |\n"),
        ("", "$$ is money, and money is what this line is about\n"),
        ("words\n", "\\[ as in words of a paragraph that never ends\n"),
    ],
)
def test_what_stays_open_is_bounded(opening: str, line: str) -> None:
    """The cost of a feed depends on the open rest alone: it must not grow with the text."""
    stream = BlockStream()
    stream.feed(opening)
    widest = 0
    for _ in range(1200):
        stream.feed(line)
        widest = max(widest, sum(len(b.source) for b in stream.tail()))
    assert len(stream.closed) >= 2
    assert widest < 10_000


def test_an_endless_line_is_let_go_of() -> None:
    stream = BlockStream()
    for _ in range(3000):
        stream.feed("words without end ")
    assert len(stream.closed) >= 10
    assert sum(len(b.source) for b in stream.tail()) < 10_000


def test_finish_twice_and_a_lone_return() -> None:
    stream = BlockStream()
    stream.feed("a\r")
    stream.finish()
    stream.finish()
    assert tuple(stream.closed) == parse_blocks("a\r")
