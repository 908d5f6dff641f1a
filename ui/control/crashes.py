"""Faults of the app itself: gathered, and told of once. GUI thread, but for `tell`."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

from app.diagnostics.faults import FaultBook
from app.doctor.report import faults_text, joined
from app.language import tr

#: A fault seldom comes alone.
_GATHER_MS: Final = 300
#: After one report another one waits so long.
_QUIET_MS: Final = 10_000


class CrashControl(QObject):
    """One report for a storm of faults, and one for a crash of the last run.

    Signals:
        report_wanted: heading, what it means, and the report so far; the dialog comes up.
        report_changed: the report has more in it.
        diagnosis_wanted: what else is known is to be found out; `set_diagnosis` takes it.
    """

    report_wanted = Signal(str, str, str)
    report_changed = Signal(str)
    diagnosis_wanted = Signal()
    _told = Signal()

    def __init__(self, parent: QObject | None = None, quiet_ms: int = _QUIET_MS) -> None:
        super().__init__(parent)
        self.setObjectName("crash_control")
        self._book = FaultBook()
        self._earlier: tuple[str, ...] = ()
        self._on_its_way = False
        self._seen: set[object] = set()
        self._open, self._diagnosis, self._said = False, "", ""
        self._quiet_ms, self._since = quiet_ms, QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_gathered)
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    def watch(self, book: FaultBook, earlier: Sequence[str] = ()) -> None:
        """Tell of what the book takes, and of what an earlier run left behind (lines)."""
        self._book, self._earlier = book, tuple(earlier)
        book.told = self.tell
        if book.faults or earlier:
            self.tell()

    def tell(self) -> None:
        """There is a fault more. Any thread; a storm makes one event."""
        if not self._on_its_way:
            self._on_its_way = True
            with contextlib.suppress(RuntimeError):  # the window is gone
                self._told.emit()

    @Slot()
    def _on_told(self) -> None:
        self._on_its_way = False
        if self._timer.isActive():
            return
        quiet = self._quiet_ms - self._since.elapsed() if self._since.isValid() and not self._open else 0
        self._timer.start(max(_GATHER_MS, int(quiet)))

    @Slot()
    def _on_gathered(self) -> None:
        keys = {fault.trace.key for fault in self._book.faults}
        if self._open:
            self._seen |= keys
            self._show_text()
        elif self._earlier or keys - self._seen:
            self._seen |= keys
            self._open, self._said = True, ""
            heading = tr("Something in Cascade Desk failed")
            if not keys:
                heading = tr("Cascade Desk ended unexpectedly last time")
            meaning = tr("Everything that was written is saved.")
            if keys:
                meaning += " " + tr(
                    "You can go on; if something looks wrong, close the window and open it again."
                )
            self._said = self._text()
            self.report_wanted.emit(heading, meaning, self._said)
            if not self._diagnosis:
                self.diagnosis_wanted.emit()

    @Slot(str)
    def set_diagnosis(self, text: str) -> None:
        """What else is known now."""
        self._diagnosis = text
        if self._open:
            self._show_text()

    @Slot()
    def on_closed(self) -> None:
        """The person has seen the report; what comes now is another one."""
        self._open, self._diagnosis, self._earlier = False, "", ()
        self._since.start()

    def _show_text(self) -> None:
        text = self._text()
        if text != self._said:
            self._said = text
            self.report_changed.emit(text)

    def _text(self) -> str:
        before = "\n".join(self._earlier)
        waiting = self._diagnosis or tr("(The rest is being gathered.)")
        return joined((faults_text(self._book), before, waiting)) + "\n"
