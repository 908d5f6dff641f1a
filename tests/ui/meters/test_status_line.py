from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.meters.status_line import StatusLine


def test_what_is_not_saved_is_said_as_long_as_it_lasts(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.show()
    assert not line.unsaved.isVisible()
    line.set_unsaved(True)
    line.set_state("Ready")
    assert line.unsaved.isVisible()
    assert line.unsaved.text() == "Not saved: the disk is full"
    assert line.unsaved.property("tone") == "warning"
    line.set_unsaved(False)
    assert not line.unsaved.isVisible()
