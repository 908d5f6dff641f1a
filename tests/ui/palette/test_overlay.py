from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.palette.overlay import PaletteOverlay
from ui.palette.rows import ROW
from ui.palette.values import Command, Match
from ui.theme import ThemeManager

Key = Qt.Key
THREE = [
    Match(Command("a:new", "New chat", "Chats", ("Ctrl", "N")), (0, 1, 2)),
    Match(Command("a:quit", "Quit", "Window", ("Ctrl", "Q"))),
    Match(Command("c:1", "שלום 你好 👩‍👩‍👧 " + "long " * 60, "Chats"), (1, 2)),
]


class Place:
    """A window with a field of its own below the palette."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window = QWidget()
        self.other = QLineEdit(self.window)
        QVBoxLayout(self.window).addWidget(self.other)
        self.overlay = PaletteOverlay(ThemeManager("light"), self.window)
        self.matches = THREE
        self.asked: list[str] = []
        self.chosen: list[tuple[str, bool]] = []
        self.overlay.query_changed.connect(self._on_asked)
        self.overlay.chosen.connect(self._on_chosen)
        self.window.resize(900, 700)
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.other.setFocus()
        qtbot.waitUntil(self.other.hasFocus)
        self.overlay.toggle()

    def _on_asked(self, query: str) -> None:
        self.asked.append(query)
        self.overlay.set_matches(self.matches, 100)

    def _on_chosen(self, command_id: str) -> None:
        self.chosen.append((command_id, self.other.hasFocus()))

    def press(self, *keys: Qt.Key) -> None:
        for key in keys:
            self.qtbot.keyClick(self.overlay.field, key)

    @property
    def row(self) -> int:
        return self.overlay.list.currentIndex().row()


@pytest.fixture
def place(qtbot: QtBot) -> Place:
    return Place(qtbot)


def test_it_opens_with_the_keyboard_and_esc_gives_it_back(place: Place) -> None:
    assert place.overlay.isVisible()
    assert place.overlay.field.hasFocus()
    assert place.asked == [""]
    place.press(Key.Key_Escape)
    assert not place.overlay.isVisible()
    assert place.other.hasFocus()


def test_its_own_key_closes_it_too(place: Place) -> None:
    place.overlay.toggle()
    assert not place.overlay.isVisible()
    place.overlay.toggle()
    assert place.overlay.isVisible()


def test_the_field_is_empty_again_when_it_opens_again(place: Place) -> None:
    place.qtbot.keyClicks(place.overlay.field, "qu")
    assert place.asked == ["", "q", "qu"]
    place.press(Key.Key_Escape)
    place.overlay.toggle()
    assert place.overlay.field.text() == ""
    assert place.asked[-1] == ""


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        ((), 0),
        ((Key.Key_Down,), 1),
        ((Key.Key_Tab, Key.Key_Tab, Key.Key_Backtab), 1),
        ((Key.Key_Up,), 2),  # over the end
        ((Key.Key_Down,) * 3, 0),
        ((Key.Key_PageDown,), 2),
        ((Key.Key_PageDown, Key.Key_PageUp), 0),
    ],
)
def test_keys_move_in_the_list_and_enter_runs(place: Place, keys: tuple[Qt.Key, ...], row: int) -> None:
    place.press(*keys)
    assert place.row == row
    assert place.overlay.field.hasFocus()
    place.press(Key.Key_Return)
    # the keyboard is back before the command runs: it may be about what has it
    assert place.chosen == [(THREE[row].command.id, True)]
    assert not place.overlay.isVisible()


def test_a_click_runs(place: Place) -> None:
    spot = place.overlay.list.visualRect(place.overlay.model.index(1)).center()
    place.qtbot.mouseClick(place.overlay.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert [one for one, _ in place.chosen] == ["a:quit"]


def test_going_elsewhere_closes_it(place: Place) -> None:
    place.other.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not place.overlay.isVisible()
    assert place.other.hasFocus()


def test_nothing_found_says_so_and_enter_does_nothing(place: Place) -> None:
    place.matches = []
    place.qtbot.keyClicks(place.overlay.field, "zzz")
    assert place.overlay.count.text() == "Nothing is called this."
    place.press(Key.Key_Down, Key.Key_Return)
    assert place.overlay.isVisible()
    assert not place.chosen


def test_it_says_how_many_there_are_and_what_enter_would_do(place: Place) -> None:
    assert place.overlay.count.text() == "3 results"
    place.press(Key.Key_Down)
    said = QAccessible.queryAccessibleInterface(place.overlay.field).text(QAccessible.Text.Description)
    assert said == "Quit, Ctrl+Q, Window. 3 results"
    place.overlay.set_matches(THREE[:1], 1)
    assert "first 1" in place.overlay.count.text()
    rows = place.overlay.model
    assert rows.data(rows.index(0), Qt.ItemDataRole.AccessibleTextRole) == "New chat, Ctrl+N, Chats"


def test_it_stays_inside_a_small_window(place: Place) -> None:
    for width, height in ((460, 480), (1400, 900)):
        place.window.resize(width, height)
        place.qtbot.waitUntil(lambda width=width: place.window.width() == width)
        box = place.overlay.geometry()
        assert place.window.rect().contains(box)
        assert abs(box.center().x() - width // 2) <= 1
    assert place.overlay.list.height() == len(THREE) * ROW


@pytest.mark.parametrize("mode", ["light", "dark", "contrast"])
def test_every_row_is_drawn(qtbot: QtBot, mode: str) -> None:
    window = QWidget()
    window.resize(800, 600)
    qtbot.addWidget(window)
    theme = ThemeManager(mode)
    overlay = PaletteOverlay(theme, window)
    window.show()
    overlay.open_palette()
    overlay.set_matches(THREE, 100)
    image = overlay.list.viewport().grab().toImage()
    for number in range(3):
        band = {image.pixel(x, number * ROW + ROW // 2) for x in range(image.width())}
        assert len(band) > 5
