from __future__ import annotations

import random

import pytest
from pytestqt.qtbot import QtBot

from ui.documents.finder import SLICE, Finder, fold, places


@pytest.mark.parametrize(
    ("text", "folded"),
    [("ABC", "abc"), ("İstanbul", "İstanbul"), ("ΟΔΟΣ", "οδοσ"), ("", ""), ("Straße", "straße")],
)
def test_folding_keeps_the_length(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert len(fold(text)) == len(text)


def make(qtbot: QtBot, text: str) -> tuple[Finder, list[int]]:
    finder = Finder()
    found: list[int] = []
    finder.found.connect(found.append)
    finder.set_text(text)
    return finder, found


def wait(qtbot: QtBot, finder: Finder) -> None:
    qtbot.waitUntil(lambda: not finder.busy)


def test_matches_are_counted_and_gone_through(qtbot: QtBot) -> None:
    finder, found = make(qtbot, "One two ONE two one")
    finder.search("one", 3)
    wait(qtbot, finder)
    assert finder.total == 3
    assert found == [8]
    assert finder.number(8) == 2
    finder.step(9, forward=True)
    wait(qtbot, finder)
    finder.step(17, forward=True)
    wait(qtbot, finder)
    finder.step(0, forward=False)
    wait(qtbot, finder)
    assert found == [8, 16, 0, 16]
    assert finder.near(0, 19) == [(0, 3), (8, 11), (16, 19)]
    assert finder.near(9, 10) == [(8, 11)]


def test_nothing_is_found(qtbot: QtBot) -> None:
    finder, found = make(qtbot, "x" * (3 * SLICE))
    finder.search("y", 5)
    wait(qtbot, finder)
    finder.step(5, forward=False)
    wait(qtbot, finder)
    assert finder.total == 0
    assert found == []
    assert finder.near(0, 100) == []
    finder.search("", 0)
    assert not finder.busy


def test_a_match_over_the_edge_of_a_slice_counts_once(qtbot: QtBot) -> None:
    text = "-" * (SLICE - 3) + "needle" + "-" * SLICE + "NEEDLE"
    finder, found = make(qtbot, text)
    finder.search("needle", SLICE)
    wait(qtbot, finder)
    assert finder.total == 2
    assert found == [2 * SLICE + 3]
    assert [finder.number(at) for at in (SLICE - 3, 2 * SLICE + 3)] == [1, 2]


@pytest.mark.parametrize("seed", range(8))
def test_it_finds_what_a_plain_search_finds(qtbot: QtBot, seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    text = "".join(rng.choice("abX .é漢\n") for _ in range(rng.randrange(1, 3 * SLICE)))
    query = "".join(rng.choice("ABx") for _ in range(3)) + "."
    wanted = places(text.lower(), query.lower())
    finder, found = make(qtbot, text)
    near = rng.randrange(len(text))
    finder.search(query, near)
    wait(qtbot, finder)
    assert finder.total == len(wanted)
    if wanted:
        assert found == [next((at for at in wanted if at >= near), wanted[0])]
        back = rng.randrange(len(text))
        finder.step(back, forward=False)
        wait(qtbot, finder)
        assert found[1] == next((at for at in reversed(wanted) if at < back), wanted[-1])
