"""Texts tokenized segment by segment: the ids are those of the whole, and each is made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.guard import ContentGuard
from app.engine.segments import BuildCancelled, IdMemo, SegmentTokenizer
from app.engine.vocab import Vocabulary
from tests import miniatures
from tests.engine.plain_llama import plain_model

SPECIALS = ("<a>", "<<a>>", "a><b", "<b>", "<left>", "<right>", " x ", "\n<n>", "<s>")
#: What real vocabularies have and do not tell: runs of white space, single characters.
UNTOLD = ("\n\n", "\t\t\t", "\u2581")


def _never() -> bool:
    return False


class Strict:
    """Matches special tokens as llama.cpp's tokenizer_st_partition does, attributes included.

    Two letters or one are a token, so that an id tells what it was tokenized with.
    """

    adds_bos, bos, bos_text, eos_text = False, -1, "", ""

    def __init__(self, *, space: bool = False) -> None:
        self._space = space
        self._words = sorted((*SPECIALS, *UNTOLD), key=lambda word: -len(word.encode()))
        self.specials = {word: -1 - index for index, word in enumerate(self._words) if word in SPECIALS}
        self._pieces: list[str] = []
        self.asked: list[str] = []

    def tokenize(self, text: str, *, add_special: bool = False, parse_special: bool = False) -> list[int]:
        self.asked.append(text)
        parts: list[str | int] = [text] if text else []
        for index, word in enumerate(self._words):
            parts = [piece for part in parts for piece in self._partition(part, word, -1 - index)]
        tokens: list[int] = []
        fresh = True
        for part in parts:
            tokens += (
                [part] if isinstance(part, int) else self._ids((" " if fresh and self._space else "") + part)
            )
            fresh = isinstance(part, int)
        return tokens

    def piece(self, token: int) -> bytes:
        return self._pieces[token].encode() if token >= 0 else b""

    def texts(self) -> list[str]:
        return [*self._words, *self._pieces]

    def _partition(self, part: str | int, word: str, token: int) -> list[str | int]:
        if isinstance(part, int):
            return [part]
        found: list[str | int] = []
        for index, piece in enumerate(part.split(word)):
            text = piece
            if index:
                found.append(token)
                text = text.lstrip() if word == "<right>" else text
            if index < part.count(word):
                text = text.rstrip() if word == "<left>" else text
            found.append(text)
        return [piece for piece in found if piece != ""]

    def _ids(self, text: str) -> list[int]:
        pieces = [text[at : at + 2] for at in range(0, len(text), 2)]
        self._pieces += [piece for piece in dict.fromkeys(pieces) if piece not in self._pieces]
        return [self._pieces.index(piece) for piece in pieces]


def segments_of(vocab: Strict | Vocabulary, capacity: int = 10_000) -> SegmentTokenizer:
    return SegmentTokenizer(vocab, ContentGuard(vocab.specials), IdMemo(capacity))


FRAGMENTS = st.sampled_from([*SPECIALS, *UNTOLD, "<", ">", "a", "b", " ", "\n", "\t", "word ", "<a", "><"])


@pytest.mark.parametrize("space", [False, True])
@given(text=st.lists(FRAGMENTS, max_size=12).map("".join))
def test_the_ids_are_those_of_the_whole_text(space: bool, text: str) -> None:
    vocab = Strict(space=space)
    found = segments_of(vocab).tokenize([text], _never)
    assert found.tokens == vocab.tokenize(text, parse_special=True)
    assert found.ends == [len(found.tokens)]
    assert all(found.tokens[position] == vocab.specials[word] for position, word in found.specials)


def test_where_a_text_is_split() -> None:
    def split(text: str) -> list[str]:
        return [piece for piece, _ in segments_of(Strict()).split(text)]

    assert split("one<s>two<s><s>") == ["one", "<s>", "two", "<s>", "<s>"]
    assert split("x<<a>>y") == ["x", "<<a>>", "y"]
    assert split("x<a>y") == ["x<a>y"]  # "<" and ">" beside it would make another token of it
    assert split("<a><b>") == ["<a><b>"]  # overlap
    assert split("x <left> <right> y") == ["x <left> <right> y"]  # they take white space away
    assert split("x\n<n>y x z") == ["x\n<n>y x z"]  # they are white space themselves


@pytest.mark.parametrize("name", ["starter", "hybrid", "sliding"])
def test_what_is_known_is_not_tokenized_again(name: str, starter: Path) -> None:
    path = {"starter": starter, "hybrid": miniatures.hybrid(), "sliding": miniatures.sliding()}[name]
    with plain_model(path, vocab_only=True) as model:
        vocab = Vocabulary(model.vocab)
        end = "<end_of_turn>" if name == "sliding" else "<|im_end|>"
        document = "The capital of France is Paris.\n" * 400
        segments = segments_of(vocab, 1 << 20)
        first = segments.tokenize([f"{document}{end}one"], _never).tokens
        assert first == model.tokenize(f"{document}{end}one")
        asked: list[str] = []
        real = vocab.tokenize
        vocab.tokenize = lambda text, **more: asked.append(text) or real(text, **more)  # type: ignore[func-returns-value,method-assign]
        again = segments.tokenize([f"{document}{end}two{end}one"], _never).tokens
        assert again == model.tokenize(f"{document}{end}two{end}one")
        assert asked == ["two"]


def test_text_behind_other_text_is_not_text_behind_a_special_token() -> None:
    vocab = Strict(space=True)
    segments = segments_of(vocab)
    found = segments.tokenize(["ab", "ab", "<s>ab"], _never)
    assert found.ends == [2, 3, 6]
    spelled = [vocab.piece(token) for token in found.tokens]
    assert spelled == [b" a", b"b", b"ab", b"", b" a", b"b"]
    assert segments.tokenize(["ab"], _never, continued=True).tokens == found.tokens[2:3]


def test_the_oldest_is_forgotten_first() -> None:
    memo = IdMemo(capacity=1_000)
    for text in ("one", "two", "three"):
        memo.put(text, [1] * 5, continued=False)
    assert memo.get("one", continued=False) is not None
    memo.put("four", [1] * 5, continued=False)
    assert memo.get("two", continued=False) is None
    assert memo.get("one", continued=False) is not None
    memo.put("one", [1, 2], continued=False)
    assert list(memo.get("one", continued=False) or ()) == [1, 2]
    assert memo.get("one", continued=True) is None
    assert memo.size <= 1_000
    memo.put("long", [1] * 1_000, continued=False)
    assert memo.size == 0


def test_it_can_be_cancelled_between_segments() -> None:
    vocab = Strict()
    segments = segments_of(vocab)
    answers = iter([False, False, True])
    with pytest.raises(BuildCancelled):
        segments.tokenize(["first<s>second"], lambda: next(answers))
    assert "first" in vocab.asked
    assert "second" not in vocab.asked


# ---- ids that were generated ---------------------------------------------------------------


def generated(vocab: Strict, *pieces: str) -> list[int]:
    """Ids of pieces as no tokenizer would have cut them."""
    return [token for piece in pieces for token in vocab._ids(piece)]


@pytest.mark.parametrize("space", [False, True])
def test_ids_of_an_answer_are_used_again(space: bool) -> None:
    vocab = Strict(space=space)
    segments = segments_of(vocab)
    prompt = segments.tokenize(["<s>user\nQ<b>\n<s>model\n"], _never).tokens
    answer = generated(vocab, "y", "es", "!")
    segments.remember([*prompt, *answer], len(prompt))
    again = segments.tokenize(["<s>user\nQ<b>\n<s>model\nyes!<b>\n<s>user\n"], _never).tokens
    assert again[: len(prompt) + 3] == [*prompt, *answer]
    assert vocab.tokenize("model\nyes!") != again[len(prompt) - 1 : len(prompt) + 3]
    # Another text is another text.
    other = segments.tokenize(["<s>model\nyes!!<b>"], _never).tokens
    assert other == vocab.tokenize("<s>model\nyes!!<b>")


def test_an_answer_that_goes_on_keeps_its_ids() -> None:
    vocab = Strict()
    segments = segments_of(vocab)
    prompt = segments.tokenize(["<s>model\n"], _never).tokens
    answer = generated(vocab, "y", "es")
    plain = segments.appended(prompt, ["yes"])
    assert plain == [*prompt, *vocab.tokenize("yes")]
    segments.remember([*prompt, *answer], len(prompt))
    assert segments.appended(prompt, ["yes"]) == [*prompt, *answer]
    assert segments.appended(prompt, ["yes<b>no", "<", "a>"]) == [
        *prompt,
        *answer,
        *vocab.tokenize("<b>no"),
        *vocab.tokenize("<"),
        *vocab.tokenize("a>"),
    ]
    assert segments.appended(prompt, ["<b>yes"]) == [*prompt, *vocab.tokenize("<b>yes")]


def test_what_does_not_spell_the_text_is_not_remembered() -> None:
    vocab = Strict()
    segments = segments_of(vocab)
    unseen = -1 - vocab._words.index("\n\n")  # of no text, and not told
    for run in ([*generated(vocab, "ye"), unseen, *generated(vocab, "s")], generated(vocab, "<", "a>")):
        segments.remember(run)
    assert segments.tokenize(["yes"], _never).tokens == vocab.tokenize("yes")
    assert segments.tokenize(["<a>"], _never).tokens == [vocab.specials["<a>"]]
    spaced = segments_of(Strict(space=True))
    assert not spaced._text_of(generated(spaced._vocab, "ab"))  # type: ignore[arg-type]


def test_a_vocabulary_that_changes_text_remembers_nothing() -> None:
    class Folding(Strict):
        def _ids(self, text: str) -> list[int]:
            return super()._ids(text.lower())

    vocab = Folding()
    segments = segments_of(vocab)
    segments.remember(Strict._ids(vocab, "YES"))
    assert segments.tokenize(["YES"], _never).tokens == vocab.tokenize("YES")
