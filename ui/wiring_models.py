"""Which signal reaches which slot where models are got: worker, controllers, dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from app.models.catalogue import DEFAULT_ENDPOINT
from ui.notices import Notice

if TYPE_CHECKING:
    from ui.application import Application
    from ui.models.page import ModelsPage


def wire_models(desk: Application) -> None:
    """Connect the models page and what is behind it."""
    _worker(desk)
    _catalogue(desk)
    wire_page(desk, desk.models_dialog.page)
    _NoticeRouter(desk)


def _worker(desk: Application) -> None:
    worker, catalogue, downloads = desk.hub_worker, desk.catalogue, desk.downloads
    desk.settings.restored.connect(worker.start)
    desk.settings.restored.connect(catalogue.on_settings)
    desk.close_wanted.connect(worker.close)
    catalogue.list_wanted.connect(worker.list_repository)
    catalogue.header_wanted.connect(worker.read_header)
    catalogue.scan_wanted.connect(worker.scan)
    catalogue.remove_wanted.connect(worker.remove_files)
    worker.listed.connect(catalogue.on_listed)
    worker.file_named.connect(catalogue.on_file_named)
    worker.header_read.connect(catalogue.on_header)
    worker.scanned.connect(catalogue.on_scanned)
    downloads.add_wanted.connect(worker.add)
    downloads.licence_wanted.connect(worker.read_licence)
    downloads.accept_wanted.connect(worker.accept)
    downloads.command_wanted.connect(worker.command)
    worker.queued.connect(downloads.on_queued)
    worker.accepted.connect(downloads.on_accepted)
    worker.licence_read.connect(downloads.on_licence)
    worker.told.connect(downloads.on_told)
    for control in (catalogue, downloads):
        worker.failed.connect(control.on_failed)


def _catalogue(desk: Application) -> None:
    catalogue, downloads, dialog, window = desk.catalogue, desk.downloads, desk.models_dialog, desk.window
    desk.models.model_changed.connect(catalogue.on_model)
    catalogue.download_wanted.connect(downloads.download)
    catalogue.show_wanted.connect(_show_folder)
    catalogue.page_wanted.connect(_show_page)
    downloads.summary_changed.connect(window.status.set_download)
    downloads.fetching_changed.connect(catalogue.on_fetching)
    downloads.downloaded.connect(catalogue.on_downloaded)
    for source in (catalogue, downloads):
        source.load_wanted.connect(desk.models.open_model)
    # What becomes of a load is seen in the window.
    for loads in (catalogue.load_wanted, downloads.load_wanted, window.model_chosen):
        loads.connect(dialog.hide)
    dialog.page.model_chosen.connect(dialog.hide)
    dialog.left.connect(desk.afterwards.settle_all)
    window.actions_by_id["models"].triggered.connect(dialog.open_dialog)
    window.status.download_requested.connect(dialog.open_dialog)
    window.welcome.real_model_requested.connect(dialog.open_dialog)
    window.welcome.real_model_requested.connect(catalogue.open)
    window.welcome.real_model_requested.connect(catalogue.recommend)


def wire_page(desk: Application, page: ModelsPage) -> None:
    """Connect a models page, wherever it stands."""
    catalogue, downloads = desk.catalogue, desk.downloads
    catalogue.groups_changed.connect(page.tree.set_groups)
    catalogue.chosen.connect(page.tree.choose)
    catalogue.card_changed.connect(page.set_card)
    catalogue.message_changed.connect(page.find_bar.set_message)
    catalogue.fits_shown.connect(page.tree.show_fits)
    downloads.rows_changed.connect(page.downloads.set_rows)
    downloads.licence_shown.connect(page.set_licence)
    page.opened.connect(catalogue.look)
    page.opened.connect(downloads.tell_again)
    page.tree.row_chosen.connect(catalogue.choose)
    page.acted.connect(catalogue.act)
    page.find_bar.find_requested.connect(catalogue.find)
    page.find_bar.refresh_requested.connect(catalogue.refresh)
    page.file_requested.connect(desk.window.choose_model)
    page.folder_chosen.connect(catalogue.add_place)
    page.model_chosen.connect(desk.models.open_model)
    page.downloads.acted.connect(downloads.act)
    page.licence.accepted.connect(downloads.accept)
    page.licence.declined.connect(downloads.decline)
    page.licence.again_requested.connect(downloads.read_again)
    page.licence.link_requested.connect(_open_link)


class _NoticeRouter(QObject):
    """Shows what models and downloads have to say where it is seen: in the dialog, else in the window."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("models_notices")
        self._dialog = desk.models_dialog
        self._bars = (desk.models_dialog.page.notices, desk.window.notices)
        for source in (desk.catalogue, desk.downloads, desk.afterwards):
            source.notice.connect(self._on_notice)
        for source in (desk.downloads, desk.afterwards):
            source.notice_gone.connect(self._on_gone)
        for bar in self._bars:
            bar.acted.connect(desk.afterwards.act)
            bar.acted.connect(desk.downloads.on_acted)
            bar.dismissed.connect(desk.afterwards.settle)

    @Slot(object)
    def _on_notice(self, notice: Notice) -> None:
        self._bars[0 if self._dialog.isVisible() else 1].show_notice(notice)

    @Slot(str)
    def _on_gone(self, key: str) -> None:
        for bar in self._bars:
            bar.remove(key)


@Slot(str)
def _show_folder(path: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))


@Slot(str)
def _show_page(repo: str) -> None:
    _open_link(f"{DEFAULT_ENDPOINT}/{repo}")


@Slot(str)
def _open_link(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))
