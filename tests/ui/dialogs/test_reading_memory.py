from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from ui.budgets import MOST_DISK, MOST_RAM
from ui.dialogs.reading_memory import ReadingMemoryDialog
from ui.theme import ThemeManager


@pytest.fixture
def dialog(qtbot: QtBot) -> ReadingMemoryDialog:
    made = ReadingMemoryDialog(ThemeManager())
    qtbot.addWidget(made)
    made.open_panel()
    return made


def type_into(qtbot: QtBot, box: QWidget, text: str) -> None:
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)


def test_it_asks_for_what_is_used_and_says_it(qtbot: QtBot) -> None:
    dialog = ReadingMemoryDialog(ThemeManager())
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog.measure_wanted):
        dialog.open_panel()
    assert "measuring" in dialog.used.text()
    assert not dialog.delete_button.isEnabled()
    dialog.set_used(1_234_567_890)
    assert dialog.used.text() == "Saved readings use 1.2 GB"
    assert dialog.delete_button.isEnabled()
    dialog.set_used(0)
    assert dialog.used.text() == "No readings are saved"
    assert not dialog.delete_button.isEnabled()
    assert not dialog.isModal()


def test_it_is_automatic_until_something_is_chosen(dialog: ReadingMemoryDialog, qtbot: QtBot) -> None:
    assert dialog.ram.spin.text() == dialog.disk.spin.text() == "Automatic"
    with qtbot.waitSignal(dialog.chosen) as chosen:
        type_into(qtbot, dialog.ram.spin, "4.5")
        qtbot.keyClick(dialog.ram.spin, Qt.Key.Key_Return)
    assert chosen.args == [4_500_000_000, 0]
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.disk.spin.stepUp()
    assert chosen.args[0] == 4_500_000_000
    assert chosen.args[1] > 0
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.mouseClick(dialog.ram.reset, Qt.MouseButton.LeftButton)
    assert chosen.args[0] == 0
    assert dialog.ram.spin.text() == "Automatic"


def test_an_emptied_field_is_automatic(dialog: ReadingMemoryDialog, qtbot: QtBot) -> None:
    dialog.set_budgets(4_000_000_000, 0)
    assert dialog.ram.spin.text() == "4.00 GB"
    with qtbot.waitSignal(dialog.chosen) as chosen:
        type_into(qtbot, dialog.ram.spin, " ")
        qtbot.keyClick(dialog.ram.spin, Qt.Key.Key_Return)
    assert chosen.args == [0, 0]


def test_what_is_only_passed_on_the_way_is_not_chosen(dialog: ReadingMemoryDialog, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []
    dialog.chosen.connect(lambda ram, disk: told.append((ram, disk)))
    type_into(qtbot, dialog.disk.spin, "16")
    qtbot.keyClick(dialog.disk.spin, Qt.Key.Key_Return)
    for _ in range(3):
        qtbot.keyClick(dialog.disk.spin, Qt.Key.Key_Up)
    assert not told
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert told == [(0, 16_750_000_000)]


def test_setting_what_was_kept_tells_nothing(dialog: ReadingMemoryDialog, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []
    dialog.chosen.connect(lambda ram, disk: told.append((ram, disk)))
    dialog.set_budgets(MOST_RAM, MOST_DISK)
    dialog.flush()
    assert not told
    assert dialog.ram.spin.number() == MOST_RAM / 10**9
    dialog.set_budgets(4_000_000_001, 0)  # shown as 4.00
    dialog.hide()
    assert not told


def test_enter_in_a_number_deletes_nothing(dialog: ReadingMemoryDialog, qtbot: QtBot) -> None:
    dialog.set_used(5)
    with qtbot.assertNotEmitted(dialog.delete_wanted):
        qtbot.keyClick(dialog.ram.spin, Qt.Key.Key_Return)
    assert dialog.isVisible()
    with qtbot.waitSignal(dialog.delete_wanted):
        qtbot.keyClick(dialog.delete_button, Qt.Key.Key_Space)
    assert not dialog.delete_button.isEnabled()
    assert "Nothing of your chats is lost" in dialog.delete_button.accessibleDescription()


def test_all_of_it_has_names_and_can_be_reached_by_tab(dialog: ReadingMemoryDialog, qtbot: QtBot) -> None:
    dialog.set_used(5)
    controls = [*dialog.findChildren(QAbstractButton), *dialog.findChildren(QAbstractSpinBox)]
    assert all(one.accessibleName() or one.text() for one in controls)
    assert dialog.ram.reset.accessibleName() == "RAM for conversations: back to automatic"
    dialog.activateWindow()
    qtbot.waitUntil(dialog.ram.spin.hasFocus)
    qtbot.keyClick(dialog.ram.spin, Qt.Key.Key_Tab)
    assert dialog.disk.spin.hasFocus()
    qtbot.keyClick(dialog.disk.spin, Qt.Key.Key_Tab)
    assert dialog.delete_button.hasFocus()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_nothing_is_cut_off(qapp: QApplication, qtbot: QtBot, mode: str) -> None:
    theme = ThemeManager(mode=mode)
    dialog = ReadingMemoryDialog(theme)
    qtbot.addWidget(dialog)
    dialog.open_panel()
    dialog.set_used(9_999_900_000_000)
    dialog.set_budgets(MOST_RAM, MOST_DISK)
    QApplication.processEvents()
    for label in dialog.findChildren(QLabel):
        needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        assert label.height() >= needed, label.text()
        assert label.wordWrap() or label.width() >= label.sizeHint().width(), label.text()
    assert dialog.delete_button.width() >= dialog.delete_button.sizeHint().width()
