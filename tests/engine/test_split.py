"""The splitter: one table of steps per rule, and thousands of chops."""

from __future__ import annotations

import pytest

from app.engine.split import Piece, Reclassify, StreamSplitter, Text
from tests.engine.streams import (
    BY_ID,
    BY_ID_TOOLS,
    BY_TEXT,
    BY_TEXT_TOOLS,
    OTHER,
    check_chops,
    every_stream,
    split,
)


def r(text: str) -> Text:
    return Text("reasoning", text)


def a(text: str) -> Text:
    return Text("answer", text)


def c(text: str) -> Text:
    return Text("tool_call", text)


Step = tuple[str, int | None, list[Piece]]


def steps(splitter: StreamSplitter, *table: Step, end: list[Piece] | None = None) -> None:
    for text, token, expected in table:
        assert list(splitter.feed(text, token)) == expected, text
    assert list(splitter.finish()) == (end or [])


def test_the_prompt_opened_the_thought() -> None:
    steps(
        StreamSplitter(BY_ID, "open"),
        ("\n", None, []),
        ("Let me", None, [r("Let me")]),
        (" see.\n", None, [r(" see.")]),
        ("</think>", 2, []),
        ("\n\n", None, []),
        ("Paris", None, [a("Paris")]),
        (".\n", None, [a(".")]),
    )


def test_the_same_without_ids() -> None:
    steps(
        StreamSplitter(BY_TEXT, "open"),
        ("see</", None, [r("see")]),
        ("think", None, []),
        (">Paris", None, [a("Paris")]),
    )


def test_what_only_looked_like_a_tag_is_text() -> None:
    steps(
        StreamSplitter(BY_TEXT, "open"),
        ("a <", None, [r("a")]),
        ("/thin", None, []),
        ("g> b", None, [r(" </thing> b")]),
        ("</thi", None, []),
        end=[r("</thi")],
    )


def test_a_closer_without_any_opener_makes_all_of_it_a_thought() -> None:
    steps(
        StreamSplitter(BY_ID, "none"),
        ("I should", None, [a("I should")]),
        ("</think>", 2, [Reclassify()]),
        ("Yes.", None, [a("Yes.")]),
        # The second one is text: the answer talks about it.
        ("</think>", 2, [a("</think>")]),
    )


def test_a_closer_at_the_very_start_is_dropped() -> None:
    steps(StreamSplitter(BY_ID, "none"), ("</think>", 2, []), ("Yes.", None, [a("Yes.")]))


def test_a_closer_after_a_closed_thought_is_text() -> None:
    steps(
        StreamSplitter(BY_ID, "closed"),
        ("The tag", None, [a("The tag")]),
        ("</think>", 2, [a("</think>")]),
        (" ends it", None, [a(" ends it")]),
    )


def test_a_closer_right_after_the_closed_thought_of_the_prompt_is_noise() -> None:
    steps(StreamSplitter(BY_ID, "closed"), ("</think>", 2, []), ("Yes.", None, [a("Yes.")]))


def test_an_opener_at_the_start_of_a_line_is_a_new_thought() -> None:
    steps(
        StreamSplitter(BY_ID, "closed"),
        ("One.\n", None, [a("One.")]),
        ("<think>", 1, []),
        ("hm", None, [r("hm")]),
        ("</think>", 2, []),
        ("Two.", None, [a("Two.")]),
    )


@pytest.mark.parametrize("start", ["See `", "```\nx\n"])
def test_an_opener_in_a_line_or_in_a_fence_is_text(start: str) -> None:
    found = split(BY_ID, "closed", [(start, None), ("<think>", 1), ("`", None)])
    assert found == [a(f"{start}<think>`")]


def test_a_fence_ends_before_the_line_of_the_opener() -> None:
    tokens = [("```\nx\n```\n", None), ("<think>", 1), ("t", None), ("</think>", 2), ("b", None)]
    assert split(BY_ID, "closed", tokens) == [a("```\nx\n```"), r("t"), a("b")]
    opened = [("```\n", None), ("<think>", 1), ("t", None)]
    assert split(BY_ID, "closed", opened) == [a("```\n<think>t")]


