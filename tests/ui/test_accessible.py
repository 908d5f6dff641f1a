"""Nodes of widgets of our own."""

from __future__ import annotations

import gc

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.documents.text_pane import TextPane
from ui.meters.memory_meter import MemoryMeter
from ui.theme import ThemeManager

Role, Text = QAccessible.Role, QAccessible.Text


def test_what_is_pressed_is_a_button(qtbot: QtBot) -> None:
    meter = MemoryMeter(ThemeManager("light"))
    qtbot.addWidget(meter)
    node = QAccessible.queryAccessibleInterface(meter)
    assert (node.role(), node.text(Text.Name)) == (Role.Button, "Memory")
    actions = node.actionInterface()
    assert QAccessibleActionInterface.pressAction() in actions.actionNames()
    with qtbot.waitSignal(meter.opened):
        actions.doAction(QAccessibleActionInterface.pressAction())
    meter.show()
    meter.activateWindow()
    qtbot.waitUntil(meter.isActiveWindow)
    actions.doAction(QAccessibleActionInterface.setFocusAction())
    assert meter.hasFocus()


def test_a_painted_text_can_be_read(qtbot: QtBot) -> None:
    pane = TextPane(ThemeManager("light"))
    qtbot.addWidget(pane)
    pane.resize(400, 200)
    pane.set_text("\n".join(f"Line {number}" for number in range(100_000)))
    pane.show()
    qtbot.waitExposed(pane)
    node = QAccessible.queryAccessibleInterface(pane)
    assert node.role() == Role.Document
    text = node.textInterface()
    assert text.text(0, 13) == "Line 0\nLine 1"
    assert 20 < text.characterCount() < 400
    assert text.text(0, -1) == pane.visible_text()
    qtbot.keyClick(pane, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert text.text(0, -1).endswith("Line 99999")
    assert node.actionInterface() is not None


def test_a_node_goes_with_its_widget(qtbot: QtBot) -> None:
    pane = TextPane(ThemeManager("light"))
    text = QAccessible.queryAccessibleInterface(pane).textInterface()
    shiboken6.delete(pane)
    gc.collect()
    assert text.characterCount() == 0
    assert QAccessible.queryAccessibleInterface(QWidget()) is not None
