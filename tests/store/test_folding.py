"""What counts as the same word."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.folding import fold, indexed, origins, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello, WORLD_2", ["hello", "world", "2"]),
        ("Ärger über Straße", ["arger", "uber", "strasse"]),
        ("Cafe\u0301 café CAFÉ", ["cafe", "cafe", "cafe"]),
        ("Ελλάδα Ёлка İstanbul", ["ελλαδα", "елка", "istanbul"]),
        ("ｆｕｌｌ ﬁne x²", ["full", "fine", "x2"]),
        ("שָׁלוֹם", ["שלום"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("漢字とkana", ["漢", "字", "と", "kana"]),
        ("ガ か\u3099", [unicodedata.normalize("NFD", "ガ"), unicodedata.normalize("NFD", "が")]),
        ("한글", [unicodedata.normalize("NFD", one) for one in "한글"]),
        ("\U00020000\U00020001", ["\U00020000", "\U00020001"]),
        ("a\u2028b — c\x00d\u00a0e 👍 f", ["a", "b", "c", "d", "e", "f"]),
        ("+-*/", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert [word.text for word in words(fold(text))] == found
    if not text.isascii():
        assert indexed(text).split(" ") == (found or [""])


@given(st.text())
def test_composed_and_decomposed_are_the_same(text: str) -> None:
    composed = [word.text for word in words(fold(unicodedata.normalize("NFKC", text)))]
    decomposed = [word.text for word in words(fold(unicodedata.normalize("NFKD", text)))]
    assert [sorted(word) for word in composed] == [sorted(word) for word in decomposed]


@given(st.text())
def test_every_word_leads_back_to_the_text(text: str) -> None:
    places = origins(text) or list(range(len(text) + 1))
    folded = fold(text)
    assert len(places) == len(folded) + 1
    assert folded.count("\n") == text.count("\n")
    for word in words(folded):
        piece = text[places[word.start] : places[word.end - 1] + 1]
        assert word.text in fold(piece)
