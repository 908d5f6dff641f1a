from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from ui.composer.attach_button import AttachButton
from ui.theme import ThemeManager


def test_the_menu_asks_for_files_and_for_a_folder(qtbot: QtBot) -> None:
    button = AttachButton(ThemeManager())
    qtbot.addWidget(button)
    assert [action.text() for action in button.menu().actions()] == ["Files…", "Folder…"]
    for name, signal, other in (
        ("action_attach_files", button.files_wanted, button.folder_wanted),
        ("action_attach_folder", button.folder_wanted, button.files_wanted),
    ):
        with qtbot.waitSignal(signal), qtbot.assertNotEmitted(other):
            button.menu().findChild(QAction, name).trigger()


def test_it_is_not_lit_when_its_menu_has_gone(qtbot: QtBot) -> None:
    button = AttachButton(ThemeManager())
    qtbot.addWidget(button)
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    button.menu().aboutToHide.emit()
    assert not button.underMouse()


def test_it_says_that_documents_can_be_dropped(qtbot: QtBot) -> None:
    button = AttachButton(ThemeManager())
    qtbot.addWidget(button)
    assert "dropped anywhere" in button.toolTip()
    assert button.accessibleDescription() == button.toolTip()
    assert not button.icon().isNull()
