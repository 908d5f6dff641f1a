"""Token ids of texts, segment by segment, each tokenized once.

A text is split at its special tokens. llama.cpp splits there first, too, and tokenizes what
stands between by itself, so the ids are those of the whole text; a special token that takes
white space beside it away, or overlaps another, is no edge. Ids of segments are kept, by their
text: that of a prompt when it is tokenized, that of an answer when it was generated.

Runs in the engine's child process, on one thread for each tokenizer; the ids kept are shared. No
llama.cpp in here.
"""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from app.engine.guard import ContentGuard
from app.engine.pieces import TextCutter

#: Of ids kept: those of 16 million tokens.
CAPACITY_BYTES = 64 * 1024 * 1024
#: Of an entry beside its ids: key, array and dictionary.
_OVERHEAD_BYTES = 300

#: What may stand around a special token; at an edge none of it is changed by its being split.
_NEIGHBOURS = (
    ("a ", " b"),
    ("a\n", "\nb"),
    (" \n\t", "\t\n x"),
    ("x", "x"),
    ("<", ">"),
    ("", " "),
    ("\r\n", ""),
)
#: Spelled again by its own tokens where a vocabulary keeps text as it is.
_SAMPLE = "A\u00e9 \u4e2d  \ufb01\tB  c\r\n"
#: What single-character and white-space special tokens, which are not told, are made of.
_BLANK = " \t\r\n\u2581"


class Tokenizer(Protocol):
    """What a prompt needs of a vocabulary (app.engine.vocab.Vocabulary has it)."""

    adds_bos: bool
    bos: int

    @property
    def bos_text(self) -> str: ...
    @property
    def eos_text(self) -> str: ...
    @property
    def specials(self) -> dict[str, int]: ...
    def tokenize(self, text: str, *, add_special: bool = ..., parse_special: bool = ...) -> list[int]: ...
    def piece(self, token: int) -> bytes: ...
    def texts(self) -> Iterable[str]: ...


class BuildCancelled(Exception):  # noqa: N818 - not an error, an outcome
    """Tokenizing was cancelled between two segments."""


@dataclass
class Tokenized:
    """Ids of pieces of text.

    Attributes:
        specials: (position, text) of the special tokens that the text was split at.
        ends: position behind each piece.
    """

    tokens: list[int] = field(default_factory=list)
    specials: list[tuple[int, str]] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)


class IdMemo:
    """Ids by text, the least recently used dropped beyond `capacity` bytes. Any thread."""

    def __init__(self, capacity: int = CAPACITY_BYTES) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[tuple[bool, int, bytes], array[int]] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0

    def get(self, text: str, *, continued: bool) -> array[int] | None:
        """Ids of `text`, or None. `continued`: of `text` behind other text, not behind a special token."""
        key = _key(text, continued)
        with self._lock:
            ids = self._entries.get(key)
            if ids is not None:
                self._entries.move_to_end(key)
            return ids

    def put(self, text: str, ids: Sequence[int], *, continued: bool) -> None:
        """Keep `ids`, in place of what was kept for `text` before."""
        key, kept = _key(text, continued), array("i", ids)
        with self._lock:
            self._drop(key)
            self._keep(key, kept)

    def add(self, text: str, ids: Sequence[int], *, continued: bool) -> array[int]:
        """Keep `ids` where nothing is kept for `text`: meanwhile an answer may have been remembered."""
        key, kept = _key(text, continued), array("i", ids)
        with self._lock:
            if key not in self._entries:
                self._keep(key, kept)
            return self._entries.get(key, kept)

    def _keep(self, key: tuple[bool, int, bytes], ids: array[int]) -> None:
        self._entries[key] = ids
        self.size += _cost(ids)
        while self.size > self._capacity:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: tuple[bool, int, bytes]) -> None:
        old = self._entries.pop(key, None)
        if old is not None:
            self.size -= _cost(old)


