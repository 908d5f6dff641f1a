"""Which signals of the settings reach which slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices

if TYPE_CHECKING:
    from ui.application import Application


def wire_settings(desk: Application) -> None:
    """Connect control and workers."""
    _workers(desk)
    _network(desk)
    _first_model(desk)
    desk.memory.budgets_wanted.connect(desk.worker.set_budgets)


def wire_settings_dialog(desk: Application) -> None:
    """Connect the dialog, which is built late, and show in it what holds."""
    _dialog(desk)
    _network_page(desk)
    _storage_page(desk)
    desk.help.connect_page(desk.settings_dialog.about)
    dialog = desk.settings_dialog
    dialog.set_settings(desk.settings.settings)
    dialog.network.set_token(*desk.network.token_state)
    desk.commands.on_model(desk.models.info)


def _workers(desk: Application) -> None:
    settings, worker = desk.settings, desk.settings_worker
    desk.start_wanted.connect(worker.start)
    desk.close_wanted.connect(worker.close)
    worker.loaded.connect(settings.on_loaded)
    settings.change_wanted.connect(worker.change)
    worker.written.connect(settings.on_written)
    worker.failed.connect(settings.on_failed)
    settings.moved.connect(desk.session.drop_moved)
    settings.notice.connect(desk.window.notices.show_notice)
    settings.notice_gone.connect(desk.window.notices.remove)


def _dialog(desk: Application) -> None:
    settings, dialog = desk.settings, desk.settings_dialog
    settings.restored.connect(dialog.set_settings)
    settings.settings_changed.connect(dialog.set_settings)
    settings.refused.connect(dialog.show_refused)
    dialog.change_wanted.connect(settings.on_change)


def _network(desk: Application) -> None:
    network, worker = desk.network, desk.token_worker
    network.fetch_wanted.connect(worker.fetch)
    network.keep_wanted.connect(worker.keep)
    worker.read.connect(network.on_read)
    worker.written.connect(network.on_written)


def _network_page(desk: Application) -> None:
    network, page = desk.network, desk.settings_dialog.network
    network.token_changed.connect(page.set_token)
    page.test_wanted.connect(desk.hub_worker.test)
    desk.hub_worker.tested.connect(page.set_test_result)
    page.token_given.connect(network.set_token)
    page.token_removed.connect(network.remove_token)


def _storage_page(desk: Application) -> None:
    page, worker = desk.settings_dialog.storage, desk.worker
    desk.settings_dialog.opened.connect(worker.measure_states)
    page.delete_wanted.connect(worker.delete_all_states)
    worker.states_measured.connect(page.set_used)
    documents = desk.document_worker
    desk.settings_dialog.opened.connect(documents.measure_kept)
    page.forget_wanted.connect(documents.delete_kept)
    documents.kept_measured.connect(page.set_texts)
    page.folder_wanted.connect(_open_folder)


def _first_model(desk: Application) -> None:
    first, worker = desk.first_model, desk.settings_worker
    first.look_wanted.connect(worker.look)
    worker.looked.connect(first.on_looked)
    first.notice.connect(desk.window.notices.show_notice)
    desk.models.model_changed.connect(first.on_model)


@Slot(str)
def _open_folder(path: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))
