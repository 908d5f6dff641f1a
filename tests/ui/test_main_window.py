from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.errors import UserError
from tests.ui.models import PLAIN, THINKER
from ui.chat.shown import Shown
from ui.main_window import MainWindow
from ui.notices import Notice
from ui.shortcuts import ACTIONS, Shortcut
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


@pytest.mark.parametrize("width", [460, 1180])
def test_a_long_title_of_the_welcome_is_read_in_whole(window: MainWindow, qtbot: QtBot, width: int) -> None:
    window.resize(width, 700)
    title = window.welcome.title
    # A person may ask for letters so large; a language may be so long.
    title.setFont(QFont(title.font().family(), 30))
    window.set_model(THINKER)

    def has_room() -> bool:
        left = title.mapTo(window, QPoint(0, 0)).x()
        inside = left >= 0 and left + title.width() <= window.width()
        return inside and title.height() >= title.heightForWidth(title.width())

    qtbot.waitUntil(has_room)
    assert window.width() == width


def test_messages_take_the_place_of_the_welcome(window: MainWindow) -> None:
    assert window.pages.currentWidget() is window.welcome
    window.add_message(Shown("1", "user", "A question"))
    assert window.pages.currentWidget() is window.view
    window.change_messages([])
    assert window.pages.currentWidget() is window.welcome
    window.show_conversation([Shown("1", "user", "Once"), Shown("2", "assistant", "Upon")], None)
    assert window.pages.currentWidget() is window.view
    assert "Upon" in window.view.visible_plain_text()
    assert window.composer.edit.hasFocus()


def test_an_answer_that_ends_gets_its_footer_and_its_actions(window: MainWindow) -> None:
    window.add_message(Shown("1", "user", "A question"))
    window.add_message(Shown("2", "assistant", finished=False))
    window.view.append_text("2", "answer", "Half")
    window.update_message(Shown("2", "assistant", footer="small · 4 tokens", mark="Stopped"))
    shown = window.view.visible_plain_text()
    assert "Half" in shown
    assert "small · 4 tokens" in shown
    assert "Stopped" in shown


def test_the_title_gives_way_on_a_narrow_window(window: MainWindow, qtbot: QtBot) -> None:
    window.top_bar.set_title("word " * 50)
    window.resize(720, 600)
    qtbot.waitUntil(lambda: window.width() == 720)
    title, button = window.top_bar.title, window.top_bar.settings_button

    def apart() -> bool:
        end = title.mapTo(window, title.rect().topRight()).x()
        return end < button.mapTo(window, button.rect().topLeft()).x()

    qtbot.waitUntil(apart)
    window.top_bar.set_title("")
    assert title.text() == "New chat"


def test_the_sidebar_folds_and_leaves_a_button_for_a_new_chat(window: MainWindow, qtbot: QtBot) -> None:
    assert window.sidebar.isVisible()
    assert not window.top_bar.new_button.isVisible()
    with qtbot.waitSignal(window.sidebar_changed) as changed:
        qtbot.mouseClick(window.top_bar.sidebar_button, Qt.MouseButton.LeftButton)
    assert changed.args[0] is False
    assert not window.sidebar.isVisible()
    assert window.top_bar.new_button.isVisible()
    window.show_sidebar(True, 300)
    qtbot.waitUntil(lambda: window.sidebar.width() == 300)


