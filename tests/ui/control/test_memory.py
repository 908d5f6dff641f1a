"""How much may be kept of what was read: chosen, kept, and told to the engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ui.budgets import MOST_DISK, MOST_RAM

from app.engine.values import Budgets
from tests.ui.control.conftest import Stage
from tests.ui.models import PLAIN

RAM, DISK = 4_000_000_001, 20_000_000_000
CHOSEN = Budgets(2_000_000_000, 2_000_000_001, DISK)


def test_a_choice_counts_at_once_and_for_each_later_load(stage: Stage) -> None:
    stage.memory.choose(RAM, DISK)
    assert stage.said["memory.budgets_wanted"] == [(CHOSEN,)]
    stage.models.open_model(PLAIN.path)
    assert stage.last("models.load_wanted")[2].budgets == CHOSEN
    stage.memory.choose(RAM, DISK)
    assert len(stage.said["memory.budgets_wanted"]) == 1
    stage.memory.choose(0, 0)
    assert stage.last("memory.budgets_wanted") == Budgets()


def test_a_choice_is_there_again_the_next_time(stages: Callable[[], Stage]) -> None:
    stage = stages()
    stage.session.start()
    assert stage.said["memory.shown"] == [(0, 0)]
    assert not stage.said["memory.budgets_wanted"]
    stage.memory.choose(RAM, DISK)
    stage.session.flush()
    again = stages()
    again.session.start()
    assert again.said["memory.shown"] == [(RAM, DISK)]
    assert again.models.budgets == CHOSEN
    assert again.said["memory.budgets_wanted"] == [(CHOSEN,)]


@pytest.mark.parametrize(
    ("ram", "disk", "shown"),
    [
        (-1, -5, (0, 0)),
        (MOST_RAM + 1, MOST_DISK + 1, (0, 0)),
        (MOST_RAM, MOST_DISK, (MOST_RAM, MOST_DISK)),
        ("4", 2.5, (0, 0)),
        (True, None, (0, 0)),
        (10**400, 1, (0, 1)),
    ],
)
def test_what_cannot_have_been_chosen_is_a_strangers(
    stage: Stage, ram: object, disk: object, shown: tuple[int, int]
) -> None:
    for key, value in (("reading_ram_bytes", ram), ("reading_disk_bytes", disk)):
        stage.store.write(lambda store, key=key, value=value: store.set_state(key, value))
    stage.session.start()
    assert stage.said["memory.shown"] == [shown]
