"""Mode, budget and sampling."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.engine.values import Sampling
from app.settings.model import SamplingSettings
from app.settings.sampling import PRESETS
from tests.ui.settings.conftest import Person


def test_mode_and_budget(person: Person) -> None:
    page = person.dialog.mode
    person.press(page.mode.combo, Qt.Key.Key_Down)
    person.press(page.budget.combo, Qt.Key.Key_Down)
    assert (person.settings.mode.mode, person.settings.mode.thinking_budget) == ("thinking", 512)
    page.budget.reset.click()
    assert person.settings.mode.thinking_budget == 0


def test_a_budget_of_another_size_is_shown(person: Person) -> None:
    person.set("mode", thinking_budget=3000)
    assert person.dialog.mode.budget.combo.currentText() == "3,000 tokens"
    person.set("mode", thinking_budget=512)
    assert person.dialog.mode.budget.combo.currentText() == "512 tokens"


def test_a_preset_sets_one_mode_and_own_numbers_end_it(person: Person) -> None:
    page = person.dialog.mode
    combo = page.presets["thinking"].combo
    person.press(combo, Qt.Key.Key_Down)
    assert person.settings.mode.thinking == PRESETS[1].values
    assert person.settings.mode.instruct == SamplingSettings()
    assert page.numbers["thinking"]["temperature"].value() == 0
    person.write(page.numbers["thinking"]["temperature"].spin, "0.45")
    page.flush()
    assert person.settings.mode.thinking.temperature == 0.45
    assert combo.currentText() == "Your own"
    page.presets["thinking"].reset.click()
    assert person.settings.mode.thinking == SamplingSettings()
    assert page.numbers["thinking"]["temperature"].spin.text() == "Recommended"


def test_two_numbers_typed_quickly_both_count(person: Person) -> None:
    page = person.dialog.mode
    person.write(page.numbers["instruct"]["top_k"].spin, "12")
    person.write(page.numbers["instruct"]["min_p"].spin, "0.1")
    page.flush()
    assert person.settings.mode.instruct == SamplingSettings(top_k=12, min_p=0.1)


def test_what_the_model_recommends_is_told(person: Person) -> None:
    page = person.dialog.mode
    page.set_recommended("thinking", Sampling(temperature=0.6, top_k=20))
    assert page.numbers["thinking"]["temperature"].spin.text() == "Model's: 0.60"
    assert page.numbers["instruct"]["temperature"].spin.text() == "Recommended"
    page.set_recommended("thinking", None)
    assert page.numbers["thinking"]["temperature"].spin.text() == "Recommended"
    assert person.wanted == []
