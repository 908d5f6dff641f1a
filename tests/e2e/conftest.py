"""The real application: window, worker thread, engine process and model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.protocol import ModelInfo
from app.paths import Paths
from ui.application import Application
from ui.dialogs.notice_bar import NoticeCard

WAIT_MS = 60_000


class Desk:
    """Drives the window as a person does, by keyboard and mouse."""

    def __init__(self, application: Application, qtbot: QtBot) -> None:
        self.application, self.qtbot = application, qtbot
        self.window, self.controller = application.window, application.controller
        self.answers: list[str] = []
        self.marks: dict[str, tuple[str, str]] = {}
        self.info: ModelInfo | None = None
        self.fraction = 0.0
        # Only signals of the GUI thread: a plain method would be called on the worker's.
        self.reading = 0.0
        self.controller.status_changed.connect(self._on_status)
        self.controller.loading_changed.connect(self._on_loading)
        self.controller.message_added.connect(self._on_added)
        self.controller.message_finished.connect(self._on_finished)
        self.controller.model_changed.connect(self._on_model)

    def _on_status(self, _message_id: str, _text: str, fraction: float) -> None:
        self.reading = fraction

    def _on_loading(self, _name: str, fraction: float) -> None:
        self.fraction = fraction

    def _on_added(self, message_id: str, role: str, _text: str) -> None:
        if role == "assistant":
            self.answers.append(message_id)

    def _on_finished(self, message_id: str, footer: str, mark: str, _action: str) -> None:
        self.marks[message_id] = (footer, mark)

    def _on_model(self, info: ModelInfo | None) -> None:
        self.info = info

    def until(self, condition: Callable[[], bool]) -> None:
        """Run the event loop until `condition` holds."""
        self.qtbot.waitUntil(condition, timeout=WAIT_MS)

    def loaded(self) -> ModelInfo:
        """Wait for the model."""
        self.until(lambda: self.info is not None)
        assert self.info is not None
        return self.info

    def ask(self, text: str) -> str:
        """Type a question and press Enter; the id of its answer."""
        if len(text) > 200:
            self.window.composer.edit.setPlainText(text)  # as a paste: typing it takes Qt seconds
        else:
            self.qtbot.keyClicks(self.window.composer.edit, text)
        self.qtbot.keyClick(self.window.composer.edit, Qt.Key.Key_Return)
        return self.answers[-1]

    def finished(self, answer: str) -> tuple[str, str]:
        """Wait for the end of an answer; its footer and mark."""
        self.until(lambda: answer in self.marks)
        return self.marks[answer]

    def text(self, answer: str, channel: str = "answer") -> str:
        """What the view has of an answer."""
        return self.window.view.message_text(answer, channel)

    def notice(self) -> str:
        """The text of the newest notice."""
        cards = [card for card in self.window.notices.findChildren(NoticeCard) if not card.isHidden()]
        return cards[-1].notice.text if cards else ""

    @property
    def pid(self) -> int:
        pid = self.application.worker.engine_pid
        assert pid is not None
        return pid


@pytest.fixture
def open_desk(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[Path], Desk]]:
    """Opens the window on a model; closed behind the test."""
    opened: list[Application] = []

    def open_it(model: Path) -> Desk:
        application = Application(qapp, Paths.default(tmp_path / "data"))
        opened.append(application)
        qtbot.addWidget(application.window)
        desk = Desk(application, qtbot)
        application.start(str(model))
        return desk

    yield open_it
    for application in opened:
        application.window.close()
        application.close()
