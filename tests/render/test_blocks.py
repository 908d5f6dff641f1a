import pytest

from app.render.blocks import CODE_LINES, PARAGRAPH_LIMIT, TABLE_ROWS, Block, parse_blocks, plain_blocks
from tests.render.samples import HUGE, RICH


def kinds(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(b.kind, b.nest, b.markers) for b in parse_blocks(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", [("paragraph", "", ())]),
        ("# h", [("heading", "", ())]),
        ("h\n===", [("heading", "", ())]),
        ("***", [("rule", "", ())]),
        ("```\nx\n```", [("code", "", ())]),
        ("    x", [("code", "", ())]),
        ("a|b\n-|-\n1|2", [("table", "", ())]),
        ("- a\n- b", [("paragraph", "l", ("•",)), ("paragraph", "l", ("•",))]),
        ("3. a\n3. b", [("paragraph", "l", ("3.",)), ("paragraph", "l", ("4.",))]),
        ("7) a", [("paragraph", "l", ("7)",))]),
        ("- - a", [("paragraph", "ll", ("•", "•"))]),
        ("- a\n\n  b", [("paragraph", "l", ("•",)), ("paragraph", "l", ("",))]),
        ("- [ ] a\n- [x] b", [("paragraph", "l", ("todo",)), ("paragraph", "l", ("done",))]),
        ("> a\n> # b", [("paragraph", "q", ("",)), ("heading", "q", ("",))]),
        ("> - a", [("paragraph", "ql", ("", "•"))]),
        ("1. a\n   ```\n   x\n   ```", [("paragraph", "l", ("1.",)), ("code", "l", ("",))]),
        ("-\n- b", [("paragraph", "l", ("•",)), ("paragraph", "l", ("•",))]),
        ("", []),
        ("\n \n", []),
    ],
)
def test_kinds(text: str, expected: list[object]) -> None:
    assert kinds(text) == expected


def test_what_a_view_needs() -> None:
    code, table, heading = parse_blocks("```py title\nx = 1\n```\n\n|a|b|\n|:-:|-:|\n|`1`|2|\n\n### *H*\n")
    assert (code.language, code.text, code.source) == ("py", "x = 1\n", "```py title\nx = 1\n```")
    assert table.rows == (("a", "b"), ("`1`", "2"))
    assert table.aligns == ("center", "right")
    assert (heading.level, heading.text) == (3, "*H*")


def test_raw_html_and_reference_definitions_stay_text() -> None:
    assert kinds("<div onclick='x'>\nhi") == [("paragraph", "", ())]
    assert parse_blocks("[a]: http://x")[0].text == "[a]: http://x"


@pytest.mark.parametrize("text", [RICH, *HUGE.values()])
def test_sources_stand_where_start_says(text: str) -> None:
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    for block in parse_blocks(text):
        assert normal.startswith(block.source, block.start), block


@pytest.mark.parametrize("name", HUGE)
def test_no_block_is_huge(name: str) -> None:
    for block in parse_blocks(HUGE[name]):
        assert len(block.source) <= 3 * PARAGRAPH_LIMIT
        assert len(block.rows) <= TABLE_ROWS + 1
        assert block.kind != "code" or block.text.count("\n") <= CODE_LINES + 3


def test_pieces_of_a_fence_join_to_the_code() -> None:
    pieces = [b for b in parse_blocks(HUGE["fence"]) if b.kind == "code"]
    assert [b.piece for b in pieces] == list(range(len(pieces)))
    assert len(pieces) > 5
    assert "".join(b.text for b in pieces) == "".join(f"line {i}\n" for i in range(500))


def test_a_cut_line_of_code_is_whole_again_in_its_pieces() -> None:
    pieces = [b for b in parse_blocks(HUGE["fence with one endless line"]) if b.kind == "code"]
    assert "".join(b.text for b in pieces) == "z z" * 9000 + "\n"


def test_plain_text_keeps_every_character() -> None:
    text = "# no heading\n\n" + "word " * 3000 + "x" * 9000 + "\nend"
    blocks = plain_blocks(text)
    assert "".join(b.source for b in blocks) == text
    assert all(b.kind == "plain" and len(b.source) <= PARAGRAPH_LIMIT for b in blocks)
    assert [b.piece for b in blocks] == list(range(len(blocks)))
    assert plain_blocks("") == (Block("plain", ""),)
