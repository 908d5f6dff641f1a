from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.sidebar.inputs import NameEdit, SearchField
from ui.theme import ThemeManager


@pytest.fixture
def field(qtbot: QtBot) -> SearchField:
    made = SearchField(ThemeManager("light"))
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def name(qtbot: QtBot) -> Iterator[NameEdit]:
    window = QWidget()
    qtbot.addWidget(window)
    home = QLineEdit(window)
    made = NameEdit(home, window)
    box = QVBoxLayout(window)
    box.addWidget(home)
    box.addWidget(made)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield made
    window.close()


def test_fast_typing_gives_one_search(field: SearchField, qtbot: QtBot) -> None:
    said: list[str] = []
    field.search_changed.connect(said.append)
    qtbot.keyClicks(field, " cache ")
    assert said == []
    qtbot.waitUntil(lambda: said == ["cache"])


def test_an_empty_search_is_said_at_once(field: SearchField, qtbot: QtBot) -> None:
    with qtbot.waitSignal(field.search_changed):
        qtbot.keyClicks(field, "x")
    said: list[str] = []
    field.search_changed.connect(said.append)
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert said == [""]


def test_blanks_are_no_search(field: SearchField, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(field.search_changed, wait=120):
        qtbot.keyClicks(field, "   ")


def test_esc_clears_and_then_leaves(field: SearchField, qtbot: QtBot) -> None:
    qtbot.keyClicks(field, "x")
    with qtbot.assertNotEmitted(field.escaped):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    with qtbot.waitSignal(field.escaped):
        qtbot.keyClick(field, Qt.Key.Key_Escape)


def test_the_icon_follows_the_theme(qtbot: QtBot) -> None:
    theme = ThemeManager("light")
    field = SearchField(theme)
    qtbot.addWidget(field)
    before = field.actions()[0].icon().cacheKey()
    theme.set_mode("dark")
    assert field.actions()[0].icon().cacheKey() != before


def outcome(name: NameEdit, act: Callable[[], object]) -> list[str]:
    heard: list[str] = []
    name.named.connect(heard.append)
    name.dropped.connect(lambda: heard.append("dropped"))
    act()
    return heard


@pytest.mark.parametrize(
    ("typed", "key", "heard"),
    [
        ("  new   name ", Qt.Key.Key_Return, ["new name"]),
        ("new", Qt.Key.Key_Enter, ["new"]),
        ("new", Qt.Key.Key_Escape, ["dropped"]),
        ("  ", Qt.Key.Key_Return, ["dropped"]),
        ("old", Qt.Key.Key_Return, ["dropped"]),
    ],
)
def test_how_a_name_ends(name: NameEdit, qtbot: QtBot, typed: str, key: Qt.Key, heard: list[str]) -> None:
    name.begin("old")
    assert name.selectedText() == "old"
    qtbot.keyClicks(name, typed)
    assert outcome(name, lambda: qtbot.keyClick(name, key)) == heard
    assert not name.isVisible()
    assert name.window().focusWidget() is not name


def test_leaving_keeps_the_name_and_the_keyboard_s_new_place(name: NameEdit, qtbot: QtBot) -> None:
    name.begin("old")
    qtbot.keyClicks(name, "new")
    other = QLineEdit(name.window())
    other.show()
    assert outcome(name, other.setFocus) == ["new"]
    assert name.window().focusWidget() is other


@pytest.mark.parametrize("reason", [Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason])
def test_another_window_in_front_ends_nothing(name: NameEdit, reason: Qt.FocusReason) -> None:
    name.begin("old")
    event = QFocusEvent(QEvent.Type.FocusOut, reason)
    assert outcome(name, lambda: QApplication.sendEvent(name, event)) == []
    assert name.is_open
