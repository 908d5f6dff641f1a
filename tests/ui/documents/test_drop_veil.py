from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui.documents.drop_veil import DropVeil
from ui.theme import ThemeManager


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    return made


def test_it_covers_the_window_while_something_is_dragged(window: QWidget) -> None:
    veil = DropVeil(ThemeManager("light"), window)
    assert veil.isHidden()
    veil.show_for("documents")
    assert veil.geometry() == window.rect()
    assert veil.accessibleName() == "Drop documents here"
    documents = veil.grab().toImage()
    veil.show_for("model")
    assert veil.accessibleName() == "Drop to open the model"
    assert veil.grab().toImage() != documents
    window.resize(500, 320)
    QApplication.processEvents()
    assert veil.geometry() == window.rect()
    veil.hide()
    assert veil.isHidden()


def test_what_is_below_gets_the_events(window: QWidget) -> None:
    veil = DropVeil(ThemeManager("dark"), window)
    veil.show_for("documents")
    assert window.childAt(50, 50) is None
    assert veil.focusPolicy() == Qt.FocusPolicy.NoFocus
