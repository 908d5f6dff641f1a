"""Looking for a newer version, where the person switched it on: once a day, and nothing is downloaded."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QThread, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from app import updates
from app.language import tr
from ui.notices import Notice

if TYPE_CHECKING:
    from ui.application import Application

_DAY_S: Final = 24 * 3600
_CHECK_MS: Final = 30 * 60 * 1000
_FIRST_MS: Final = 5000
_CLOSE_MS: Final = 500
_KEPT: Final = "updates_looked"


class Updates(QObject):
    """Asks nothing of anybody before settings and the time of the last look are known.

    Signals:
        look_wanted: address and proxy, to the worker.
    """

    look_wanted = Signal(str, str)

    def __init__(self, desk: Application, where: str, first_ms: int = _FIRST_MS) -> None:
        super().__init__(desk)
        self.setObjectName("updates")
        self._desk, self._where = desk, where
        self._looked: int | None = None
        self._page = ""
        self._thread: QThread | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_CHECK_MS)
        self._timer.timeout.connect(self._on_time)
        self._first = QTimer(self)
        self._first.setSingleShot(True)
        self._first.setInterval(first_ms)  # nothing of it at the start
        self._first.timeout.connect(self._on_time)
        desk.session.restored.connect(self._on_restored)
        desk.settings.settings_changed.connect(self._on_settings)
        desk.window.notices.acted.connect(self._on_acted)

    @Slot(object)
    def _on_restored(self, state: dict[str, object]) -> None:
        kept = state.get(_KEPT)
        self._looked = kept if isinstance(kept, int) and 0 <= kept <= time.time() else 0
        self._on_settings()

    @Slot()
    @Slot(object)
    def _on_settings(self, _settings: object = None) -> None:
        wanted = self._wanted() and self._looked is not None
        if wanted and not self._timer.isActive():
            self._timer.start()
            self._first.start()
        elif not wanted:
            self._timer.stop()
            self._first.stop()

    def _wanted(self) -> bool:
        network = self._desk.settings.settings.network
        return network.updates and not network.offline and self._desk.settings.knows_file

    @Slot()
    def _on_time(self) -> None:
        now = int(time.time())
        if self._looked is None or not self._wanted() or now - self._looked < _DAY_S:
            return
        self._looked = now
        self._desk.session.keep(_KEPT, now)
        if self._thread is None:
            from ui.workers.updates import UpdateWorker

            self._thread, self._worker = QThread(self), UpdateWorker()
            self._thread.setObjectName("update_thread")
            self._worker.moveToThread(self._thread)
            self.look_wanted.connect(self._worker.look)
            self._worker.found.connect(self._on_found)
            self._thread.start()
        self.look_wanted.emit(self._where, self._desk.settings.settings.network.proxy)

    @Slot(object)
    def _on_found(self, release: updates.Release) -> None:
        self._page = release.page
        said = tr("There is a newer version: Cascade Desk {version}.", version=release.version)
        notice = Notice("updates", said, "info", "open_release", tr("Open its page"), release.page)
        self._desk.window.notices.show_notice(notice)

    @Slot(str)
    def _on_acted(self, action: str) -> None:
        if action == "open_release" and self._page:
            QDesktopServices.openUrl(QUrl(self._page))

    def close(self) -> bool:
        """The app closes; whether the thread has ended."""
        self._timer.stop()
        self._first.stop()
        if self._thread is None:
            return True
        self._thread.quit()
        return self._thread.wait(_CLOSE_MS)
