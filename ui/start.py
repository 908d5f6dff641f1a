"""The start of the window: one for each data folder, there before anything heavy is imported."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Slot
from PySide6.QtWidgets import QApplication

from app.paths import Paths
from ui.arriving import Arrivals, sort
from ui.early import Early
from ui.first_frame import load
from ui.theme import STYLE

if TYPE_CHECKING:
    from ui.application import Application
    from ui.crash import CrashGuard
    from ui.instance import Listener
    from ui.lock import Lock

#: What ends the program as closing its window does; SIGHUP is a terminal that went away.
_QUITTING = ("SIGINT", "SIGTERM", "SIGHUP")


@dataclass(frozen=True)
class Asked:
    """What the command line asks for; paths are absolute. `lock` is held until the end."""

    paths: Paths
    files: tuple[str, ...] = ()
    attach: tuple[str, ...] = ()
    lock: Lock | None = None


class Signals(QObject):
    """Closes the window on the system's signals; nothing polls for them. GUI thread."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("signals")
        import socket

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


def _ignore_signals() -> None:
    """All is saved: one that comes while the interpreter ends must not make that look like a failure."""
    for name in _QUITTING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


class Starter(QObject):
    """Fills the first frame with the application once that is imported. GUI thread."""

    def __init__(self, app: QApplication, asked: Asked) -> None:
        super().__init__()
        self.setObjectName("starter")
        self._app, self._asked = app, asked
        self.application: Application | None = None
        self.error: Exception | None = None
        self.early = Early(app, load(asked.paths.first_frame), self._prepare)
        self.early.shown.connect(self._listen)
        self.early.ready.connect(self._on_ready)
        self.arrivals = Arrivals(app, self.early.window, self)
        self._listener: Listener | None = None
        self._signals: Signals | None = None
        self._guard: CrashGuard | None = None
        app.commitDataRequest.connect(self._on_logout)
        self.early.show()

    def _prepare(self) -> None:
        """In the importer's thread: the files that have to be read and opened before the window is built."""
        from ui.crash import CrashGuard
        from ui.speaking import choose_saved

        guard = CrashGuard(self._asked.paths.logs)
        guard.start()
        self._guard = guard
        choose_saved(self._asked.paths.settings)

    @Slot()
    def _listen(self) -> None:
        """To signals, faults and further starts; behind the first frame, which does without."""
        from ui.speaking import speak

        self._signals = Signals(self)
        if self._guard is not None:
            self._guard.listen_to_qt()
        speak(self._app)
        if self._asked.lock is None:
            return
        from ui.handover import server_name
        from ui.instance import Listener

        try:
            name = server_name(self._asked.paths.data)
        except OSError:
            return
        self._listener = Listener(name, self)
        self._listener.arrived.connect(self.arrivals.on_arrived)
        # A start that comes while this one ends waits for the lock: what it hands over would be lost here.
        self.early.window.closing.connect(self._listener.stop)

    @Slot()
    def _on_ready(self) -> None:
        try:
            self._fill()
        except Exception as error:  # a window that can never be filled must not stay
            self.error = error
            self._app.exit(1)

    def _fill(self) -> None:
        from ui.application import Application

        application = Application(self._app, self._asked.paths, early=self.early)
        self.application = application
        if self._guard is not None:
            self._guard.watch(application)
        model, documents = sort(self._asked.files)
        application.start(model or None)
        application.attachments.add_paths([*documents, *self._asked.attach])
        self.arrivals.serve(application)

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
        if self._signals is not None:
            self._signals.stop()
        return int(stuck)

    def end_watch(self, error: Exception | None = None) -> None:
        """The very last: no fault is told of from here on."""
        if self._guard is not None:
            self._guard.stop(error)
            self._guard = None


def run(asked: Asked) -> int:
    """Open the window and stay until it is closed; returns the exit status."""
    if sys.platform == "win32":
        from ui import open_mark

        open_mark.hold()
    qt = QApplication([*sys.argv[:1], "-style", STYLE])
    qt.setApplicationName("cascade-desk")
    qt.setApplicationDisplayName("Cascade Desk")
    starter = Starter(qt, asked)
    try:
        status = qt.exec()
        if starter.error is not None:
            raise starter.error
        stuck = starter.end()
    except Exception as error:
        starter.end_watch(error)
        raise
    starter.end_watch()
    _ignore_signals()
    if stuck:
        # A thread that still repairs a large database is not waited for: that is safe to break off.
        if sys.stdout is not None:
            sys.stdout.flush()
        os._exit(status)
    if asked.lock is not None:
        asked.lock.release()
    return status
