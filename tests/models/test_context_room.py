"""How much room a context leaves, and which one has enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.context_room import Room, RoomState, answer_room, roomy_context
from app.models.contexts import MOST


@pytest.mark.parametrize(
    ("room", "state"),
    [
        (Room(0, 0), ""),
        (Room(5000, 0), ""),
        (Room(100, 4096), ""),
        (Room(3584, 4096), ""),
        (Room(3585, 4096), "near"),
        (Room(4095, 4096), "near"),
        (Room(4096, 4096), "over"),
        (Room(9000, 4096), "over"),
        (Room(4096, 4096, answering=True), "near"),
        (Room(100, 4096, answering=True), ""),
        (Room(100, 4096, ended_full=True), "full"),
        (Room(100, 4096, answering=True, ended_full=True), ""),
        (Room(9000, 4096, ended_full=True), "over"),
        (Room(MOST - 20_000, MOST), ""),
        (Room(MOST - 16_000, MOST), "near"),
    ],
)
def test_states(room: Room, state: RoomState) -> None:
    assert room.state == state


@pytest.mark.parametrize(
    ("used", "size", "most", "found"),
    [
        (5000, 4096, MOST, 8192),
        (8000, 4096, MOST, 16_384),
        (100, 4096, MOST, 8192),
        (1_000_000, 262_144, MOST, MOST),
        (1_040_000, 262_144, MOST, MOST),
        (1_050_000, 262_144, MOST, 0),
        (100, MOST, MOST, 0),
        (39_000, 32_768, 40_000, 40_000),
        (50_000, 32_768, 40_000, 0),
        (100, 4096, 0, 0),
    ],
)
def test_the_next_context(used: int, size: int, most: int, found: int) -> None:
    assert roomy_context(used, size, most) == found


@given(st.integers(0, 2 * MOST), st.integers(256, MOST), st.integers(256, MOST))
def test_a_longer_context_holds_it_and_is_longer(used: int, size: int, most: int) -> None:
    found = roomy_context(used, size, most)
    if found:
        assert max(used, size) < found <= most
        assert found == most or found - answer_room(found) >= used
    else:
        assert most <= max(used, size)
