from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.settings.tab_order import order, stops


def test_tab_goes_as_things_are_laid_out(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    last, spin, first, bare = QPushButton(whole), QSpinBox(whole), QLineEdit(whole), QWidget(whole)
    inside = QPushButton(bare)
    box, row = QVBoxLayout(whole), QHBoxLayout()
    row.addWidget(first)
    row.addWidget(spin)
    box.addLayout(row)
    box.addWidget(bare)
    box.addWidget(last)
    wanted = [first, spin, inside, last]
    assert list(stops(whole)) == wanted
    order(whole)
    whole.show()
    whole.activateWindow()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    for before, after in pairwise(wanted):
        qtbot.keyClick(before, Qt.Key.Key_Tab)
        assert after.hasFocus()
