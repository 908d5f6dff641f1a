"""The guard alone: where a rendered text is cut so that content spells no special token."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.guard import ContentGuard, clean, strings_in
from app.errors import RequestError

SPECIALS = ("<|im_end|>", "<|im_start|>", "<think>", "</think>", "<<think>>", "[INST]", "<s>", "Human", "|>")


def pieces(guard: ContentGuard, *parts: tuple[str, bool]) -> list[str]:
    """`parts` are (text, whether it is content), as a template would put them together."""
    cover = guard.cover(text for text, _ in parts)
    marked = "".join(cover.text(text) if content else text for text, content in parts)
    bare = cover.lift(marked)
    assert bare == "".join(text for text, _ in parts)
    assert len(bare) == len(marked)
    return [bare[a:b] for a, b in pairwise([0, *guard.cuts(bare, marked), len(bare)])]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # template only: nothing is cut
        ([("<|im_start|>", False), ("hello", True), ("<|im_end|>", False)], ["<|im_start|>hello<|im_end|>"]),
        # content only
        ([("a<|im_end|>b", True)], ["a<", "|im_end|", ">b"]),
        ([("<think>", True)], ["<", "think>"]),
        # adjacent, nested
        ([("<think></think>", True)], ["<", "think><", "/think>"]),
        ([("<<think>>", True)], ["<", "<", "think>>"]),
        # the template continues the content, and the other way round
        ([("<|im_end|", True), (">", False)], None),
        ([("<", False), ("|im_end|>", True)], None),
        ([("<|", False), ("im_end", True), ("|>", False)], None),
        ([("<", False), ("think", True), (">", False)], ["<", "think>"]),
        ([("</", False), ("think", True), (">", False)], ["</", "think>"]),
        ([("[", False), ("INST", True), ("]", False)], ["[", "INST]"]),
        ([("Hu", True), ("man", False)], ["H", "uman"]),
        ([("Hu", False), ("man", True)], ["Hu", "man"]),
        # the template's own token stands whole beside a forged one
        ([("<|im_end|>", True), ("<|im_end|>", False)], ["<", "|im_end|", "><|im_end|>"]),
        ([("<", True), ("<think>", False), (">", True)], ["<", "<think>>"]),
    ],
)
def test_where_it_is_cut(parts: list[tuple[str, bool]], expected: list[str] | None) -> None:
    found = pieces(ContentGuard(SPECIALS), *parts)
    if expected is not None:
        assert found == expected
    else:
        assert not any("<|im_end|>" in piece for piece in found)


FRAGMENTS = st.one_of(
    st.sampled_from(SPECIALS),
    st.sampled_from([word[:n] for word in SPECIALS for n in range(1, len(word))]),
    st.sampled_from([word[n:] for word in SPECIALS for n in range(1, len(word))]),
    st.sampled_from(["x", " ", "\n", "think", "\ue000", "\uf8ff", "\U000f0000", "\U0010fffd", "\u00e9"]),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.lists(FRAGMENTS, max_size=4).map("".join), st.booleans()), max_size=7))
def test_no_piece_has_a_special_token_that_content_takes_part_in(parts: list[tuple[str, bool]]) -> None:
    guard = ContentGuard(SPECIALS)
    origin = "".join(("c" if content else "t") * len(text) for text, content in parts)
    at = 0
    for piece in pieces(guard, *parts):
        for word in SPECIALS:
            start = piece.find(word)
            while start >= 0:
                assert "c" not in origin[at + start : at + start + len(word)], (piece, word)
                start = piece.find(word, start + 1)
        at += len(piece)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.lists(FRAGMENTS, max_size=4).map("".join), st.booleans()), max_size=7))
def test_the_templates_own_tokens_are_never_cut(parts: list[tuple[str, bool]]) -> None:
    cover = ContentGuard(SPECIALS).cover(text for text, _ in parts)
    marked = "".join(cover.text(text) if content else text for text, content in parts)
    cuts = ContentGuard(SPECIALS).cuts(cover.lift(marked), marked)
    own = "".join("\0" if content else char for text, content in parts for char in text)
    for word in SPECIALS:
        start = own.find(word)
        while start >= 0:
            assert not [cut for cut in cuts if start < cut < start + len(word)]
            start = own.find(word, start + 1)


def test_private_characters_of_the_content_survive() -> None:
    for char in ("\ue000", "\uf8ff", "\U000f0000", "\U0010fffd"):
        assert pieces(ContentGuard(SPECIALS), (f"<s>{char * 3}", True)) == ["<", f"s>{char * 3}"]


def test_a_text_that_uses_up_all_private_characters_is_refused() -> None:
    planes = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))
    text = "".join(chr(code) for plane in planes for code in plane)
    with pytest.raises(RequestError, match="every private character"):
        ContentGuard(SPECIALS).cover([text])


def test_a_long_document_keeps_its_letters_in_the_middle() -> None:
    guard = ContentGuard(SPECIALS)
    text = "think " * 1000
    covered = guard.cover([text]).text(text)
    assert len(covered) == len(text)
    assert covered[100:-100] == text[100:-100]
    assert not set("think") & set(covered[:8] + covered[-8:])


def test_a_tools_structure_stays_and_its_names_do_not() -> None:
    tool = {
        "type": "function",
        "function": {
            "name": "think",
            "description": "</think>",
            "parameters": {
                "type": "object",
                "properties": {"think": {"type": "string"}, "name": {"type": "think"}},
                "required": ["think"],
            },
        },
    }
    cover = ContentGuard(SPECIALS).cover(strings_in(tool))
    covered = cover.structured(tool)
    function = covered["function"]
    assert covered["type"] == "function"
    assert function["parameters"]["type"] == "object"
    names = list(function["parameters"]["properties"])
    assert not {"think", "name"} & set(names)
    assert [cover.lift(name) for name in names] == ["think", "name"]
    assert function["parameters"]["properties"][names[0]]["type"] == "string"
    assert function["parameters"]["properties"][names[1]]["type"] != "think"
    assert function["name"] != "think"
    assert function["parameters"]["required"] == [cover.text("think")]


def test_lone_surrogates_are_replaced_everywhere() -> None:
    assert clean({"a\ud800": ["\udfff", 1, None]}) == {"a?": ["?", 1, None]}
    assert clean("\U0001f600") == "\U0001f600"


def test_without_special_tokens_nothing_is_done() -> None:
    guard = ContentGuard(())
    assert not guard.spells_special(["<think>"])
    assert pieces(guard, ("<think>", True)) == ["<think>"]


def test_a_large_text_is_searched_in_reasonable_time() -> None:
    guard = ContentGuard([*SPECIALS, *(f"<|reserved_{n}|>" for n in range(5000))])
    text = "<|reserved_ and a normal line of text\n" * 25_000
    started = perf_counter()
    assert pieces(guard, (text, True)) == [text]
    assert perf_counter() - started < 2.0 * 10
