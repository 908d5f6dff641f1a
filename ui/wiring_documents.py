"""Documents: their ways in, the worker that reads them, the engine that counts them, their chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from ui.documents.viewer import DocumentViewer

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
    for added in (composer.files_pasted, window.drops.files_dropped, window.pickers.chosen):
        added.connect(composer.editing_line.on_documents_added)
    documents.text_wanted_back.connect(composer.insert_text)
    documents.notice.connect(window.notices.show_notice)
    documents.notice_gone.connect(window.notices.remove)
    window.notices.acted.connect(documents.act)


def wire_chips(desk: Application) -> None:
    """Connect the widgets that show documents, and the engine that counts them."""
    documents, window = desk.attachments, desk.window
    composer, chips = window.composer, window.composer.chips
    documents.changed.connect(chips.set_attachments)
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


def wire_room(desk: Application) -> None:
    """Connect what counts, and what is offered where there is too little room."""
    gauge, room, documents, window = desk.gauge, desk.room, desk.attachments, desk.window
    gauge.documents = documents.parts
    documents.parts_changed.connect(gauge.on_documents)
    documents.changed.connect(room.on_attached)
    gauge.changed.connect(room.on_gauge)
    desk.models.model_changed.connect(room.on_model)
    desk.fit.range_changed.connect(room.on_range)
    room.cost_wanted.connect(desk.fit_worker.predict)
    desk.fit_worker.predicted.connect(room.on_predicted)
    room.offered.connect(window.room.set_offer)
    window.room.chosen.connect(window.focus_question)  # first: a choice may have a use for the keyboard
    window.room.chosen.connect(room.choose)
    window.room.dismissed.connect(window.focus_question)
    window.room.dismissed.connect(room.dismiss)
    window.composer.send_refused.connect(room.recall)
    room.context_wanted.connect(desk.context_panel.applied)
    room.pages_wanted.connect(window.composer.chips.focus_pages)
    room.removal_wanted.connect(documents.remove)
    room.draft_wanted.connect(window.composer.flush_draft)
    room.go_on_wanted.connect(desk.messages.go_on)
    _Hold(desk)
    _Viewing(desk)


class _Hold(QObject):
    """Sending waits for documents that are being read, and for a choice where it does not fit."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("send_hold")
        self._composer = desk.window.composer
        self._reading = self._room = ""
        desk.attachments.hold_changed.connect(self._on_reading)
        desk.room.hold_changed.connect(self._on_room)

    @Slot(str)
    def _on_reading(self, reason: str) -> None:
        self._reading = reason
        self._tell()

    @Slot(str)
    def _on_room(self, reason: str) -> None:
        self._room = reason
        self._tell()

    def _tell(self) -> None:
        # What is attached does not go with an edited question: that has its own documents.
        self._composer.set_hold(self._reading or self._room, self._room)


class _Viewing(QObject):
    """Opens the window that shows a document; it is built with the first one."""

    def __init__(self, desk: Application) -> None:
        super().__init__(desk)
        self.setObjectName("document_viewing")
        self._desk = desk
        self._viewer: DocumentViewer | None = None
        desk.attachments.document_shown.connect(self._on_shown)
        desk.window.view.document_requested.connect(desk.attachments.open_sent)

    @Slot(str, str, object)
    def _on_shown(self, name: str, about: str, text: str) -> None:
        if self._viewer is None:
            self._viewer = DocumentViewer(self._desk.theme, self._desk.window)
            self._desk.window.text_size.watch(self._viewer.pane.viewport())
        self._viewer.show_document(name, about, text)
