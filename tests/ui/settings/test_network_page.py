"""Addresses, the token, the test."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.ui.settings.conftest import Person

TOKEN = "hf_abc"


def test_addresses_count_when_they_are_left(person: Person) -> None:
    page = person.dialog.network
    person.dialog.open_page("network")
    person.write(page.endpoint.edit, "https://mirror.example/")
    assert person.settings.network.endpoint == "https://mirror.example"
    assert page.endpoint.edit.text() == "https://mirror.example"
    assert not page.endpoint.note.isVisible()
    person.write(page.endpoint.edit, "http://mirror.example")
    assert "not encrypted" in page.endpoint.note.text()
    person.write(page.proxy.edit, "http://proxy.example:3128")
    assert person.settings.network.proxy == "http://proxy.example:3128"


def test_offline_there_is_nothing_to_test(person: Person) -> None:
    page = person.dialog.network
    page.offline.switch.click()
    assert person.settings.network.offline
    assert not page.test.isEnabled()
    page.offline.switch.click()
    assert page.test.isEnabled()


def test_the_token_goes_out_once_and_does_not_stay(person: Person) -> None:
    page = person.dialog.network
    given: list[str] = []
    page.token_given.connect(given.append)
    person.dialog.open_page("network")
    assert not page.keep.isEnabled()
    person.qtbot.keyClicks(page.token.edit, TOKEN)
    person.press(page.token.edit, Qt.Key.Key_Tab)
    assert not given
    person.press(page.keep, Qt.Key.Key_Space)
    assert given == [TOKEN]
    page.set_token("waiting", "")
    assert page.token.edit.text() == ""
    page.set_token("kept", "")
    assert "keyring" in page.token.note.text()
    assert page.remove.isVisible()
    with person.qtbot.waitSignal(page.token_removed):
        person.press(page.remove, Qt.Key.Key_Space)
    page.set_token("none", "")
    assert not page.remove.isVisible()
    assert person.wanted == []


def test_a_token_that_is_being_typed_stays(person: Person) -> None:
    page = person.dialog.network
    person.qtbot.keyClicks(page.token.edit, TOKEN)
    page.set_token("waiting", "")
    page.set_token("kept", "")
    assert page.token.edit.text() == TOKEN
    person.press(page.token.edit, Qt.Key.Key_Escape)
    assert not person.dialog.isVisible()


def test_a_token_that_is_refused_stays_to_be_mended(person: Person) -> None:
    page = person.dialog.network
    given: list[str] = []
    page.token_given.connect(given.append)
    person.write(page.token.edit, "two words")
    person.dialog.show_refused("network", "token", "That is no token.")
    assert given == ["two words"]
    assert page.token.edit.text() == "two words"
    assert page.token.note.text() == "That is no token."


def test_a_problem_with_the_keyring_is_told_once(person: Person) -> None:
    page = person.dialog.network
    page.set_token("held", "This system has no keyring. It is held until the app is closed.")
    assert page.token.note.text() == "This system has no keyring. It is held until the app is closed."
    assert page.token.note.property("tone") == "warning"


def test_the_connection_is_tested(person: Person) -> None:
    page = person.dialog.network
    person.dialog.open_page("network")
    page.endpoint.edit.setText("https://mirror.example")
    with person.qtbot.waitSignal(page.test_wanted):
        person.press(page.test, Qt.Key.Key_Space)
    assert person.settings.network.endpoint == "https://mirror.example"
    assert "Asking" in page.connection.note.text()
    page.set_test_result(False, "There is no connection to the server.")
    assert page.connection.note.property("tone") == "warning"
    person.press(page.test, Qt.Key.Key_Space)
    page.set_test_result(True, "The hub answers.")
    assert page.connection.note.text() == "The hub answers."
    assert page.connection.note.property("tone") == ""


def test_a_second_press_while_it_tests_does_nothing(person: Person) -> None:
    page = person.dialog.network
    person.dialog.open_page("network")
    asked: list[None] = []
    page.test_wanted.connect(lambda: asked.append(None))
    page.test.setFocus()
    for _press in range(2):
        person.press(person.dialog.focusWidget(), Qt.Key.Key_Space)
    assert len(asked) == 1
    assert page.test.hasFocus()
    assert not page.undo.isVisible()


def test_what_was_found_of_another_address_does_not_stay(person: Person) -> None:
    page = person.dialog.network
    person.dialog.open_page("network")
    page.test.click()
    page.set_test_result(True, "The hub answers.")
    person.write(page.endpoint.edit, "https://mirror.example")
    assert not page.connection.note.text()
    page.test.click()
    person.write(page.endpoint.edit, "https://other.example")
    page.set_test_result(True, "The hub answers.")
    assert not page.connection.note.text()
