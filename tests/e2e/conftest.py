"""The real application: window, worker threads, engine process, database and model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.chat.exchange import Exchange
from app.chat.parts import Message
from app.engine.values import ModelInfo
from app.paths import Paths
from ui.application import Application
from ui.chat.shown import Shown
from ui.dialogs.notice_bar import NoticeCard

WAIT_MS = 60_000


class Desk:
    """Drives the window as a person does, by keyboard and mouse."""

    def __init__(self, application: Application, qtbot: QtBot) -> None:
        self.application, self.qtbot = application, qtbot
        self.window, self.models = application.window, application.models
        self.chat, self.turns, self.messages = application.chat, application.turns, application.messages
        self.answers: list[str] = []
        self.ended: dict[str, Message] = {}
        self.shown: dict[str, Shown] = {}
        self.info: ModelInfo | None = None
        self.fraction = self.reading = 0.0
        # Only signals of the GUI thread: a plain method would be called on the worker's.
        self.messages.message_added.connect(self._on_added)
        self.chat.message_updated.connect(self._on_updated)
        self.turns.finished.connect(self._on_finished)
        self.models.loading_changed.connect(self._on_loading)
        self.models.model_changed.connect(self._on_model)
        application.presenter.status_changed.connect(self._on_status)

    def _on_status(self, _message_id: str, _text: str, fraction: float) -> None:
        self.reading = fraction

    def _on_loading(self, _name: str, fraction: float) -> None:
        self.fraction = fraction

    def _on_added(self, shown: Shown) -> None:
        if shown.role == "assistant":
            self.answers.append(shown.id)

    def _on_updated(self, shown: Shown) -> None:
        self.shown[shown.id] = shown

    def _on_finished(self, exchange: Exchange) -> None:
        self.ended[exchange.answer.id] = exchange.answer

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

    def write(self, text: str) -> None:
        """Type into the composer; a long text is pasted."""
        if len(text) > 200:
            self.window.composer.edit.setPlainText(text)  # typing it takes Qt seconds
        else:
            self.qtbot.keyClicks(self.window.composer.edit, text)

    def ask(self, text: str) -> str:
        """Type a question and press Enter; the id of its answer."""
        self.write(text)
        self.press(Qt.Key.Key_Return)
        return self.answers[-1]

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key in the composer."""
        self.qtbot.keyClick(self.window.composer.edit, key, modifier)

    def finished(self, answer: str) -> tuple[str, str]:
        """Wait for the end of an answer; its footer and mark as they are shown."""
        self.until(lambda: answer in self.shown)
        return self.shown[answer].footer, self.shown[answer].mark

    def text(self, answer: str, channel: str = "answer") -> str:
        """What the view has of an answer."""
        return self.window.view.message_text(answer, channel)

    @property
    def idle(self) -> bool:
        """Whether nothing is answered and nothing waits."""
        return not self.turns.waiting()

    def screen(self) -> str:
        """What the conversation shows, as text."""
        return self.window.view.visible_plain_text()

    def notice(self) -> str:
        """The text of the newest notice."""
        cards = self._cards()
        return cards[-1].notice.text if cards else ""

    def notices(self) -> str:
        """The text of all notices."""
        return "\n".join(card.notice.text for card in self._cards())

    def _cards(self) -> list[NoticeCard]:
        """Those that a person sees."""
        cards = self.window.notices.findChildren(NoticeCard)
        return [card for card in cards if not card.visibleRegion().isEmpty()]

    def titles(self) -> list[str]:
        """The titles in the sidebar, as the library has them."""
        return [entry.title for entry in self.application.library.entries]

    @property
    def pid(self) -> int:
        pid = self.application.worker.engine_pid
        assert pid is not None
        return pid


@pytest.fixture
def open_desk(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[Path], Desk]]:
    """Opens the window on a model; closed behind the test. All share one data folder."""
    opened: list[Application] = []

    def close() -> None:
        for application in opened:
            application.window.close()
            application.close()
            application.window.deleteLater()
        opened.clear()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def open_it(model: Path) -> Desk:
        close()
        application = Application(qapp, Paths.default(tmp_path / "data"))
        opened.append(application)
        desk = Desk(application, qtbot)
        application.start(str(model))
        desk.until(application.window.isVisible)
        # Shortcuts belong to the active window, which nobody else makes it without a window manager.
        application.window.activateWindow()
        desk.until(application.window.isActiveWindow)
        return desk

    yield open_it
    close()
