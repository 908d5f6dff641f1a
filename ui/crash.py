"""Keeps watch over this process: log, faults that nobody caught, crashes of native code.

guard = CrashGuard(paths.logs); guard.start()       before Qt is there
guard.watch(application)                            faults have a window to be told in
guard.stop()                                        at the very end, in order
"""

from __future__ import annotations

import contextlib
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.diagnostics.crashes import CrashFile, take_earlier
from app.diagnostics.faults import FaultBook, Hooks
from app.diagnostics.logs import Log
from app.diagnostics.native import qt_message
from app.diagnostics.redact import line
from app.diagnostics.traces import trace_of
from app.version import VERSION

if TYPE_CHECKING:
    from PySide6.QtCore import QMessageLogContext, QtMsgType

    from ui.application import Application

_LOG: Final = logging.getLogger("cascade.window")
_QT: Final = logging.getLogger("cascade.qt")


class CrashGuard:
    """One in a process. GUI thread, but for what the hooks take, and `start`, which reads and opens files."""

    def __init__(self, logs: Path) -> None:
        self.log, self.book = Log(logs), FaultBook()
        self._hooks, self._crash = Hooks(self.book), CrashFile(logs)
        self._logs = logs
        self.earlier: tuple[str, ...] = ()
        self._before: object = None
        self._listening = False

    def start(self) -> None:
        """From here on nothing is lost without a word."""
        self.earlier = take_earlier(self._logs)
        self._crash.open()
        self.log.start()
        self._hooks.install()
        python = ".".join(map(str, sys.version_info[:3]))
        frozen = ", frozen" if getattr(sys, "frozen", False) else ""
        _LOG.info("start: Cascade Desk %s%s, Python %s, %s", VERSION, frozen, python, sys.platform)
        if self.earlier:
            _LOG.error("the last run crashed: %s", self.earlier[0])

    def listen_to_qt(self) -> None:
        """What Qt complains of goes into the log, too."""
        import PySide6
        from PySide6.QtCore import qInstallMessageHandler, qVersion

        self._before = qInstallMessageHandler(self._on_qt_message)
        self._listening = True
        _LOG.info("PySide6 %s, Qt %s", PySide6.__version__, qVersion())

    def watch(self, desk: Application) -> None:
        """Faults are told of in this window."""
        desk.help.watch(self.book, self.earlier)

    def stop(self, error: BaseException | None = None) -> None:
        """The run ends: in order, or by an error that the next start tells of."""
        if self._listening:
            from PySide6.QtCore import qInstallMessageHandler

            qInstallMessageHandler(self._before)  # type: ignore[arg-type]
            self._listening = False
        self.book.told = None
        self._hooks.remove()
        if error is None:
            self._crash.close()
            _LOG.info("end")
        else:
            self._crash.leave(trace_of(error).lines())
            _LOG.critical("ended by a fault", exc_info=error)
        self.log.stop()

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        # On any thread. Nothing in here may raise, or make Qt complain again.
        with contextlib.suppress(Exception):
            level = {"QtWarningMsg": logging.WARNING, "QtCriticalMsg": logging.ERROR}
            grave = {"QtFatalMsg": logging.CRITICAL, "QtSystemMsg": logging.ERROR}
            where = context.category or "default"
            at = (level | grave).get(kind.name, logging.INFO)
            _QT.log(at, "%s: %s", line(where), qt_message(text))
            if sys.stderr is not None:
                sys.stderr.write(f"{where}: {text}\n" if where != "default" else f"{text}\n")
