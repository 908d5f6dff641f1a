"""Code that is saved from the conversation, and long texts that are copied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from ui.chat.shown import Shown
from ui.dialogs.notice_bar import NoticeCard
from ui.main_window import MainWindow
from ui.theme import ThemeManager
from ui.wiring_saving import wire_saving
from ui.workers.files import FileWorker


class Desk(QObject):
    """As much of the application as is wired here."""

    def __init__(self) -> None:
        super().__init__()
        self.window = MainWindow(ThemeManager("light"))
        self.file_worker, self.runs = FileWorker(), QThread()
        self.runs.setObjectName("file_thread")
        self.file_worker.moveToThread(self.runs)
        wire_saving(self)  # type: ignore[arg-type]
        self.runs.start()

    @property
    def dialog(self) -> QFileDialog:
        (dialog,) = self.window.findChildren(QFileDialog, "save_file_dialog")
        return dialog

    @property
    def notices(self) -> list[str]:
        cards = self.window.notices.findChildren(NoticeCard)
        texts = [card.findChild(QLabel, "notice_text") for card in cards if not card.isHidden()]
        return [text.text() for text in texts if text is not None]


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk()
    qtbot.addWidget(desk.window)
    desk.window.show()
    yield desk
    desk.window.view.clear()
    desk.runs.quit()
    assert desk.runs.wait(5000)


def save(desk: Desk, path: Path) -> None:
    view = desk.window.view
    desk.window.show_conversation([Shown("a", "assistant", "```py\nx = 'é'\n```")], None)
    ref = view.model.first_of(0)
    spot = next(one for one in view.cache.item(view.model.row(ref)).spots() if one.kind == "save_code")
    view.activate(ref, spot)
    desk.dialog.fileSelected.emit(str(path))
    desk.dialog.reject()


def test_code_is_saved_and_that_is_said(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    save(desk, tmp_path / "mine.py")
    qtbot.waitUntil(lambda: bool(desk.notices))
    assert (tmp_path / "mine.py").read_text(encoding="utf-8") == "x = 'é'\n"
    assert desk.notices == ["Saved as “mine.py”."]


def test_what_cannot_be_saved_is_said(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    save(desk, tmp_path / "gone" / "mine.py")
    qtbot.waitUntil(lambda: bool(desk.notices))
    assert "was not saved" in desk.notices[0]


def test_a_long_copy_is_said_while_it_lasts(desk: Desk, qtbot: QtBot) -> None:
    view = desk.window.view
    desk.window.show_conversation([Shown("a", "assistant", "Some *words*.\n\n" * 5000)], None)
    view.select_all()
    view.doings.copy_plain()
    assert desk.notices == ["Copying a long text…"]
    qtbot.waitUntil(lambda: not view.doings.copier.busy, timeout=20_000)
    assert desk.notices == []
