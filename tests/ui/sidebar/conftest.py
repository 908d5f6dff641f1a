from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.chat.library import Entry, Folder, Hit
from ui.sidebar.contents import Section, key_of
from ui.sidebar.sidebar import Sidebar
from ui.sidebar.style import sidebar_stylesheet
from ui.theme import ThemeManager

NOW = datetime(2026, 11, 22, 15, 0)
FOLDERS = [Folder("work", "Work"), Folder("home", "Home & garden")]


def ago(**delta: float) -> float:
    """Seconds since the epoch of a time so long before NOW."""
    return (NOW - timedelta(**delta)).timestamp()


def entry(name: str, *, title: str | None = None, **values: object) -> Entry:
    when = values.pop("when", ago(minutes=5))
    return Entry(name, name.title() if title is None else title, 0.0, when, **values)  # type: ignore[arg-type]


def some() -> list[Entry]:
    """One of each kind: the rows are Pinned, lakes, Work, cache, Home, Today, rust, letter, October, old."""
    return [
        entry("old", when=ago(days=50)),
        entry("rust"),
        entry("lakes", pinned=True, when=ago(days=3)),
        entry("cache", folder="work", when=ago(days=2)),
        entry("letter", when=ago(hours=2)),
        entry("stored", archived=True),
    ]


HITS = [
    Hit("cache", "Cache", "Cache", ((0, 5),), when=ago(hours=1)),
    Hit("rust", "Rust", "why a cache is read", ((6, 11),), "m1", "user", ago(days=1)),
]


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = NOW.timestamp()

    def __call__(self) -> float:
        return self.now


class Desk:
    """A sidebar and hands for it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.clock = Clock()
        self.theme = ThemeManager("light")
        self.sidebar = Sidebar(self.theme, clock=self.clock)
        self.sidebar.setStyleSheet(sidebar_stylesheet(self.theme.tokens))
        qtbot.addWidget(self.sidebar)
        self.list = self.sidebar.list
        self.sidebar.resize(260, 700)
        self.sidebar.show()
        self.sidebar.activateWindow()
        qtbot.waitUntil(self.sidebar.isActiveWindow)

    def fill(self) -> Desk:
        self.sidebar.set_entries(some(), FOLDERS)
        return self

    @property
    def names(self) -> list[str]:
        """The rows: headings in brackets, others by their id."""
        return [
            f"[{row.name}]" if isinstance(row, Section) else key_of(row).split(":")[1]
            for row in self.list.rows.rows
        ]

    def row(self, name: str) -> int:
        return self.names.index(name)

    def center(self, name: str) -> QPoint:
        return self.list.visualRect(self.list.rows.index(self.row(name))).center()

    def go(self, name: str) -> None:
        """Put the keyboard onto a row."""
        self.sidebar.focus_list()
        self.list.select_row(self.row(name))

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.list, key, modifier)

    def click(self, name: str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.mouseClick(self.list.viewport(), Qt.MouseButton.LeftButton, modifier, self.center(name))

    def selected(self) -> list[str]:
        return [self.names[row] for row in self.list.selected_rows()]

    def at(self) -> str:
        """The row that the keyboard is at."""
        return self.names[self.list.currentIndex().row()]

    def right_click(self, name: str) -> QMenu:
        at = self.center(name)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, self.list.viewport().mapToGlobal(at))
        QApplication.sendEvent(self.list.viewport(), event)
        return self.menu()

    def menu(self) -> QMenu:
        """The menu that is open."""
        menus = [one for one in self.sidebar.findChildren(QMenu, "sidebar_menu") if one.isVisible()]
        assert len(menus) == 1
        return menus[0]

    def choose(self, menu: QMenu, name: str) -> None:
        """Take an action of a menu by its object name, and close the menu."""
        action = menu.findChild(QAction, f"sidebar_{name}")
        assert action is not None
        menu.close()
        action.trigger()


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    for menu in made.sidebar.findChildren(QMenu, "sidebar_menu"):
        menu.close()
