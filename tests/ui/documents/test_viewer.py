from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.documents.test_text_pane import ground
from ui.documents.viewer import DocumentViewer

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
TEXT = "One two\n" * 500 + "three\n" + "one two\n" * 10


def counted(viewer: DocumentViewer, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not viewer.pane.finder.busy)


def test_the_head_says_what_it_is(viewer: DocumentViewer) -> None:
    viewer.show_document("<b>report</b>\n.pdf", "PDF · 312 pages · 184,201 tokens", "text")
    assert viewer.isVisible()
    assert not viewer.isModal()
    assert viewer.name.text() == viewer.windowTitle() == "<b>report</b> .pdf"
    assert viewer.name.textFormat() == Qt.TextFormat.PlainText
    assert viewer.about.text() == "PDF · 312 pages · 184,201 tokens"
    assert viewer.note.text().startswith(
        "Exactly what the model reads, between “[Document: <b>report</b> .pdf]”"
    )
    assert viewer.note.textFormat() == Qt.TextFormat.PlainText
    assert viewer.pane.visible_text() == "text"


def test_closing_lets_go_of_the_text(viewer: DocumentViewer, qtbot: QtBot) -> None:
    viewer.show_document("a", "b", TEXT)
    assert viewer.pane.text is TEXT
    qtbot.keyClick(viewer.pane, Qt.Key.Key_Escape)
    assert not viewer.isVisible()
    assert viewer.pane.text == ""
    viewer.show_document("b", "", "other")
    assert viewer.pane.visible_text() == "other"


def test_words_are_found_counted_and_highlighted(viewer: DocumentViewer, qtbot: QtBot) -> None:
    viewer.show_document("a", "b", TEXT)
    qtbot.waitUntil(viewer.isActiveWindow)
    qtbot.keyClick(viewer.pane, Qt.Key.Key_F, CONTROL)
    assert viewer.find.field.hasFocus()
    qtbot.keyClicks(viewer.find.field, "ONE")
    counted(viewer, qtbot)
    assert viewer.find.count.text() == "1 of 510"
    assert viewer.find.field.accessibleDescription() == "1 of 510"
    qtbot.keyClick(viewer.find.field, Qt.Key.Key_Return)
    counted(viewer, qtbot)
    assert viewer.find.count.text() == "2 of 510"
    assert viewer.pane.selected() == (8, 11)
    assert ground(viewer.pane, 8) == viewer._theme.tokens.selection
    assert ground(viewer.pane, 16) == viewer._theme.tokens.found
    assert ground(viewer.pane, 20) == viewer._theme.tokens.surface
    for key, held, wanted in (
        (Qt.Key.Key_F3, SHIFT, "1 of 510"),
        (Qt.Key.Key_F3, SHIFT, "510 of 510"),
        (Qt.Key.Key_F3, Qt.KeyboardModifier.NoModifier, "1 of 510"),
        (Qt.Key.Key_Return, SHIFT, "510 of 510"),
    ):
        qtbot.keyClick(viewer.find.field, key, held)
        counted(viewer, qtbot)
        assert viewer.find.count.text() == wanted
    assert viewer.pane.visible_text().endswith("one two\n")


def test_what_is_not_there_is_not_found(viewer: DocumentViewer, qtbot: QtBot) -> None:
    viewer.show_document("a", "b", TEXT)
    viewer.open_find()
    qtbot.keyClicks(viewer.find.field, "four")
    counted(viewer, qtbot)
    assert viewer.find.count.text() == "Not found"
    assert not viewer.find.next.isEnabled()
    viewer.find.field.clear()
    assert viewer.find.count.text() == ""


def test_escape_closes_the_search_first(viewer: DocumentViewer, qtbot: QtBot) -> None:
    viewer.show_document("a", "b", TEXT)
    viewer.open_find()
    qtbot.keyClicks(viewer.find.field, "one")
    counted(viewer, qtbot)
    qtbot.keyClick(viewer.find.field, Qt.Key.Key_Escape)
    assert viewer.find.isHidden()
    assert viewer.isVisible()
    assert viewer.pane.hasFocus()
    assert ground(viewer.pane, 16) == viewer._theme.tokens.surface
    qtbot.keyClick(viewer.pane, Qt.Key.Key_F3)
    assert viewer.find.isVisible()
    counted(viewer, qtbot)
    assert "of 510" in viewer.find.count.text()


@pytest.mark.parametrize(
    "text",
    [
        "A line of sixty characters, as it stands in many a document\n" * 500_000,
        "one line without an end " * 1_250_000,
        "\n" * 30_000_000,
        "漢字仮名" * 2_000_000,
    ],
    ids=["lines", "one line", "empty lines", "cjk"],
)
def test_thirty_megabytes_hold_nothing_up(viewer: DocumentViewer, qtbot: QtBot, text: str) -> None:
    viewer.show_document("warm", "", text[:5000])
    QApplication.processEvents()
    beats: list[float] = []
    clock = QTimer()
    clock.setTimerType(Qt.TimerType.PreciseTimer)
    clock.timeout.connect(lambda: beats.append(perf_counter()))
    clock.start(5)
    steps = [perf_counter()]

    def step() -> None:
        QApplication.processEvents()
        steps.append(perf_counter())

    viewer.show_document("big", "", text)
    step()
    viewer.pane.placer.to_end()
    viewer.pane.moved()
    step()
    bar = viewer.pane.verticalScrollBar()
    for share in (0.5, 0.1, 0.9):
        bar.setValue(int(bar.maximum() * share))
        step()
    viewer.pane.select_all()
    step()
    viewer.pane.scroll_by(-5000)
    step()
    viewer.open_find()
    viewer.find.field.setText("OF s")
    qtbot.waitUntil(lambda: len(beats) > 20)
    viewer.close()
    clock.stop()
    worst = max(b - a for a, b in pairwise(steps))
    gaps = max(b - a for a, b in pairwise(beats[-15:]))
    # on an idle machine these are about 10 ms; a scan or a copy of the whole text would be 30 and more
    print("worst step", round(worst * 1000), "ms, worst gap while searching", round(gaps * 1000), "ms")
    assert worst < 0.25
    assert gaps < 0.25
