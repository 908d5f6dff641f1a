"""A large database, made by code: the same one from the same seed."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

from app.store import Store, search
from app.store.database import NAME, connect, prepare, transaction

#: How often words are used falls as in a language: the word of rank n about once in n.
WORDS = 20_000
RARE = "quagga"
_SYLLABLES = [a + b for a in "bcdfghklmnprstvw" for b in "aeiou"]


def fill(folder: Path, conversations: int, messages_each: int, seed: int = 0) -> None:
    """Make a store in `folder` whose messages have about 60 words; RARE is in each 10,000th."""
    Store.open(folder).close()
    chance = random.Random(seed)
    words = _words(chance)
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    texts = _texts(chance, words, weights)
    with contextlib.closing(connect(folder / NAME)) as con:
        prepare(con)
        con.execute("PRAGMA synchronous = OFF")
        with transaction(con):
            con.executemany(
                "INSERT INTO conversation (number, id, title, titled, created, updated, leaf) "
                "VALUES (?, ?, ?, 0, ?, ?, ?)",
                (
                    (c, f"c{c}", " ".join(next(texts).split()[:6]), c * 1e5, c * 1e5 + 9e4, c * messages_each)
                    for c in range(1, conversations + 1)
                ),
            )
            numbers = range(1, conversations * messages_each + 1)
            con.executemany(
                "INSERT INTO message "
                "(number, id, conversation, parent, role, mark, created, edited, deleted) "
                "VALUES (?, ?, ?, ?, ?, '', ?, 0, 0)",
                (
                    (
                        n,
                        f"m{n}",
                        (n - 1) // messages_each + 1,
                        None if (n - 1) % messages_each == 0 else n - 1,
                        ("user", "assistant")[(n - 1) % messages_each % 2],
                        ((n - 1) // messages_each + 1) * 1e5 + (n - 1) % messages_each,
                    )
                    for n in numbers
                ),
            )
            con.executemany(
                "INSERT INTO part (message, position, kind, extra, text) VALUES (?, 0, 'text', '', ?)",
                ((n, next(texts) + (f" {RARE}" if n % 10_000 == 0 else "")) for n in numbers),
            )
            search.rebuild(con)


def _words(chance: random.Random) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(chance.choices(_SYLLABLES, k=chance.randrange(1, 5)))] = None
    return list(words)


def _texts(chance: random.Random, words: list[str], weights: list[float]) -> Iterator[str]:
    while True:
        for drawn in [chance.choices(words, weights, k=60_000)]:
            for at in range(0, len(drawn), 60):
                yield " ".join(drawn[at : at + 60])