def test_an_opener_inside_a_thought_is_text_but_right_at_its_start_noise() -> None:
    steps(
        StreamSplitter(BY_ID, "open"),
        ("<think>", 1, []),
        ("a", None, [r("a")]),
        ("<think>", 1, [r("<think>")]),
    )


def test_a_spelled_tag_is_text_where_the_vocabulary_has_it() -> None:
    steps(StreamSplitter(BY_ID, "open"), ("</think>", None, [r("</think>")]), ("x", None, [r("x")]))


def test_a_tool_call_inside_a_thought_ends_it() -> None:
    steps(
        StreamSplitter(BY_ID_TOOLS, "open"),
        ("I call", None, [r("I call")]),
        ("<tool_call>", 3, []),
        ("f(1)", None, [c("f(1)")]),
        ("<think>", 1, [c("<think>")]),
        ("</think>", 2, [c("</think>")]),
        ("</tool_call>", 4, []),
        ("done", None, [a("done")]),
    )


def test_without_tools_a_call_is_text() -> None:
    steps(StreamSplitter(BY_ID, "closed"), ("<tool_call>", 3, [a("<tool_call>")]))
    steps(StreamSplitter(BY_TEXT, "closed"), ("<tool_call>", None, [a("<tool_call>")]))


def test_calls_by_their_text() -> None:
    found = split(BY_TEXT_TOOLS, "closed", [("a<tool_", None), ("call>f</tool_call>b</tool_call>", None)])
    assert found == [a("a"), c("f"), a("b</tool_call>")]


def test_a_reply_that_is_only_a_thought() -> None:
    steps(StreamSplitter(BY_ID, "open"), ("all of it", None, [r("all of it")]), (" <", None, [r(" <")]))
    assert split(BY_TEXT, "open", [("all of it <", None)]) == [r("all of it <")]


def test_other_tags() -> None:
    assert split(OTHER, "none", [("[THI", None), ("NK]x[/THINK]y", None)]) == [r("x"), a("y")]


def test_white_space_between_parts_is_dropped_and_inside_kept() -> None:
    assert split(BY_TEXT, "none", [("<think>\n a \n\n b \n</think>\n\n c\n\nd \n", None)]) == [
        r("a \n\n b"),
        a("c\n\nd"),
    ]
    # An indent is meaning in Markdown.
    assert split(BY_TEXT, "closed", [("\n\n    code", None)]) == [a("    code")]


def test_is_tag() -> None:
    splitter = StreamSplitter(BY_ID, "open")
    assert [splitter.is_tag(token) for token in (0, 1, 2, 3, 4, 5)] == [False, True, True, True, True, False]


def test_no_text_is_lost_or_invented() -> None:
    """But for whole tags and white space, every character comes out, in its order."""
    shortest = len("<think>")
    for tags, thought, tokens in every_stream():
        said = "".join("".join(text for text, _ in tokens).split())
        parts = split(tags, thought, tokens)
        shown = "".join("".join(part.text for part in parts if isinstance(part, Text)).split())
        rest = iter(said)
        assert all(char in rest for char in shown), (said, parts)
        assert len(said) == len(shown) or len(said) - len(shown) >= shortest, (said, parts)


def test_every_single_cut_changes_nothing() -> None:
    for tags, thought, tokens in every_stream():
        whole = split(tags, thought, tokens)
        for index, (text, token) in enumerate(tokens):
            for at in range(1, len(text) if token is None else 0):
                pieces = [*tokens[:index], (text[:at], None), (text[at:], None), *tokens[index + 1 :]]
                assert split(tags, thought, pieces) == whole, (tags, thought, pieces)


def test_ten_thousand_random_chops() -> None:
    check_chops(12_600, seed=1)
