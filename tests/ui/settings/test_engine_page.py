"""What waits for Apply, and what does not."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.settings.model import ENGINE_OPTIONS, EngineSettings
from tests.ui.settings.conftest import Person


def test_options_wait_for_apply(person: Person) -> None:
    page = person.dialog.engine
    person.dialog.open_page("engine")
    told: list[dict[str, object]] = []
    shown: list[EngineSettings] = []
    page.applied.connect(told.append)
    page.options_changed.connect(shown.append)
    assert not page.apply.isVisible()
    person.write(page.options["n_gpu_layers"].spin, "30")
    person.press(page.options["flash_attention"].combo, Qt.Key.Key_End)
    page.flush()
    assert person.wanted == []
    assert page.apply.isVisible()
    assert shown[-1] == EngineSettings(n_gpu_layers=30, flash_attention=False)
    assert page.chosen() == shown[-1]
    page.apply.setFocus()
    person.press(page.apply, Qt.Key.Key_Space)
    assert told == [
        {
            "n_gpu_layers": 30,
            "cpu_experts": None,
            "cache_type": "",
            "flash_attention": False,
            "n_threads": 0,
            "n_batch": 0,
        }
    ]
    assert set(told[0]) == set(ENGINE_OPTIONS) - {"n_ctx"}
    person.set("engine", **told[0])
    assert not page.apply.isVisible()
    assert not page.waits


def test_other_changes_leave_what_waits(person: Person) -> None:
    page = person.dialog.engine
    person.dialog.open_page("engine")
    person.write(page.options["n_threads"].spin, "3")
    person.set("engine", last_model="/m.gguf", n_batch=64)
    assert page.chosen().n_threads == 3
    assert page.options["n_batch"].value() == 64
    assert page.waits
    page.discard.click()
    assert not page.waits
    assert page.options["n_threads"].value() is None
    assert person.wanted == []


def test_loading_holds_at_once(person: Person) -> None:
    page = person.dialog.engine
    person.dialog.open_page("engine")
    page.load_last.switch.click()
    assert person.settings.engine == EngineSettings(load_last=False)
    person.write(page.idle.spin, "25")
    page.flush()
    assert person.settings.engine == EngineSettings(load_last=False, unload_idle_minutes=25)
    assert not page.waits


def test_a_reset_of_options_waits_for_apply_too(person: Person) -> None:
    person.set("engine", n_gpu_layers=4, unload_idle_minutes=9, last_model="/m.gguf")
    page = person.dialog.engine
    person.dialog.open_page("engine")
    page.reset.click()
    assert person.settings.engine == EngineSettings(n_gpu_layers=4, last_model="/m.gguf")
    assert page.waits
    page.undo.click()
    assert person.settings.engine.unload_idle_minutes == 9
    assert not page.waits


def test_what_an_option_costs_stands_below_it(person: Person) -> None:
    page = person.dialog.engine
    person.dialog.open_page("engine")
    page.set_cost("n_gpu_layers", "Takes 14.2 GB.")
    assert page.options["n_gpu_layers"].note.text() == "Takes 14.2 GB."
    assert page.options["n_gpu_layers"].note.isVisible()
    page.set_cost("n_gpu_layers", "")
    assert not page.options["n_gpu_layers"].note.isVisible()
