from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.version import VERSION
from tests.ui.settings.conftest import Person


def test_its_buttons_say_what_is_wanted(person: Person) -> None:
    page = person.dialog.about
    person.dialog.open_page("about")
    assert page.isVisible()
    assert f"Cascade Desk {VERSION}" in [row.label.text() for row in page.rows]
    for signal, name in (
        (page.licences_wanted, "about_version"),
        (page.copy_wanted, "about_diagnostics"),
        (page.logs_wanted, "about_logs"),
    ):
        button = page.findChild(QPushButton, name)
        assert button.accessibleName()
        with person.qtbot.waitSignal(signal):
            person.press(button, Qt.Key.Key_Space)
    assert person.wanted == []


def test_a_search_finds_it(person: Person) -> None:
    person.dialog.search.setText("diagnostics")
    assert person.page == "about"
