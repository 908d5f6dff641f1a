"""Words are found whatever their case and accents, and no text is left out that has them."""

from __future__ import annotations

import random
import unicodedata

import pytest

from app.render.blocks import parse_blocks
from app.render.plain import plain_of
from app.render.search import Wanted, fold
from tests.render.texts import WORDS, text


@pytest.mark.parametrize("one", [*WORDS, "İstanbul", "ΟΔΟΣ", "Straße", "ﷺ", "", "Ǆ", "한글", "각"])
def test_folding_keeps_offsets(one: str) -> None:
    assert len(fold(one)) == len(one)
    assert fold(one) == "".join(fold(char) for char in one)


@pytest.mark.parametrize(
    ("wanted", "plain", "found"),
    [
        (Wanted("one"), "One two ONE bone", [(0, 3), (8, 11), (13, 16)]),
        (Wanted("One", case=True), "One two ONE bone", [(0, 3)]),
        (Wanted("one", words=True), "One, two ONE bone one_", [(0, 3), (9, 12)]),
        (Wanted("ete"), "été e\u0301te\u0301 Été", [(0, 3), (4, 9), (10, 13)]),
        (Wanted("été"), "ete e\u0301te\u0301", [(0, 3), (4, 9)]),
        (Wanted("a b"), "a\nb a\tb a\u00a0b a  b", [(0, 3), (4, 7), (8, 11)]),
        (Wanted("a b", case=True), "a\nb A b", [(0, 3)]),
        (Wanted("aa"), "aaaa", [(0, 2), (2, 4)]),
        (Wanted("(x)*"), "f(x)* (X)*", [(1, 5), (6, 10)]),
        (Wanted("漢"), "漢字と漢", [(0, 1), (3, 4)]),
        (Wanted("🎉"), "a🎉b", [(1, 2)]),
        (Wanted(""), "a", []),
        (Wanted("->", words=True), "a -> b", [(2, 4)]),
    ],
)
def test_what_is_found(wanted: Wanted, plain: str, found: list[tuple[int, int]]) -> None:
    assert wanted.find(plain) == found


def test_nothing_is_nothing() -> None:
    assert not Wanted("")
    assert Wanted("x")
    assert len(Wanted("x" * 10_000).find("x" * 1000)) == 2


@pytest.mark.parametrize("seed", range(40))
def test_no_text_with_a_match_is_left_out(seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    source = text(rng)
    for block in parse_blocks(source):
        plain = plain_of(block)
        for _ in range(5):
            start = rng.randrange(len(plain) + 1)
            query = plain[start : start + rng.randrange(1, 12)]
            for wanted in (Wanted(query), Wanted(query.upper()), Wanted(query, case=True)):
                if wanted.find(plain):
                    assert wanted.maybe(source), (query, source)


@pytest.mark.parametrize("seed", range(10))
def test_a_longer_query_narrows(seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    for _ in range(50):
        plain = unicodedata.normalize(rng.choice(("NFC", "NFD")), text(rng))
        query = "".join(rng.choice("aeéoE xü") for _ in range(rng.randrange(1, 4)))
        longer = query + rng.choice("aeé ")
        assert Wanted(longer).narrows(Wanted(query))
        if Wanted(longer).find(plain):
            assert Wanted(query).find(plain)
    assert not Wanted("ab").narrows(Wanted("a", words=True))
    assert not Wanted("ab", case=True).narrows(Wanted("a"))
    assert not Wanted("Ab", case=True).narrows(Wanted("a", case=True))
    assert not Wanted("ab").narrows(Wanted(""))
