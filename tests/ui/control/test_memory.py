"""How much may be kept of what was read: told to the engine as the settings say."""

from __future__ import annotations

from collections.abc import Callable

from app.engine.values import Budgets
from tests.ui.control.conftest import Stage
from tests.ui.models import PLAIN

RAM, DISK = 4_000_000_001, 20_000_000_000
CHOSEN = Budgets(2_000_000_000, 2_000_000_001, DISK)


def test_a_choice_counts_at_once_and_for_each_later_load(stage: Stage) -> None:
    stage.settings.change("storage", reading_ram_bytes=RAM, reading_disk_bytes=DISK)
    assert stage.said["memory.budgets_wanted"] == [(CHOSEN,)]
    stage.models.open_model(PLAIN.path)
    assert stage.last("models.load_wanted")[2].budgets == CHOSEN
    stage.settings.change("storage", models_folder="/elsewhere")
    stage.settings.change("engine", n_threads=2)
    assert len(stage.said["memory.budgets_wanted"]) == 1
    stage.settings.change("storage", reading_ram_bytes=0, reading_disk_bytes=0)
    assert stage.last("memory.budgets_wanted") == Budgets()


def test_a_choice_is_there_again_the_next_time(stages: Callable[[], Stage]) -> None:
    stage = stages()
    stage.settings_worker.start()
    stage.session.start()
    assert not stage.said["memory.budgets_wanted"]
    stage.settings.change("storage", reading_ram_bytes=RAM, reading_disk_bytes=DISK)
    stage.settings.flush()
    again = stages()
    again.settings_worker.start()
    assert again.models.budgets == CHOSEN
    assert again.said["memory.budgets_wanted"] == [(CHOSEN,)]
