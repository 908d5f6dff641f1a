"""Each example of the CommonMark specification, and GFM's own: what they show, whole and in pieces.

`make test` fetches the specifications (packaging/markdown_specs.py).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.render.blocks import Block, parse_blocks
from app.render.inline import is_safe_link, parse_inline
from app.render.stream import BlockStream
from tests.render.spec import Example, Leaf, examples, shown_blocks, shown_html


def numbers(*ranges: str) -> set[int]:
    found: set[int] = set()
    for one in " ".join(ranges).split():
        first, _, last = one.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


#: Examples of CommonMark that show something else here, by the reason.
DEVIATIONS = {
    "raw HTML is text": numbers(
        "21 31 148-156 158-191 201 308 309 344 475-477 491 494 524 536 613-617 623 625-631 642 643"
    ),
    "link reference definitions are text, or an answer's last line would change its first": numbers(
        "23 33 192-196 198 200 202-208 210 214-218 317 527-535 537-545 549 550 553-571 573 576 577",
        "582-589 591-593",
    ),
    "escaped brackets are a formula's": numbers("12"),
    "a bare address is a link, as in GFM": numbers("602 608 611 612"),
}
DIFFERENT = set().union(*DEVIATIONS.values())
KINDS = {"paragraph", "heading", "code", "table", "rule", "math"}


def ours() -> list[Example]:
    """What GFM adds; its two task lists are marked as ones that are not run."""
    added = [e for e in examples("gfm.txt") if e.extension in {"table", "strikethrough", "autolink"}]
    return added + [e for e in examples("gfm.txt") if "Task list" in e.section]


def dotted(leaves: list[Leaf]) -> list[Leaf]:
    """HTML does not tell "1)" from "1."."""
    return [replace(leaf, markers=tuple(m.replace(")", ".") for m in leaf.markers)) for leaf in leaves]


def same(example: Example) -> bool:
    return dotted(shown_blocks(parse_blocks(example.markdown))) == shown_html(example.html)


def test_all_examples_are_there() -> None:
    assert len(examples("commonmark.txt")) == 652
    assert len(ours()) == 23
    assert sum(map(len, DEVIATIONS.values())) == len(DIFFERENT) == 152


def test_blocks_show_what_the_specification_shows() -> None:
    wrong = [e.number for e in examples("commonmark.txt") if e.number not in DIFFERENT and not same(e)]
    assert not wrong


def test_each_deviation_is_one() -> None:
    assert not [e.number for e in examples("commonmark.txt") if e.number in DIFFERENT and same(e)]


def test_what_gfm_adds_shows_the_same() -> None:
    assert [e.markdown for e in ours() if not same(e)] == []


def check(blocks: tuple[Block, ...] | list[Block], text: str) -> None:
    """No block but ours, no link but a safe one, and HTML only as the text that it was."""
    for block in blocks:
        assert block.kind in KINDS
        for part in [block.text] if block.kind != "table" else [cell for row in block.rows for cell in row]:
            for span in parse_inline(part):
                assert not span.href or is_safe_link(span.href)
                assert span.text.count("<") <= text.count("<") + text.count("&") + text.count("%3C"), span


def ended(text: str, cuts: tuple[int, ...]) -> list[Block]:
    stream = BlockStream()
    for start, end in zip((0, *cuts), (*cuts, len(text)), strict=True):
        stream.feed(text[start:end])
    stream.finish()
    return stream.closed


@pytest.mark.parametrize("name", ["commonmark", "gfm"])
def test_each_example_cut_at_every_offset_ends_the_same(name: str) -> None:
    for example in examples("commonmark.txt") if name == "commonmark" else ours():
        text = example.markdown
        whole = list(parse_blocks(text))
        check(whole, text)
        for cut in range(1, len(text)):
            assert ended(text, (cut,)) == whole, (example.number, cut)


@pytest.mark.parametrize("name", ["commonmark", "gfm"])
def test_each_example_character_by_character_is_safe_at_each_step(name: str) -> None:
    for example in examples("commonmark.txt") if name == "commonmark" else ours():
        stream, text = BlockStream(), example.markdown
        for char in text:
            stream.feed(char)
            check(stream.tail(), text)
        stream.finish()
        assert tuple(stream.closed) == parse_blocks(text), example.number
