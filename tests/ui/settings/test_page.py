"""Back to how a page was at first, and back again."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.settings.model import AppearanceSettings, ModeSettings, SamplingSettings, StorageSettings
from tests.ui.settings.conftest import Person


def test_a_reset_is_offered_back(person: Person) -> None:
    person.set("appearance", theme="dark", enter_sends=False)
    page = person.dialog.appearance
    person.dialog.open_page("appearance")
    assert not page.undo.isVisible()
    person.press(page.reset, Qt.Key.Key_Space)
    assert person.settings.appearance == AppearanceSettings()
    assert page.undo.hasFocus()
    person.press(page.undo, Qt.Key.Key_Space)
    assert person.settings.appearance == AppearanceSettings("dark", False)
    assert not page.undo.isVisible()
    assert page.reset.hasFocus()


def test_a_change_ends_the_offer(person: Person) -> None:
    person.set("appearance", enter_sends=False)
    page = person.dialog.appearance
    person.dialog.open_page("appearance")
    page.reset.click()
    page.motion.switch.click()
    assert not page.undo.isVisible()
    page.reset.click()
    person.dialog.hide()
    person.dialog.open_page("appearance")
    assert not page.undo.isVisible()


def test_a_reset_takes_what_is_still_waited_for_with_it(person: Person) -> None:
    person.set("storage", reading_disk_bytes=5_000_000_000, models_folder="/m")
    page = person.dialog.storage
    person.dialog.open_page("storage")
    page.ram.spin.set_number(3.0)
    page.reset.click()
    assert person.settings.storage == StorageSettings()
    page.undo.click()
    assert person.settings.storage == StorageSettings("/m", 3_000_000_000, 5_000_000_000)


def test_sampling_goes_with_its_page(person: Person) -> None:
    modes = ModeSettings("instruct", 512, SamplingSettings(0.5), SamplingSettings(top_k=9))
    person.set("mode", **{name: getattr(modes, name) for name in ("mode", "thinking_budget")})
    person.set("mode", thinking=modes.thinking, instruct=modes.instruct)
    person.dialog.mode.reset.click()
    assert person.settings.mode == ModeSettings()
    person.dialog.mode.undo.click()
    assert person.settings.mode == modes
