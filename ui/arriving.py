"""Files that come from outside: from a second start, or by a double click on macOS. GUI thread."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from ui.application import Application
    from ui.handover import Handover
    from ui.main_window import MainWindow


class Arrivals(QObject):
    """Opens what arrives: a model is loaded, anything else is attached, and the window comes to the front."""

    def __init__(self, app: QApplication, window: MainWindow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("arrivals")
        self._window = window
        self._desk: Application | None = None
        self._waiting: list[tuple[Sequence[str], Sequence[str]]] = []
        if sys.platform == "darwin":
            app.installEventFilter(self)  # elsewhere nothing of it comes, and a filter costs time

    def serve(self, desk: Application) -> None:
        """The application is there: open what has come so far."""
        self._desk = desk
        waiting, self._waiting = self._waiting, []
        for files, attach in waiting:
            self._open(files, attach)

    @Slot(object)
    def on_arrived(self, message: Handover) -> None:
        """A second start handed this over."""
        self._open(message.files, message.attach)
        if message.token:
            os.environ["XDG_ACTIVATION_TOKEN"] = message.token  # Qt takes it from there
        self.come_to_the_front()

    def _open(self, files: Sequence[str], attach: Sequence[str]) -> None:
        if self._desk is None:
            self._waiting.append((files, attach))
            return
        model, others = sort(files)
        if model:
            self._desk.window.model_chosen.emit(model)
        if others or attach:
            self._desk.attachments.add_paths([*others, *attach])

    def come_to_the_front(self) -> None:
        """Show the window to the person."""
        window = self._window
        if window.isVisible():
            from PySide6.QtCore import Qt

            window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
            window.raise_()
            window.activateWindow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self._open((event.file(),), ())
            return True
        return super().eventFilter(watched, event)


def sort(files: Sequence[str]) -> tuple[str, list[str]]:
    """The model among files, the last where there are more, and the others."""
    models = [path for path in files if path.lower().endswith(".gguf")]
    return models[-1] if models else "", [path for path in files if path not in models]
