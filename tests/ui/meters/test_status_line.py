from __future__ import annotations

from itertools import pairwise

from pytestqt.qtbot import QtBot

from app.models.metering import Meter
from ui.meters.status_line import StatusLine
from ui.theme import SPACE, ThemeManager


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


def busy(qtbot: QtBot, state: str, tokens_per_second: float) -> StatusLine:
    """One that has something to say everywhere, and room for it."""
    line = StatusLine(ThemeManager())
    qtbot.addWidget(line)
    line.set_state(state)
    line.set_rate(tokens_per_second)
    line.memory.set_meters((Meter("RAM", True, 32_000_000_000, (0, 0, 0, 0, 8_000_000_000, 24_000_000_000)),))
    line.resize(1000, line.sizeHint().height())
    line.show()
    return line


def test_in_a_narrow_window_it_gives_way(qtbot: QtBot) -> None:
    line = busy(qtbot, "Reading a very long document", 12345.6)
    wide = line.memory.label.width()
    assert wide >= line.memory.label.sizeHint().width()
    line.resize(260, line.height())
    qtbot.waitUntil(lambda: line.memory.label.width() < wide)
    parts = [line.state, line.rate, line.memory]
    for left, right in pairwise(parts):
        assert left.geometry().right() < right.geometry().left()
    assert line.memory.geometry().right() < line.width()
    assert line.memory.label.geometry().right() < line.memory.bar.geometry().left()
    assert line.memory.bar.geometry().right() < line.memory.width()


def test_the_state_is_read_in_whole_before_the_memory(qtbot: QtBot) -> None:
    line = busy(qtbot, "Thinking", 123.4)
    parts = (line.state, line.rate, line.memory.label)
    whole = [part.sizeHint().width() for part in parts]
    assert line.memory.width() == line.memory.sizeHint().width()
    assert line.memory.geometry().right() == line.contentsRect().right() - SPACE[3]
    line.resize(line.sizeHint().width() - whole[2] // 2, line.height())
    qtbot.waitUntil(lambda: line.memory.label.width() < whole[2])
    assert line.state.width() >= whole[0]
    assert line.rate.width() >= whole[1]
