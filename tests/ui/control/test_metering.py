from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.control.metering import MeterControl


def test_it_asks_only_while_the_window_is_seen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    control = MeterControl(window)
    assert not control.running
    with qtbot.waitSignal(control.asked):
        window.show()
    assert control.running
    with qtbot.waitSignal(control.asked):
        pass
    window.hide()
    assert not control.running
    window.show()
    assert control.running
    window.showMinimized()
    assert not control.running
    window.showNormal()
    assert control.running
    control.stop()
    assert not control.running
    window.hide()
    window.show()
    assert not control.running
