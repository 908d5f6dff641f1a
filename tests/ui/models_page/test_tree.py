from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.models_page.conftest import GROUPS
from ui.models.page import ModelsPage
from ui.models.style import ROW, TALL_ROW
from ui.models.tree import COLUMNS, ModelsTree
from ui.models.values import Row
from ui.theme import ThemeManager


@pytest.fixture
def tree(page: ModelsPage) -> ModelsTree:
    return page.tree


def index(tree: ModelsTree, key: str) -> QModelIndex:
    return next(one for one in tree._indexes() if (row := tree._row(one)) is not None and row.key == key)


def test_it_lists_models_below_headings_and_notes_between_them(tree: ModelsTree) -> None:
    assert tree.keys() == ["file:a", "hub:r:b", "hub:r:c", "hub:s:d"]
    assert tree.isExpanded(tree.model().index(1, 0))
    assert not tree.isExpanded(tree.model().index(2, 0))
    told = index(tree, "hub:r:b").data(Qt.ItemDataRole.AccessibleTextRole)
    assert told == "Beta-Q4_0, Recommended, The smallest file."


def test_columns_of_what_fits_are_hidden_until_there_is_something_to_say(tree: ModelsTree) -> None:
    hidden = [name for number, name in enumerate(COLUMNS) if tree.isColumnHidden(number)]
    assert hidden == ["Fits", "Longest"]
    tree.show_fits(True)
    assert not any(tree.isColumnHidden(number) for number in range(len(COLUMNS)))
    texts = [index(tree, "hub:r:b").siblingAtColumn(number).data() for number in range(len(COLUMNS))]
    assert texts == ["Beta-Q4_0", "Q4_0", "18.2 GB", "Fits", "128K"]


def test_what_is_chosen_and_folded_stays_when_rows_change(tree: ModelsTree, qtbot: QtBot) -> None:
    said: list[str] = []
    tree.row_chosen.connect(said.append)
    tree.choose("hub:r:c")
    tree.collapse(tree.model().index(0, 0))
    more = replace(GROUPS[1], rows=(Row("hub:r:0", "New"), *GROUPS[1].rows))
    tree.set_groups((GROUPS[0], more, GROUPS[2]))
    assert tree.current_key() == "hub:r:c"
    assert not tree.isExpanded(tree.model().index(0, 0))
    typed = replace(GROUPS[2], key="repo:t", rows=(Row("hub:t:e", "Epsilon"),))
    tree.set_groups((GROUPS[0], typed, more, GROUPS[2]))
    assert tree.current_key() == "hub:r:c"
    assert said == ["hub:r:c"]
    tree.set_groups(GROUPS[:1])
    assert said[-1] == tree.current_key() != "hub:r:c"


def test_a_choice_opens_its_group(tree: ModelsTree) -> None:
    tree.choose("hub:s:d")
    assert tree.current_key() == "hub:s:d"
    assert tree.isExpanded(tree.model().index(2, 0))
    tree.choose("nothing")
    assert tree.current_key() == "hub:s:d"


def test_the_keyboard_goes_through_all_and_enter_acts(tree: ModelsTree, qtbot: QtBot) -> None:
    acted: list[str] = []
    removed: list[str] = []
    tree.row_activated.connect(acted.append)
    tree.remove_requested.connect(removed.append)
    tree.choose("file:a")
    seen = []
    for _ in range(6):
        qtbot.keyClick(tree, Qt.Key.Key_Down)
        seen.append(tree.current_key())
    assert [key for key in dict.fromkeys(seen) if key] == ["hub:r:b", "hub:r:c"]
    tree.choose("hub:r:b")
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    assert (acted, removed) == (["hub:r:b"], ["hub:r:b"])
    tree.setCurrentIndex(tree.model().index(2, 0))
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert tree.isExpanded(tree.model().index(2, 0))
    assert acted == ["hub:r:b"]


def test_a_double_click_acts_on_models_only(tree: ModelsTree, qtbot: QtBot) -> None:
    acted: list[str] = []
    tree.row_activated.connect(acted.append)
    for at in (index(tree, "hub:r:c"), tree.model().index(0, 0, tree.model().index(1, 0))):
        place = tree.visualRect(at).center()
        qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert acted == ["hub:r:c"]


def test_rows_are_as_high_as_what_they_say(tree: ModelsTree, page: ModelsPage, qtbot: QtBot) -> None:
    assert tree.visualRect(index(tree, "hub:r:c")).height() == ROW
    assert tree.visualRect(index(tree, "hub:r:b")).height() == TALL_ROW
    note = tree.model().index(0, 0, tree.model().index(1, 0))
    wide = tree.visualRect(note).height()
    assert wide > ROW
    page.window().resize(page.window().minimumSize())
    qtbot.waitUntil(lambda: tree.visualRect(note).height() > wide)


def test_names_keep_their_place_where_it_is_narrow(tree: ModelsTree, page: ModelsPage, qtbot: QtBot) -> None:
    tree.show_fits(True)
    assert not tree.isColumnHidden(1)
    page.window().resize(page.window().minimumSize())
    qtbot.waitUntil(lambda: tree.isColumnHidden(1))
    assert tree.columnWidth(0) >= 120
    assert sum(tree.columnWidth(column) for column in range(5)) <= tree.viewport().width()


def test_the_chosen_row_is_seen_in_both_palettes(
    tree: ModelsTree, theme: ThemeManager, qapp: QApplication
) -> None:
    tree.choose("hub:r:b")
    for mode in ("light", "dark"):
        theme.set_mode(mode)
        image = tree.viewport().grab().toImage()
        row = tree.visualRect(index(tree, "hub:r:b"))
        ground = QColor(image.pixel(image.width() - 4, row.center().y()))
        assert ground.name() == theme.color("selection").name()
