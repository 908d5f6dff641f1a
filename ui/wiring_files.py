"""Which signal reaches which slot where conversations go out to files and come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices

if TYPE_CHECKING:
    from ui.application import Application


def wire_files(desk: Application) -> None:
    """Connect menus and keys, controllers and workers."""
    files, window = desk.files, desk.window
    exporting, importing = files.exporting, files.importing
    window.actions_by_id["export_chat"].triggered.connect(exporting.offer_open)
    window.actions_by_id["import_chats"].triggered.connect(files.choose_import)
    window.sidebar.more_menu.addSeparator()
    window.sidebar.more_menu.addActions(
        [window.actions_by_id[name] for name in ("export_chat", "import_chats")]
    )
    window.sidebar.export_requested.connect(exporting.offer)
    exporting.offered.connect(files.open_export)
    exporting.wanted.connect(files.export_worker.write)
    exporting.rested.connect(files.export_worker.rest)
    exporting.folder_wanted.connect(_open_folder)
    files.export_worker.progressed.connect(exporting.on_progress)
    files.export_worker.finished.connect(exporting.on_finished)
    importing.wanted.connect(files.import_worker.read)
    files.import_worker.told.connect(importing.on_told)
    for control in (exporting, importing):
        control.notice.connect(window.notices.show_notice)
        control.notice_gone.connect(window.notices.remove)
        window.notices.acted.connect(control.act)


@Slot(str)
def _open_folder(folder: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(folder))
