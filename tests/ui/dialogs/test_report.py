from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ui.dialogs.report import ReportDialog


def test_it_is_read_and_copied(qtbot: QtBot) -> None:
    dialog = ReportDialog()
    qtbot.addWidget(dialog)
    dialog.open_report("It <b>failed</b>", "All is saved.", "ValueError\n  app/x.py:1 y\n")
    assert not dialog.isModal()
    assert dialog.heading.text() == "It <b>failed</b>"
    assert dialog.heading.textFormat() == Qt.TextFormat.PlainText
    assert dialog.copy.hasFocus() or dialog.focusWidget() is dialog.copy
    assert not dialog.copied.isVisible()
    qtbot.keyClick(dialog.copy, Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == "ValueError\n  app/x.py:1 y\n"
    assert dialog.copied.isVisible()
    dialog.set_text("more")
    assert not dialog.copied.isVisible()
    with qtbot.waitSignal(dialog.closed):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_report_without_end_has_one(qtbot: QtBot) -> None:
    dialog = ReportDialog()
    qtbot.addWidget(dialog)
    dialog.set_text("x" * 1_000_000)
    assert len(dialog.text.toPlainText()) == 200_000
