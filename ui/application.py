"""The composition root: builds every object and hands it what it needs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QEventLoop, QObject, QThread, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from app.engine.protocol import ModelInfo
from app.models.starter import starter_path
from app.paths import Paths
from ui.controller import Controller
from ui.garbage import GuiGarbage
from ui.main_window import MainWindow
from ui.theme import ThemeManager
from ui.workers.engine import EngineWorker
from ui.workers.warm import LexerWarmer

_CLOSE_MS = 5000


class Application(QObject):
    """Everything that lives as long as the window. GUI thread."""

    _start = Signal()
    _close = Signal()

    def __init__(self, app: QApplication, paths: Paths, engine_command: Sequence[str] | None = None) -> None:
        super().__init__()
        self.setObjectName("application")
        self._garbage = GuiGarbage(self)
        self.theme = ThemeManager(parent=self)
        self.theme.apply(app)
        ids = itertools.count(1)
        self.controller = Controller(ids, self)
        self.window = MainWindow(self.theme)
        self.worker = EngineWorker(paths.ladder, ids, engine_command)
        self._thread = QThread(self)
        self._thread.setObjectName("engine_thread")
        self.worker.moveToThread(self._thread)
        self._warmer, self._warmed = LexerWarmer(), False
        self._closed = False
        self._connect_worker()
        self._connect_views()

    def start(self, model: str | None = None) -> None:
        """Show the window, then start the engine and load `model` or the starter behind it."""
        self.window.show()
        self._thread.start()
        self._start.emit()
        starter = starter_path()
        path = model or (str(starter) if starter is not None else "")
        if path:
            # After the first frame: nothing stands between the click and the window.
            QTimer.singleShot(0, self, lambda: self.controller.open_model(path))

    @Slot()
    def close(self) -> None:
        """End the engine and its thread; returns when both are gone."""
        if self._closed:
            return
        self._closed = True
        # What the engine still says has nowhere to go any more.
        self.worker.event.disconnect(self.controller.on_event)
        self._warmer.requestInterruption()
        self._warmer.wait(_CLOSE_MS)
        if self._thread.isRunning():
            loop = QEventLoop()
            self.worker.closed.connect(loop.quit)
            QTimer.singleShot(_CLOSE_MS, loop.quit)
            self._close.emit()
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
            self._thread.quit()
            self._thread.wait(_CLOSE_MS)
        self._garbage.stop()

    @Slot(object)
    def _on_model(self, info: ModelInfo | None) -> None:
        """Once a model answers for itself, there is time for what comes in useful later."""
        if info is not None and not self._warmed and not self._closed:
            self._warmed = True
            self._warmer.start(QThread.Priority.LowestPriority)

    def _connect_worker(self) -> None:
        controller, worker = self.controller, self.worker
        self._start.connect(worker.start)
        self._close.connect(worker.close)
        controller.load_wanted.connect(worker.load)
        controller.generate_wanted.connect(worker.generate)
        controller.cancel_wanted.connect(worker.cancel)
        controller.full_speed_wanted.connect(worker.forget_rung)
        worker.event.connect(controller.on_event)
        worker.load_refused.connect(controller.on_load_refused)
        controller.model_changed.connect(self._on_model)

    def _connect_views(self) -> None:
        controller, window = self.controller, self.window
        view, composer = window.view, window.composer
        controller.conversation_cleared.connect(window.clear_conversation)
        controller.message_added.connect(window.add_message)
        controller.text_appended.connect(view.append_text)
        controller.reclassified.connect(view.reclassify)
        controller.thought_changed.connect(view.set_thought)
        controller.status_changed.connect(window.set_status)
        controller.message_finished.connect(view.finish_message)
        controller.model_changed.connect(window.set_model)
        controller.usable_changed.connect(composer.set_usable)
        controller.loading_changed.connect(window.welcome.show_loading)
        controller.busy_changed.connect(composer.set_busy)
        controller.context_used.connect(composer.set_context)
        controller.state_changed.connect(window.status.set_state)
        controller.rate_changed.connect(window.status.set_rate)
        controller.notice.connect(window.notices.show_notice)
        controller.notice_gone.connect(window.notices.remove)
        window.model_chosen.connect(controller.open_model)
        window.new_requested.connect(controller.new_conversation)
        window.closing.connect(self.close)
        window.notices.acted.connect(controller.act)
        window.welcome.open_requested.connect(window.choose_model)
        window.welcome.cancel_requested.connect(controller.cancel_load)
        controller.question_returned.connect(composer.give_back)
        composer.send_requested.connect(controller.send)
        composer.stop_requested.connect(controller.stop)
        composer.mode_chosen.connect(controller.set_mode)
        composer.budget_chosen.connect(controller.set_budget)
        view.retry_requested.connect(controller.retry)
        view.link_activated.connect(_open_link)


@Slot(str)
def _open_link(address: str) -> None:
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    QDesktopServices.openUrl(QUrl(address))
