from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.models import THINKER
from ui.main_window import MainWindow
from ui.theme import COLUMN_WIDTH, ThemeManager


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    made = MainWindow(ThemeManager(mode="light"))
    qtbot.addWidget(made)
    made.show()
    return made


def test_it_says_which_model_is_loaded(window: MainWindow) -> None:
    assert "No model" in window.welcome.title.text()
    window.set_model(THINKER)
    button = window.findChild(QToolButton, "model_button")
    assert button.text() == "nvidia_Nemotron-Cascade-2-30B-A3B · IQ4_XS"
    assert "It can think" in window.welcome.text.text()


def test_the_first_question_becomes_the_title(window: MainWindow) -> None:
    window.add_message("1", "user", "  A question\nwith two lines ")
    assert window.title.text() == "A question with two lines"
    assert window.pages.currentWidget() is window.view
    window.add_message("2", "user", "Another")
    assert window.title.text() == "A question with two lines"
    window.clear_conversation()
    assert window.title.text() == "New chat"
    assert window.pages.currentWidget() is window.welcome


def test_a_long_title_is_cut(window: MainWindow) -> None:
    window.add_message("1", "user", "word " * 50)
    assert len(window.title.text()) <= 60
    assert window.title.text().endswith("…")


def test_the_theme_is_switched_by_its_button(window: MainWindow, qtbot: QtBot) -> None:
    before = window.styleSheet()
    qtbot.mouseClick(window.findChild(QToolButton, "theme_button"), Qt.MouseButton.LeftButton)
    assert window.styleSheet() != before


def test_new_chat_by_key(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    with qtbot.waitSignal(window.new_requested):
        qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)


def test_a_model_is_chosen_in_a_dialog_that_does_not_block(window: MainWindow, qtbot: QtBot) -> None:
    window.choose_model()
    dialog = window.findChild(QFileDialog, "open_model_dialog")
    assert dialog.isVisible()
    with qtbot.waitSignal(window.model_chosen) as chosen:
        dialog.fileSelected.emit("some.gguf")
    assert chosen.args == ["some.gguf"]
    dialog.reject()


def test_loading_is_shown_with_a_way_to_stop_it(window: MainWindow, qtbot: QtBot) -> None:
    window.welcome.show_loading("some.gguf", 0.5)
    assert window.welcome.progress.value() == 500
    assert "some.gguf" in window.welcome.text.text()
    with qtbot.waitSignal(window.welcome.cancel_requested):
        qtbot.mouseClick(window.welcome.cancel_button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("width", [480, 1040, 1600])
def test_composer_and_reading_column_stand_in_one_line(window: MainWindow, qtbot: QtBot, width: int) -> None:
    window.pages.setCurrentWidget(window.view)
    window.resize(width, 700)
    qtbot.waitUntil(lambda: window.width() == width)
    left, column = window.view.column()
    composer = window.composer.mapTo(window, window.composer.rect().topLeft()).x()
    assert abs(composer - left) <= 1
    assert abs(window.composer.width() - column) <= 1
    assert column <= COLUMN_WIDTH


def test_every_widget_that_takes_the_focus_has_a_name(window: MainWindow) -> None:
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.objectName().startswith("qt_")
        and (not widget.objectName() or not (widget.accessibleName() or getattr(widget, "text", str)()))
    ]
    assert not nameless
