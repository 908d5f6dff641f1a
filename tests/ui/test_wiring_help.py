from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.diagnostics.faults import FaultBook
from app.paths import Paths
from tests.ui.scripted_desk import scripted_desk
from ui.application import Application
from ui.dialogs.notice_bar import NoticeCard
from ui.wiring_help import licences_place


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths) -> Iterator[Application]:
    with scripted_desk(qapp, qtbot, tmp_path, paths) as made:
        yield made


def test_diagnostics_are_copied_and_a_fault_is_reported(desk: Application, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("before")
    desk.palette.control.run("help:diagnostics")
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() != "before", timeout=20_000)
    text = QGuiApplication.clipboard().text()
    assert "Cascade Desk: " in text
    assert "llama, F32" in text
    assert "model.gguf" not in text
    said = [card.notice.text for card in desk.window.notices.findChildren(NoticeCard)]
    assert any("diagnostics are copied" in text for text in said)

    # a fault comes up as a report
    book = FaultBook()
    desk.help.watch(book, ())
    try:
        raise ValueError("marmalade")
    except ValueError as error:
        book.take(error)
    qtbot.waitUntil(lambda: desk.help.dialog is not None and desk.help.dialog.isVisible(), timeout=20_000)
    dialog = desk.help.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: "Cascade Desk: " in dialog.text.toPlainText(), timeout=20_000)
    assert dialog.text.toPlainText().startswith("ValueError\n")
    assert "marmalade" not in dialog.text.toPlainText()


def test_what_came_of_it_is_said_where_it_was_wanted(
    desk: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)

    def notices() -> str:
        return "\n".join(card.notice.text for card in desk.window.notices.findChildren(NoticeCard))

    desk.help.open_logs()
    assert str(desk.paths.logs) in notices()
    desk.settings_dialog.open_page("about")
    notes = {row.field: row.note for row in desk.settings_dialog.about.rows}
    desk.settings_dialog.about.licences_wanted.emit()
    assert str(licences_place()) in notes["version"].text().replace("\u200b", "")
    assert str(licences_place()) not in notices()
    desk.settings_dialog.about.copy_wanted.emit()
    qtbot.waitUntil(lambda: "are copied" in notes["diagnostics"].text(), timeout=20_000)
    assert notes["diagnostics"].isVisible()
    desk.settings_dialog.close()
    assert not notes["diagnostics"].text()


def test_folders_are_opened_and_closing_waits_for_no_diagnosis(
    desk: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    page = desk.settings_dialog.about
    page.logs_wanted.emit()
    page.licences_wanted.emit()
    assert [url.toLocalFile() for url in opened] == [str(desk.paths.logs), str(licences_place())]
    assert licences_place().exists()
    desk.help.copy_diagnostics()
    assert desk.help.close()


def test_a_frozen_program_has_its_licences_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "cascade-desk"))
    assert licences_place() == tmp_path / "licences"
