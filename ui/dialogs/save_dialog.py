"""Asks where a file is to be saved, without blocking the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from app.language import tr
from ui.dialogs.begin_in import DOCUMENTS, begin_in


class SaveDialog(QObject):
    """Opens the system's dialog, which asks by itself before it takes the place of another file.

    Signals:
        chosen: the path, and what is to be written there (text or bytes).
    """

    chosen = Signal(str, object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("save_dialog")
        self._window = window
        self._dialog: QFileDialog | None = None
        self._folder = ""
        self._data: object = None

    @Slot(str, object)
    def ask(self, name: str, data: object) -> None:
        """Ask for a place for `data` (text or bytes); `name` is what the file may be called."""
        if self._dialog is not None:
            self._dialog.reject()
        dialog = QFileDialog(self._window, tr("Save"), begin_in(self._folder, DOCUMENTS))
        dialog.setObjectName("save_file_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.selectFile(name)
        dialog.fileSelected.connect(self._on_selected)
        dialog.finished.connect(self._on_finished)
        self._dialog, self._data = dialog, data
        dialog.open()

    @Slot(str)
    def _on_selected(self, path: str) -> None:
        self.chosen.emit(path, self._data)

    @Slot()
    def _on_finished(self) -> None:
        dialog, self._dialog, self._data = self._dialog, None, None
        if dialog is not None:
            self._folder = dialog.directory().path()
            dialog.deleteLater()
