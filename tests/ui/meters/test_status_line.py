from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.meters.status_line import StatusLine
from ui.theme import ThemeManager


def test_what_is_not_saved_is_said_as_long_as_it_lasts(qtbot: QtBot) -> None:
    line = StatusLine(ThemeManager())
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


def test_downloads_are_a_short_line_that_leads_to_them(qtbot: QtBot) -> None:
    line = StatusLine(ThemeManager())
    qtbot.addWidget(line)
    line.show()
    assert not line.download.isVisible()
    line.set_download("Downloading A&B 34 %")
    assert line.download.isVisible()
    assert line.download.accessibleName() == "Downloading A&B 34 %"
    with qtbot.waitSignal(line.download_requested):
        line.download.click()
    line.set_download("")
    assert not line.download.isVisible()