class SegmentTokenizer:
    """Tokenizes for one vocabulary."""

    def __init__(self, vocab: Tokenizer, guard: ContentGuard, memo: IdMemo | None = None) -> None:
        self._vocab, self._guard = vocab, guard
        self.memo = IdMemo() if memo is None else memo
        self._edges: dict[str, bool] = {}
        self._special_ids = frozenset(vocab.specials.values())
        self.prefixes_space = self._spelled(vocab.tokenize("x")).startswith(b" ")
        spelled = self._spelled(vocab.tokenize(_SAMPLE))
        self._keeps_text = spelled == (" " * self.prefixes_space + _SAMPLE).encode()
        self._cutter = TextCutter(self._whole, self._continued_by, vocab.texts)

    def tokenize(
        self, pieces: Sequence[str], cancelled: Callable[[], bool], *, continued: bool = False
    ) -> Tokenized:
        """Ids of `pieces`, which are cut apart: no token spans two of them.

        Args:
            continued: the first piece, too, stands behind other text.

        Raises:
            BuildCancelled: `cancelled`, asked between segments, said so.
        """
        found = Tokenized()
        for index, piece in enumerate(pieces):
            behind = self.prefixes_space and (continued or index > 0)
            for text, special in self.split(piece):
                if cancelled():
                    raise BuildCancelled
                if special:
                    found.specials.append((len(found.tokens), text))
                found.tokens += self._ids(text, behind and not special, cancelled)
                behind = False
            found.ends.append(len(found.tokens))
        return found

    def split(self, piece: str) -> Iterator[tuple[str, bool]]:
        """The segments of `piece`, and whether each is a special token."""
        at = 0
        for start, end in self._isolated(piece):
            if not self._is_edge(piece[start:end]):
                continue
            if start > at:
                yield piece[at:start], False
            yield piece[start:end], True
            at = end
        if at < len(piece):
            yield piece[at:], False

    def remember(self, tokens: Sequence[int], since: int = 0) -> None:
        """Keep the ids that stand between special tokens, to be used where their text is met again.

        Args:
            since: what ends before this position is known already.
        """
        if not self._keeps_text:
            return
        start = self._run_start(tokens, since)
        for index in range(since, len(tokens) + 1):
            if index == len(tokens) or tokens[index] in self._special_ids:
                self._remember_run(tokens[start:index])
                start = index + 1

    def appended(self, tokens: Sequence[int], pieces: Sequence[str]) -> list[int]:
        """`tokens` with `pieces` behind them, by the ids that are remembered for them if any are."""
        start = self._run_start(tokens, len(tokens))
        run = list(tokens[start:])
        opening = next((text for text, special in self.split(pieces[0]) if not special), "")
        before = self._text_of(run) if run else ""
        if opening and pieces[0].startswith(opening) and before is not None:
            known = self.memo.get(before + opening, continued=False)
            if known is not None and list(known[: len(run)]) == run:
                rest = self.tokenize([pieces[0][len(opening) :]], _never)
                others = self.tokenize(pieces[1:], _never, continued=True)
                return [*tokens[:start], *known, *rest.tokens, *others.tokens]
        return [*tokens, *self.tokenize(pieces, _never, continued=True).tokens]

    def _run_start(self, tokens: Sequence[int], end: int) -> int:
        while end > 0 and tokens[end - 1] not in self._special_ids:
            end -= 1
        return end

    def _remember_run(self, run: Sequence[int]) -> None:
        text = self._text_of(run) if run else None
        if text and not self._guard.spells_special([text]):
            self.memo.put(text, run, continued=False)

    def _text_of(self, run: Sequence[int]) -> str | None:
        """The text that `run` spells behind a special token; None where it is none."""
        pieces = [self._vocab.piece(token) for token in run]
        spelled = b"".join(pieces)
        if not all(pieces) or (self.prefixes_space and not spelled.startswith(b" ")):
            return None
        try:
            return spelled[self.prefixes_space :].decode()
        except UnicodeDecodeError:
            return None

    def _spelled(self, tokens: Sequence[int]) -> bytes:
        return b"".join(self._vocab.piece(token) for token in tokens)

    # ---- edges ----------------------------------------------------------------------------

    def _isolated(self, piece: str) -> Iterator[tuple[int, int]]:
        """The special tokens of `piece` that overlap no other but those inside of them."""
        first, last, alone = 0, 0, False
        for start, end in self._guard.find(piece):
            if start < last:
                alone = alone and end <= last
                last = max(last, end)
                continue
            if alone:
                yield first, last
            first, last, alone = start, end, True
        if alone:
            yield first, last

    def _is_edge(self, word: str) -> bool:
        """Whether text before and behind `word` has the same ids alone as beside it."""
        known = self._edges.get(word)
        if known is None:
            known = self._edges[word] = (
                word[0] not in _BLANK
                and word[-1] not in _BLANK
                and all(
                    self._whole(left + word + right)
                    == self._whole(left) + self._whole(word) + self._whole(right)
                    for left, right in _NEIGHBOURS
                )
            )
        return known

    # ---- ids ------------------------------------------------------------------------------

    def _ids(self, text: str, continued: bool, cancelled: Callable[[], bool]) -> Sequence[int]:
        ids: Sequence[int] | None = self.memo.get(text, continued=continued)
        if ids is None:
            made: list[int] = []
            for index, piece in enumerate(self._cutter.pieces(text)):
                if index and cancelled():
                    raise BuildCancelled
                made += self._piece_ids(piece) if continued or index else self._whole(piece)
            ids = self.memo.add(text, made, continued=continued)
        return ids

    def _piece_ids(self, piece: str) -> Sequence[int]:
        """Ids of a piece behind other text; one that another long text had is not tokenized again."""
        known = self.memo.get(piece, continued=True)
        return self.memo.add(piece, self._continued_by(piece), continued=True) if known is None else known

    def _continued_by(self, text: str) -> list[int]:
        """Ids of `text` behind other text."""
        return self._continued(text) if self.prefixes_space else self._whole(text)

    def _whole(self, text: str) -> list[int]:
        return self._vocab.tokenize(text, parse_special=True) if text else []

    def _continued(self, text: str) -> list[int]:
        """Tokens of a text in mid-text for a vocabulary that puts a space before every text.

        The text is tokenized behind an anchor whose own tokens are taken off again; an anchor
        that grows together with the text is not usable, so several are tried.
        """
        for anchor in ("\n", "|", "0", "\u2060"):
            head = self._whole(anchor)
            tokens = self._whole(anchor + text)
            if tokens[: len(head)] == head:
                return tokens[len(head) :]
        return self._whole(text)


def _never() -> bool:
    return False


def _key(text: str, continued: bool) -> tuple[bool, int, bytes]:
    data = text.encode("utf-8", "replace")
    return continued, len(data), blake2b(data, digest_size=16).digest()


def _cost(ids: Sequence[int]) -> int:
    return 4 * len(ids) + _OVERHEAD_BYTES
