"""Which signals reach which slots where something failed, or a person wants to know what is there."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QThread, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.diagnostics.faults import FaultBook
from app.language import tr
from app.paths import Paths
from app.updates import address
from ui.control.chronicle import Chronicle
from ui.control.crashes import CrashControl
from ui.control.palette_sources import ChoiceSource
from ui.notices import Notice
from ui.wiring_updates import Updates

if TYPE_CHECKING:
    from ui.application import Application
    from ui.dialogs.report import ReportDialog
    from ui.settings.about_page import AboutPage
    from ui.workers.diagnosis import DiagnosisWorker

_KEY: Final = "diagnostics"
_CLOSE_MS: Final = 1000


class Help(QObject):
    """Log, reports and diagnostics of one window. Worker and dialog are built when they are needed.

    Signals:
        gather_wanted: ticket, and what is known of the engine; to the worker.
    """

    gather_wanted = Signal(int, object)

    def __init__(self, desk: Application, paths: Paths) -> None:
        super().__init__(desk)
        self.setObjectName("help")
        self._desk, self._paths = desk, paths
        self._tickets = count(1)
        self._copying = self._reporting = 0
        self._thread: QThread | None = None
        self._worker: DiagnosisWorker | None = None
        self.dialog: ReportDialog | None = None
        self._page: AboutPage | None = None
        self.chronicle, self.crashes = Chronicle(self), CrashControl(self)
        desk.worker.event.connect(self.chronicle.on_event)
        desk.store_worker.opened.connect(self.chronicle.on_store_opened)
        desk.store_worker.trouble.connect(self.chronicle.on_store_trouble)
        self.crashes.report_wanted.connect(self._on_report)
        self.crashes.diagnosis_wanted.connect(self._on_diagnosis_wanted)
        choices = {
            "diagnostics": (tr("Copy diagnostics"), tr("help report bug versions doctor")),
            "logs": (tr("Open the folder of the log"), tr("help report errors")),
            "licences": (tr("Open the licences"), tr("about legal")),
        }
        where = address()
        self.updates = Updates(desk, where) if where else None
        desk.palette.control.add_source(ChoiceSource("help", tr("Help"), choices, self._run))

    def watch(self, book: FaultBook, earlier: tuple[str, ...]) -> None:
        """Tell of faults, and of a crash of the last run."""
        self.crashes.watch(book, earlier)

    def connect_page(self, page: AboutPage) -> None:
        """The page is built late."""
        self._page = page
        page.copy_wanted.connect(self.copy_diagnostics)
        page.logs_wanted.connect(self.open_logs)
        page.licences_wanted.connect(self.open_licences)

    def close(self) -> bool:
        """The app closes; whether the thread has ended."""
        if self.dialog is not None:
            self.dialog.hide()
        ended = self.updates is None or self.updates.close()
        if self._thread is None or self._worker is None:
            return ended
        self._worker.stop()
        self._thread.quit()
        return self._thread.wait(_CLOSE_MS) and ended

    # ---- diagnostics ----------------------------------------------------------------------

    @Slot()
    def copy_diagnostics(self) -> None:
        """Gather them and put them on the clipboard."""
        self._say("diagnostics", tr("Gathering the diagnostics…"))
        self._copying = self._gather()

    def _gather(self) -> int:
        if self._thread is None:
            from ui.workers.diagnosis import DiagnosisWorker

            self._thread, self._worker = QThread(self), DiagnosisWorker(self._paths)
            self._thread.setObjectName("diagnosis_thread")
            self._worker.moveToThread(self._thread)
            self.gather_wanted.connect(self._worker.gather)
            self._worker.gathered.connect(self._on_gathered)
            self._thread.start()
        ticket = next(self._tickets)
        self.gather_wanted.emit(ticket, self.chronicle.facts)
        return ticket

    @Slot(int, str)
    def _on_gathered(self, ticket: int, text: str) -> None:
        if ticket == self._reporting:
            self.crashes.set_diagnosis(text)
        elif ticket == self._copying:
            QGuiApplication.clipboard().setText(text)
            self._say("diagnostics", tr("The diagnostics are copied. No text of your chats is in them."))

    def _say(self, field: str, words: str) -> None:
        """Beside the button where that is seen: the window may lie behind the settings."""
        if self._page is not None and self._page.isVisible():
            self._desk.window.notices.remove(_KEY)
            self._page.tell(field, words)
        else:
            self._desk.window.notices.show_notice(Notice(_KEY, words))

    # ---- reports --------------------------------------------------------------------------

    @Slot(str, str, str)
    def _on_report(self, heading: str, meaning: str, text: str) -> None:
        if self.dialog is None:
            from ui.dialogs.report import ReportDialog

            self.dialog = ReportDialog(self._desk.window)
            self.dialog.closed.connect(self.crashes.on_closed)
            self.crashes.report_changed.connect(self.dialog.set_text)
        self.dialog.open_report(heading, meaning, text)

    @Slot()
    def _on_diagnosis_wanted(self) -> None:
        self._reporting = self._gather()

    # ---- folders --------------------------------------------------------------------------

    @Slot()
    def open_logs(self) -> None:
        """Show the folder in the system's file manager."""
        self._open("logs", self._paths.logs)

    @Slot()
    def open_licences(self) -> None:
        """The folder of all licences that a frozen program has beside it, else our own."""
        self._open("version", licences_place())

    def _open(self, field: str, place: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(place))):
            self._say(field, tr("No program was found that opens it. It is here: {path}", path=place))

    def _run(self, name: str) -> None:
        {
            "diagnostics": self.copy_diagnostics,
            "logs": self.open_logs,
            "licences": self.open_licences,
        }[name]()


def licences_place() -> Path:
    """Where the licences are."""
    if getattr(sys, "frozen", False):
        return Path(sys.executable).parent / "licences"
    return Path(__file__).resolve().parents[1] / "LICENSE"
