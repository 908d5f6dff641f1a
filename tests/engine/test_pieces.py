"""A long text in pieces has the ids of the whole, or stays whole."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.guard import ContentGuard
from app.engine.pieces import CUTS, LONG, TextCutter
from app.engine.segments import BuildCancelled, SegmentTokenizer
from app.engine.vocab import Vocabulary
from tests import miniatures
from tests.engine.plain_llama import plain_model

WORDS = (
    *("the", "river", "Runs", "to", "x1", "42", "sea.", "(yes)", "don't", "Élan", "中文", "\n", "\n\n", "  "),
    *("\t", " - ", "\r\n", "a", "I", "🙂", "\u00a0", "end\n", "Title\n\nText", "x\ny", "x\n y", "\n  "),
)


@pytest.fixture(params=["starter", "sliding"])
def tokenizer(request: pytest.FixtureRequest, starter: Path) -> Iterator[SegmentTokenizer]:
    """Of a byte-level vocabulary, and of one that puts a space before each text."""
    path = starter if request.param == "starter" else miniatures.sliding()
    with plain_model(path) as plain:
        import llama_cpp.llama_cpp as llama

        vocab = Vocabulary(llama.llama_model_get_vocab(plain.model))
        yield SegmentTokenizer(vocab, ContentGuard(vocab.specials))


def never() -> bool:
    return False


def drawn(draw: random.Random, length: int) -> str:
    parts: list[str] = []
    size = 0
    while size < length:
        parts.append(draw.choice(WORDS) + draw.choice(("", " ", " ", " ")))
        size += len(parts[-1])
    return "".join(parts)


def test_the_ids_are_those_of_the_whole(tokenizer: SegmentTokenizer) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    draw = random.Random(seed)
    for text in (drawn(draw, 3 * LONG), "word " * LONG, "one line\nand another\n" * (LONG // 8)):
        pieces = list(tokenizer._cutter.pieces(text))
        assert "".join(pieces) == text
        assert len(pieces) > 2
        assert tokenizer.tokenize([text], never).tokens == tokenizer._whole(text)
        cut_apart = tokenizer.tokenize([".", text], never).tokens
        assert cut_apart == tokenizer._whole(".") + tokenizer._continued_by(text)


def test_what_cannot_be_cut_stays_whole(tokenizer: SegmentTokenizer) -> None:
    for text in ("x" * (3 * LONG), " " * (2 * LONG), "中" * (2 * LONG)):
        assert list(tokenizer._cutter.pieces(text)) == [text]
        assert tokenizer.tokenize([text], never).tokens == tokenizer._whole(text)


def test_it_can_be_left_off_between_two_pieces(tokenizer: SegmentTokenizer) -> None:
    answers = iter([False, False, True])
    with pytest.raises(BuildCancelled):
        tokenizer.tokenize(["word " * LONG], lambda: next(answers))


def cutter(joins: str, tokens: list[str]) -> TextCutter:
    """For a tokenizer of words, each with a space before it, that takes `joins` for one token."""
    pattern = re.compile(rf"{joins}|\n| ?\S+|\s")

    def ids(text: str) -> list[int]:
        return [hash(token) for token in pattern.findall(text)]

    return TextCutter(ids, ids, lambda: tokens)


def test_a_token_over_a_cut_forbids_it() -> None:
    assert cutter("~", ["word", " word", "\n"]).cuts == list(CUTS)
    assert cutter("~", ["of the"]).cuts == [CUTS[0]]
    assert cutter("~", ["of\u2581the"]).cuts == [CUTS[0]]
    assert cutter("~", ["\nThe"]).cuts == [CUTS[1]]


def test_a_tokenizer_that_joins_words_forbids_it() -> None:
    assert cutter("\nz1", []).cuts == [CUTS[1]]


def test_short_texts_ask_for_nothing() -> None:
    def refuse() -> list[str]:
        raise AssertionError("the vocabulary was asked")

    whole = TextCutter(lambda _text: [], lambda _text: [], refuse)
    assert list(whole.pieces("word " * 1000)) == ["word " * 1000]


def test_another_beginning_soon_has_the_same_pieces(tokenizer: SegmentTokenizer) -> None:
    text = drawn(random.Random(7), 8 * LONG)
    plain = set(tokenizer._cutter.pieces(text))
    others = [piece for piece in tokenizer._cutter.pieces(f"Some other words\n{text}") if piece not in plain]
    assert len(plain) > 5
    assert len(others) <= 2
