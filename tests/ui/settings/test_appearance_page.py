from __future__ import annotations

from PySide6.QtCore import Qt

from app.settings.model import AppearanceSettings
from tests.ui.settings.conftest import Person


def test_each_of_it_holds_at_once(person: Person) -> None:
    page = person.dialog.appearance
    person.press(page.theme_row.combo, Qt.Key.Key_End)
    page.motion.switch.click()
    page.enter.switch.click()
    person.press(page.announce.combo, Qt.Key.Key_Down)
    wanted = AppearanceSettings("dark", enter_sends=False, announce="finished", reduced_motion=True)
    assert person.settings.appearance == wanted
    assert len(person.wanted) == 4
