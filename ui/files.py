"""What conversations go out to files with, and come in: workers, controllers, dialogs. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Slot
from PySide6.QtWidgets import QFileDialog

from app.language import mark, tr
from ui.control.exporting import ExportControl
from ui.control.importing import ImportControl
from ui.dialogs.begin_in import DOWNLOADS, begin_in
from ui.dialogs.export import ExportDialog
from ui.dialogs.export_offer import Offer
from ui.workers.exporting import ExportWorker
from ui.workers.importing import ImportWorker

if TYPE_CHECKING:
    from ui.application import Application

_FILTER = mark("Conversations (*.json *.zip);;All files (*)")


class Files(QObject):
    """Built by the application, once store, chat and library are there."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("files")
        self._desk = desk
        self.export_worker, self.import_worker = ExportWorker(), ImportWorker()
        self.exporting = ExportControl(desk.chat, desk.library, desk.store, self.export_worker.cancel, self)
        self.importing = ImportControl(desk.store, desk.library, desk.undo, self.import_worker)
        self._dialog: ExportDialog | None = None
        self._picker: QFileDialog | None = None
        self._folder = ""

    def threads(self) -> list[QThread]:
        """The threads of the workers, not started yet."""
        made = []
        for name, worker in (("export_thread", self.export_worker), ("import_thread", self.import_worker)):
            thread = QThread(self._desk)
            thread.setObjectName(name)
            worker.moveToThread(thread)
            made.append(thread)
        return made

    def stop(self) -> None:
        """The app closes: what is written or read ends within 0.1 s."""
        self.export_worker.stop()
        self.import_worker.stop()

    def close(self) -> None:
        """End the process that writes, once the threads have ended."""
        self.export_worker.close()

    @property
    def dialog(self) -> ExportDialog:
        """Built when it is asked for."""
        if self._dialog is None:
            self._dialog = ExportDialog(self._desk.window)
            self._dialog.write_requested.connect(self.exporting.write)
            self._dialog.cancel_requested.connect(self.exporting.cancel)
            self.exporting.progressed.connect(self._dialog.set_progress)
            self.exporting.ended.connect(self._dialog.end)
        return self._dialog

    @Slot(object)
    def open_export(self, offer: Offer) -> None:
        self.dialog.open_for(offer)

    @Slot()
    def choose_import(self) -> None:
        """Ask for a file to import, without blocking the window."""
        if self._picker is not None:
            self._picker.activateWindow()
            return
        begin = begin_in(self._folder, DOWNLOADS)
        picker = QFileDialog(self._desk.window, tr("Import chats"), begin, tr(_FILTER))
        picker.setObjectName("import_picker")
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.fileSelected.connect(self.importing.read)
        picker.finished.connect(self._on_picked)
        self._picker = picker
        picker.open()

    @Slot()
    def _on_picked(self) -> None:
        picker, self._picker = self._picker, None
        if picker is not None:
            self._folder = picker.directory().path()
            picker.deleteLater()
