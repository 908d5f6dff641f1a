"""What leaves the conversation: code that is saved to files, long texts on the clipboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Slot

from app.errors import UserError
from app.language import tr
from ui.dialogs.save_dialog import SaveDialog
from ui.notices import Notice
from ui.words import shown_line

if TYPE_CHECKING:
    from ui.application import Application

_NAME: Final = 80  # characters


def wire_saving(desk: Application) -> None:
    """Connect what asks for files to be saved."""
    _Saving(desk)
    _Copying(desk)


class _Saving(QObject):
    """Code of the conversation is saved where the person says."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("saving")
        self._notices = desk.window.notices
        self._dialog = SaveDialog(desk.window)
        desk.window.view.save_requested.connect(self._dialog.ask)
        self._dialog.chosen.connect(desk.file_worker.write)
        desk.file_worker.written.connect(self._on_written)
        desk.file_worker.failed.connect(self._on_failed)

    @Slot(str)
    def _on_written(self, path: str) -> None:
        said = tr("Saved as “{name}”.", name=shown_line(Path(path).name, _NAME))
        self._notices.show_notice(Notice("saved", said))

    @Slot(str, object)
    def _on_failed(self, _path: str, error: UserError) -> None:
        self._notices.show_notice(Notice("saved", str(error), "error"))


class _Copying(QObject):
    """What takes a while to copy is said."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("copying_notices")
        self._notices = desk.window.notices
        desk.window.view.doings.copier.busy_changed.connect(self._on_busy)

    @Slot(bool)
    def _on_busy(self, busy: bool) -> None:
        if busy:
            self._notices.show_notice(Notice("copying", tr("Copying a long text…")))
        else:
            self._notices.remove("copying")
