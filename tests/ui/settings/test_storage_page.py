"""Folders, budgets, and what is used."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.settings.model import MOST_DISK, MOST_RAM, StorageSettings
from tests.ui.settings.conftest import Person


def test_it_asks_for_what_is_used_and_says_it(person: Person) -> None:
    page = person.dialog.storage
    with person.qtbot.waitSignal(person.dialog.opened):
        person.dialog.open_page("storage")
    assert "measuring" in page.used.label.text()
    assert not page.delete.isEnabled()
    page.set_used(1_234_567_890)
    assert page.used.label.text() == "Saved readings use 1.2 GB"
    with person.qtbot.waitSignal(page.delete_wanted):
        person.press(page.delete, Qt.Key.Key_Space)
    assert not page.delete.isEnabled()
    assert "Nothing of your chats is lost" in page.delete.accessibleDescription()
    page.set_used(0)
    assert page.used.label.text() == "No readings are saved"
    assert not page.delete.isEnabled()


def test_texts_of_documents_are_told_and_deleted(person: Person) -> None:
    page = person.dialog.storage
    person.dialog.open_page("storage")
    assert not page.forget.isEnabled()
    page.set_texts(34_000_000)
    assert page.texts.label.text() == "Texts of documents use 34 MB"
    with person.qtbot.waitSignal(page.forget_wanted):
        person.press(page.forget, Qt.Key.Key_Space)
    assert not page.forget.isEnabled()
    page.set_texts(0)
    assert page.texts.label.text() == "No texts of documents are kept"


def test_budgets_are_automatic_until_one_is_chosen(person: Person) -> None:
    page = person.dialog.storage
    person.dialog.open_page("storage")
    assert page.ram.spin.text() == page.disk.spin.text() == "Automatic"
    person.write(page.ram.spin, "4.5")
    page.flush()
    assert person.settings.storage == StorageSettings("", 4_500_000_000, 0)
    page.ram.reset.click()
    page.flush()
    assert person.settings.storage == StorageSettings()
    person.write(page.disk.spin, "16")
    person.dialog.hide()
    assert person.settings.storage == StorageSettings("", 0, 16_000_000_000)


def test_what_is_shown_rounded_is_not_rounded(person: Person) -> None:
    page = person.dialog.storage
    person.set("storage", reading_ram_bytes=4_000_000_001, reading_disk_bytes=MOST_DISK)
    assert page.ram.spin.text() == "4.00 GB"
    page.disk.spin.set_number(20.0)
    page.flush()
    assert person.settings.storage == StorageSettings("", 4_000_000_001, 20_000_000_000)
    person.set("storage", reading_ram_bytes=MOST_RAM)
    assert page.ram.spin.number() == MOST_RAM / 10**9


def test_folders_are_shown_and_opened(person: Person) -> None:
    page = person.dialog.storage
    opened: list[str] = []
    page.folder_wanted.connect(opened.append)
    person.dialog.open_page("storage")
    page.findChild(object, "models_open").click()
    page.findChild(object, "data_open").click()
    assert opened == [str(Path("/data/models")), str(Path("/data"))]
    person.set("storage", models_folder="/mnt/<b>m</b>")
    assert page.models.path.text() == str(Path("/mnt/<b>m</b>"))
    assert page.models.path.textFormat() == Qt.TextFormat.PlainText
    page.models.reset.click()
    assert person.settings.storage.models_folder == ""
    assert not page.models.reset.isVisible()


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)")
def test_another_folder_is_asked_for_without_blocking(person: Person, tmp_path: Path) -> None:
    page = person.dialog.storage
    person.dialog.open_page("storage")
    page.findChild(object, "models_change").click()
    asked = page.findChild(QFileDialog, "models_folder_dialog")
    assert asked.isVisible()
    asked.fileSelected.emit(str(tmp_path))
    asked.reject()
    assert person.settings.storage.models_folder == str(tmp_path)
