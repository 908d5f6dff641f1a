"""The start of the window: one for each data folder, there before anything heavy is imported."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Slot
from PySide6.QtWidgets import QApplication

from app.paths import Paths
from ui.early import Early
from ui.first_frame import load

if TYPE_CHECKING:
    from ui.application import Application

#: What ends the program as closing its window does; SIGHUP is a terminal that went away.
_QUITTING = ("SIGINT", "SIGTERM", "SIGHUP")


@dataclass(frozen=True)
class Asked:
    """What the command line asks for; paths are absolute."""

    paths: Paths
    files: tuple[str, ...] = ()
    attach: tuple[str, ...] = ()


class Signals(QObject):
    """Closes the window on the system's signals; nothing polls for them. GUI thread."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("signals")
        self._near, far = socket.socketpair()
        self._far = far
        for end in (self._near, far):
            end.setblocking(False)
        self._before = signal.set_wakeup_fd(far.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        for name in _QUITTING:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), _noted)

    @Slot()
    def _on_signal(self) -> None:
        try:
            self._near.recv(64)
        except OSError:
            return
        starter = self.parent()
        if isinstance(starter, Starter):
            starter.close_window()

    def stop(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before)
        self._near.close()
        self._far.close()


def _noted(_number: int, _frame: object) -> None:
    """The signal's number goes down the socket, which wakes the window."""


class Starter(QObject):
    """Fills the first frame with the application once that is imported. GUI thread."""

    def __init__(self, app: QApplication, asked: Asked) -> None:
        super().__init__()
        self.setObjectName("starter")
        self._app, self._asked = app, asked
        self.application: Application | None = None
        self.early = Early(app, load(asked.paths.first_frame))
        self.early.ready.connect(self._on_ready)
        self._signals = Signals(self)
        app.commitDataRequest.connect(self._on_logout)
        self.early.show()

    @Slot()
    def _on_ready(self) -> None:
        from ui.application import Application
        from ui.arriving import Arrivals

        application = Application(self._app, self._asked.paths, early=self.early)
        self.application = application
        self.arrivals = Arrivals(application)
        model, documents = self.arrivals.sort(self._asked.files)
        application.start(model or None)
        application.attachments.add_paths([*documents, *self._asked.attach])
        if self.early.leaving:
            application.show_window()
            application.window.close()

    @Slot()
    def close_window(self) -> None:
        """End as if the person had closed the window."""
        self.early.window.close()

    @Slot()
    def _on_logout(self) -> None:
        if self.application is not None:
            self.application.save_now()

    def end(self) -> int:
        """Save, end the threads; 1 where one of them could not be ended."""
        self.early.end()
        stuck = False
        if self.application is not None:
            self.application.close()
            stuck = self.application.stuck
        self._signals.stop()
        return int(stuck)


def run(asked: Asked) -> int:
    """Open the window and stay until it is closed; returns the exit status."""
    qt = QApplication(sys.argv[:1])
    qt.setApplicationName("cascade-desk")
    qt.setApplicationDisplayName("Cascade Desk")
    starter = Starter(qt, asked)
    status = qt.exec()
    if starter.end():
        # A thread that still repairs a large database is not waited for: that is safe to break off.
        sys.stdout.flush()
        os._exit(status)
    return status


def asked_for(paths: Paths, files: Sequence[str], attach: Sequence[str]) -> Asked:
    """What the arguments ask for, wherever the program stands when it is told of them."""
    return Asked(
        paths,
        tuple(os.path.abspath(path) for path in files),  # noqa: PTH100 - no look
        tuple(os.path.abspath(path) for path in attach),  # noqa: PTH100
    )
