"""Documents: their ways in, the worker that reads them, the engine that counts them, their chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.application import Application


def wire_documents(desk: Application) -> None:
    """Connect what brings documents in, reads them and tells of them."""
    documents, worker, window = desk.attachments, desk.document_worker, desk.window
    documents.extract_wanted.connect(worker.extract)
    worker.told.connect(documents.on_told)
    desk.worker.event.connect(documents.on_event)
    composer = window.composer
    composer.files_pasted.connect(documents.add_paths)
    composer.text_pasted.connect(documents.add_text)
    composer.image_pasted.connect(documents.refuse_image)
    window.drops.files_dropped.connect(documents.add_paths)
    window.drops.links_dropped.connect(documents.refuse_links)
    window.pickers.chosen.connect(documents.add_paths)
    documents.text_wanted_back.connect(composer.insert_text)
    documents.notice.connect(window.notices.show_notice)
    documents.notice_gone.connect(window.notices.remove)
    window.notices.acted.connect(documents.act)


def wire_chips(desk: Application) -> None:
    """Connect the widgets that show documents, and the engine that counts them."""
    documents, window = desk.attachments, desk.window
    composer, chips = window.composer, window.composer.chips
    documents.changed.connect(chips.set_attachments)
    documents.hold_changed.connect(composer.set_hold)
    documents.page_error.connect(chips.set_page_error)
    chips.remove_requested.connect(documents.remove)
    chips.open_requested.connect(documents.open)
    chips.retry_requested.connect(documents.retry)
    chips.password_given.connect(documents.give_password)
    chips.pages_chosen.connect(documents.choose_pages)
    composer.attach.files_wanted.connect(window.pickers.choose_files)
    composer.attach.folder_wanted.connect(window.pickers.choose_folder)
    documents.count_wanted.connect(desk.worker.count_tokens)
    documents.cancel_count_wanted.connect(desk.worker.cancel_count)


def wire_gauge(desk: Application) -> None:
    """Connect the context gauge. Behind the chat's own: it counts what that knows."""
    gauge, worker, composer = desk.gauge, desk.worker, desk.window.composer
    worker.event.connect(gauge.on_event)
    gauge.count_wanted.connect(worker.count_prompt)
    gauge.cancel_wanted.connect(worker.cancel_count)
    gauge.changed.connect(composer.gauge.set_value)
    for typed in (composer.draft_changed, composer.edit_changed):
        typed.connect(gauge.on_typed)
    for other in (composer.mode_chosen, desk.window.settings.settings_changed):
        other.connect(gauge.refresh)
