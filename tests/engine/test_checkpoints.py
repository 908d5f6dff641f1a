"""Where steps end, how much two prompts share, and what is dropped when RAM is short."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.checkpoints import Dropped, Reason, common_prefix, next_edge, thin, turn_ends


@dataclass(frozen=True)
class Mark:
    position: int
    reason: Reason = "boundary"
    size: int = 1


def kept(sequences: list[list[Mark]], budget: int) -> list[list[int]]:
    """The positions that stay."""
    dropped = set(thin(sequences, budget))
    return [
        [mark.position for index, mark in enumerate(marks) if Dropped(number, index) not in dropped]
        for number, marks in enumerate(sequences)
    ]


def marks(*positions: int, reason: Reason = "boundary") -> list[Mark]:
    return [Mark(position, reason) for position in positions]


@pytest.mark.parametrize(
    ("sequences", "budget", "expected"),
    [
        # Within the budget nothing goes.
        ([marks(10, 20, 30)], 3, [[10, 20, 30]]),
        # The newest stays, even where it alone is too much.
        ([marks(10, 20, 30)], 0, [[30]]),
        # Two that stand close together: one of them costs little.
        ([marks(100, 200, 203, 300, 400)], 4, [[100, 200, 300, 400]]),
        # Steps go before boundaries and answers.
        (
            [[Mark(50), *marks(100, 150, 200, reason="step"), Mark(250, "answer"), Mark(260)]],
            3,
            [[50, 250, 260]],
        ),
        # Equally apart: the older one goes.
        ([marks(100, 200, 300, 400, reason="answer")], 3, [[200, 300, 400]]),
        # What was used last keeps more; the newest of each stays while there is something else.
        ([marks(10, 20, 30), marks(10, 20, 30), marks(10, 20, 30)], 5, [[10, 20, 30], [30], [30]]),
        # Nothing else is left: the sequence that was not used for the longest time.
        ([marks(10), marks(10), marks(10)], 2, [[10], [10], []]),
        ([[], marks(10, 20)], 1, [[], [20]]),
        ([], 0, []),
        ([[]], -1, [[]]),
    ],
)
def test_what_is_dropped(sequences: list[list[Mark]], budget: int, expected: list[list[int]]) -> None:
    assert kept(sequences, budget) == expected


def test_the_last_boundary_stays_behind_a_long_answer() -> None:
    """The next prompt drops the thought: it parts before the answer, not at its end."""
    line = [*marks(100, 5_000), Mark(9_000, "answer")]
    assert kept([line], 2) == [[5_000, 9_000]]


def test_the_spacing_of_old_ones_grows() -> None:
    line: list[Mark] = []
    for position in range(512, 512 * 400, 512):
        line.append(Mark(position, "step"))
        gone = {index for _, index in thin([line], 30)}
        line = [mark for index, mark in enumerate(line) if index not in gone]
    gaps = [after.position - before.position for before, after in pairwise(line)]
    assert len(line) == 30
    assert gaps[-1] == 512
    assert sum(gaps[:10]) > 2 * sum(gaps[-10:])
    # None of the old ones is far from the next: a few times the even distance.
    assert max(gaps) < 4 * 512 * 400 / 30


def test_forty_turns_keep_a_checkpoint_near_each() -> None:
    """64 checkpoints for 40 turns: an early edit reads no more than 64 tokens before it."""
    line: list[Mark] = []
    at = 0
    for _ in range(40):
        for length, reason in ((6, "boundary"), (20, "boundary"), (25, "answer")):
            at += length
            line.append(Mark(at, reason))  # type: ignore[arg-type]
    positions = kept([line], 64)[0]
    for turn in range(2, 40):
        edit = turn * 51 + 6
        assert edit - max(position for position in positions if position <= edit) <= 64, turn


@st.composite
def lines(draw: st.DrawFn) -> list[Mark]:
    gaps = draw(st.lists(st.integers(1, 3000), max_size=12))
    reasons = st.sampled_from(["boundary", "answer", "step"])
    return [Mark(at, draw(reasons), draw(st.integers(1, 50))) for at in accumulate(gaps)]


@given(st.lists(lines(), max_size=4), st.integers(0, 300))
def test_the_budget_is_kept_and_the_newest_too(sequences: list[list[Mark]], budget: int) -> None:
    dropped = thin(sequences, budget)
    assert len(set(dropped)) == len(dropped)
    left = [
        (number, mark)
        for number, sequence in enumerate(sequences)
        for index, mark in enumerate(sequence)
        if Dropped(number, index) not in dropped
    ]
    only_newest = all(number == 0 for number, _ in left) and len(left) <= 1
    total = sum(mark.size for _, mark in left)
    assert total <= budget or only_newest
    if sequences and sequences[0]:
        assert (0, sequences[0][-1]) in left
    # No more is dropped than is needed.
    if dropped:
        last = dropped[-1]
        assert total + sequences[last.sequence][last.mark].size > budget


@given(
    st.lists(st.integers(0, 3), max_size=40), st.lists(st.integers(0, 3), max_size=40), st.integers(0, 9000)
)
def test_the_common_prefix(first: list[int], second: list[int], same: int) -> None:
    head = [7] * same
    expected = next(
        (at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]),
        min(len(first), len(second)),
    )
    assert common_prefix(head + first, head + second) == same + expected


@pytest.mark.parametrize(
    ("at", "total", "boundaries", "expected"),
    [
        (0, 1000, (), 512),
        (512, 1000, (), 1000),
        (100, 1000, (), 512),
        (0, 1000, (100, 990), 100),
        (100, 1000, (100, 990), 612),
        (612, 1000, (100, 990), 990),
        (300, 1000, (100, 990), 612),
        (990, 1000, (100, 990), 1000),
        (5, 20, (100,), 20),
    ],
)
def test_where_a_step_ends(at: int, total: int, boundaries: tuple[int, ...], expected: int) -> None:
    assert next_edge(at, total, boundaries, 512) == expected


@given(st.integers(1, 400), st.sets(st.integers(1, 400)), st.integers(1, 64), st.data())
def test_a_reading_that_goes_on_takes_the_same_steps(
    total: int, places: set[int], n_batch: int, data: st.DataObject
) -> None:
    boundaries = tuple(sorted(places))

    def edges(at: int) -> list[int]:
        found = [at]
        while found[-1] < total:
            found.append(next_edge(found[-1], total, boundaries, n_batch))
            assert 0 < found[-1] - found[-2] <= n_batch
        return found

    whole = edges(0)
    assert places.intersection(range(total)) <= set(whole)
    start = data.draw(st.sampled_from(whole))
    assert edges(start) == whole[whole.index(start) :]
    between = data.draw(st.integers(0, total))
    assert edges(between)[1:] == [edge for edge in whole if edge > between]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([], ()),
        ([5, 6], ()),
        ([1, 0, 2, 0, 3, 0, 4, 4], (2, 4, 6)),
        ([1, 0, 2, 2, 0, 2, 0, 2, 0, 4], (2, 7, 9)),
        ([1, 0, 4], (2,)),
        # Nothing stands behind the end of the prompt.
        ([1, 0, 2, 0], (2,)),
    ],
)
def test_boundaries_of_a_prompt_that_brings_none(tokens: list[int], expected: tuple[int, ...]) -> None:
    assert turn_ends(tokens, {0}) == expected
    assert turn_ends(tokens, ()) == ()