def test_the_sidebar_gives_way_in_a_narrow_window(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(560, 600)
    qtbot.waitUntil(lambda: not window.sidebar.isVisible())
    window.resize(1000, 600)
    qtbot.waitUntil(window.sidebar.isVisible)
    window.show_sidebar(False)
    window.resize(1100, 600)
    qtbot.waitUntil(lambda: window.width() == 1100)
    assert not window.sidebar.isVisible()


def test_settings_open_beside_the_conversation(window: MainWindow, qtbot: QtBot) -> None:
    window.toggle_settings()
    assert window.settings.isVisible()
    qtbot.waitUntil(lambda: window.settings.x() >= window.splitter.x() + window.splitter.width())
    window.toggle_settings()
    assert not window.settings.isVisible()
    assert window.composer.edit.hasFocus()


def test_a_temporary_chat_says_so(window: MainWindow) -> None:
    window.set_model(THINKER)
    window.top_bar.set_temporary(True)
    window.welcome.set_temporary(True)
    assert window.top_bar.badge.isVisible()
    assert "not saved" in window.welcome.title.text()


def test_the_small_model_says_so_and_offers_the_real_one(window: MainWindow, starter: Path) -> None:
    window.set_model(THINKER)
    assert not window.welcome.real_button.isVisible()
    window.set_model(replace(PLAIN, path=str(starter)))
    assert "small model" in window.welcome.text.text()
    assert window.welcome.real_button.isVisible()
    assert "Nemotron-Cascade-2" in window.welcome.text.text()
    assert "nothing is fetched yet" in window.welcome.real_button.toolTip()


def test_the_window_comes_back_where_it_was(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(700, 600)
    place = window.place()
    window.resize(640, 500)
    window.restore_place(place)
    assert (window.width(), window.height()) == (700, 600)
    window.restore_place("no place é")
    assert (window.width(), window.height()) == (700, 600)


def test_the_theme_is_switched_by_its_button(window: MainWindow, qtbot: QtBot) -> None:
    before = window.styleSheet()
    qtbot.mouseClick(window.findChild(QToolButton, "theme_button"), Qt.MouseButton.LeftButton)
    assert window.styleSheet() != before


@pytest.mark.parametrize("shortcut", ACTIONS, ids=lambda one: one.id)
def test_each_action_has_its_key(window: MainWindow, qtbot: QtBot, shortcut: Shortcut) -> None:
    action = window.actions_by_id[shortcut.id]
    window.activateWindow()
    combination = shortcut.sequence[0]
    with qtbot.waitSignal(action.triggered):
        qtbot.keyClick(window, combination.key(), combination.keyboardModifiers())


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
    left = window.view.mapTo(window, QPoint(window.view.column()[0], 0)).x()
    column = window.view.column()[1]
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


def test_the_theme_button_says_what_is_in_force(window: MainWindow, qtbot: QtBot) -> None:
    button = window.findChild(QToolButton, "theme_button")
    for word in ("Dark", "High contrast", "system has", "Light"):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert word in button.toolTip().split(";")[0]


TEN_LINES = "\n".join(f"line {number}" for number in range(10))


@pytest.mark.parametrize("size", [(1180, 800), (700, 600), (480, 640), (480, 520)])
def test_everything_has_its_place_in_a_small_window(
    window: MainWindow, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window.set_model(THINKER)
    window.add_message(Shown("1", "user", "A question"))
    for key in ("one", "two"):
        text = "There is no room on the disk to save this. Free some space, then it is saved. " * 9
        window.notices.show_notice(Notice(key, text, "error", "x", "Load the model again", details="a"))
    window.composer.edit.set_text(TEN_LINES)
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    box = window.composer
    qtbot.waitUntil(lambda: box.edit.geometry().bottom() < box.modes.geometry().top())
    assert window.notices.height() <= 0.4 * size[1] + 1
    for widget in (box.modes.findChild(QToolButton, "mode_thinking"), box.gauge, box.button):
        assert widget.width() >= widget.sizeHint().width()
    parts = [window.top_bar, window.notices, window.pages, box, window.status]
    tops = [part.mapTo(window, QPoint(0, 0)).y() for part in parts]
    for part, top, below in zip(parts, tops, [*tops[1:], window.height()], strict=True):
        assert top + part.height() <= below
    assert window.pages.height() >= 40


@pytest.mark.parametrize("width", [480, 700, 900])
def test_the_models_name_gives_way_before_the_title(window: MainWindow, qtbot: QtBot, width: int) -> None:
    window.set_model(THINKER)
    window.top_bar.set_title("A thing about caches and what they keep")
    window.resize(width, 600)
    qtbot.waitUntil(lambda: window.width() == width)
    QApplication.processEvents()
    bar = window.top_bar
    assert bar.title.width() >= min(120, bar.title.sizeHint().width())
    assert bar.model_button.width() >= bar.model_button.iconSize().width()
    assert bar.model_button.geometry().right() < bar.title.geometry().left()
    assert bar.title.geometry().right() < bar.settings_button.geometry().left()
    assert bar.theme_button.geometry().right() <= bar.rect().right()


@pytest.mark.parametrize("width", [480, 700])
def test_settings_lie_over_a_narrow_conversation(window: MainWindow, qtbot: QtBot, width: int) -> None:
    window.resize(width, 600)
    qtbot.waitUntil(lambda: window.width() == width)
    window.toggle_settings()
    qtbot.waitUntil(lambda: window.splitter.width() == width)
    close = window.settings.close_button
    assert window.rect().contains(close.mapTo(window, close.rect().bottomRight()))
    assert window.childAt(close.mapTo(window, close.rect().center())) is close
    window.resize(1200, 600)
    qtbot.waitUntil(lambda: window.settings.x() == window.splitter.width())
    window.resize(width, 600)
    qtbot.waitUntil(lambda: window.settings.geometry().right() == width - 1)
    qtbot.waitUntil(lambda: window.splitter.width() == width)
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not window.settings.isVisible()


def test_a_wild_title_is_one_short_line(window: MainWindow) -> None:
    window.top_bar.set_title("\u202e<b>a</b>\n" + "x" * 1_000_000)
    assert len(window.top_bar.title.text()) <= 200
    assert window.top_bar.title.text().startswith("<b>a</b> x")
    window.grab()
    assert window.top_bar.title.toolTip().startswith("<span>&lt;b&gt;")


def test_escape_stops_from_anywhere(window: MainWindow, qtbot: QtBot) -> None:
    window.add_message(Shown("1", "user", "A question"))
    for widget in (window.view, window.sidebar.list, window.sidebar.search, window.top_bar.theme_button):
        with qtbot.waitSignal(window.stop_requested):
            qtbot.keyClick(widget, Qt.Key.Key_Escape)


def test_escape_first_closes_what_is_open(window: MainWindow, qtbot: QtBot) -> None:
    window.toggle_settings()
    window.sidebar.search.setText("word")
    with qtbot.assertNotEmitted(window.stop_requested):
        qtbot.keyClick(window.settings.system, Qt.Key.Key_Escape)
        qtbot.keyClick(window.sidebar.search, Qt.Key.Key_Escape)
    assert not window.settings.isVisible()


def test_conversations_that_cannot_be_opened_are_not_called_missing(window: MainWindow) -> None:
    note = window.sidebar.findChild(QLabel, "sidebar_note")
    window.on_store_opened(UserError("It is damaged."))
    assert note.text() == "Your saved conversations cannot be opened."
    window.on_store_opened(object())
    window.sidebar.set_entries([], [])
    assert note.text() == "No conversations yet."


def test_no_control_is_without_a_name(window: MainWindow) -> None:
    kinds = (QLineEdit, QAbstractButton, QAbstractSpinBox, QComboBox, QPlainTextEdit)
    nameless = [
        widget.objectName()
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kinds) and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert not nameless


def test_find_in_this_chat_by_its_keys(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.find.isHidden()  # nothing to find anything in
    texts = [Shown(f"a{n}", "assistant", f"Needle {n}.\n\n" + "More.\n\n" * 30) for n in range(3)]
    window.show_conversation(texts, None)
    for _ in range(3):
        window.view.verticalScrollBar().setValue(0)
    window.composer.edit.setFocus()
    qtbot.keyClick(window.composer.edit, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.find.isVisible()
    qtbot.keyClicks(window.find.line.field, "needle")

    def at(said: str) -> None:
        qtbot.waitUntil(lambda: window.find.line.count.text() == said)

    at("1 of 3")
    qtbot.keyClick(window.find.line.field, Qt.Key.Key_F3)
    at("2 of 3")
    qtbot.keyClick(window.find.line.field, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    at("3 of 3")
    qtbot.keyClick(window.find.line.field, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    at("2 of 3")
    qtbot.keyClick(window.find.line.field, Qt.Key.Key_Escape)
    assert window.find.isHidden()
    assert window.composer.edit.hasFocus()
    window.view.clear()
