"""Choosing files and folders to attach, without blocking the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from app.language import tr
from ui.dialogs.begin_in import DOCUMENTS, begin_in


class DocumentPickers(QObject):
    """Opens the system's dialogs; both begin where the last one ended."""

    chosen = Signal(list)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("document_pickers")
        self._window = window
        self._dialog: QFileDialog | None = None
        self._folder = ""

    @Slot()
    def choose_files(self) -> None:
        """Ask for any number of files."""
        self._open("attach_files_dialog", tr("Attach files"), QFileDialog.FileMode.ExistingFiles)

    @Slot()
    def choose_folder(self) -> None:
        """Ask for one folder."""
        self._open("attach_folder_dialog", tr("Attach a folder"), QFileDialog.FileMode.Directory)

    def _open(self, name: str, title: str, mode: QFileDialog.FileMode) -> None:
        if self._dialog is not None:
            self._dialog.activateWindow()
            return
        dialog = QFileDialog(self._window, title, begin_in(self._folder, DOCUMENTS))
        dialog.setObjectName(name)
        dialog.setFileMode(mode)
        if mode == QFileDialog.FileMode.Directory:
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self._on_selected)
        dialog.finished.connect(self._on_finished)
        self._dialog = dialog
        dialog.open()

    @Slot(list)
    def _on_selected(self, paths: list[str]) -> None:
        self.chosen.emit(paths)

    @Slot()
    def _on_finished(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            self._folder = dialog.directory().path()
            dialog.deleteLater()
