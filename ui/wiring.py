"""Which signal reaches which slot: the one place where workers, controllers and widgets meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication

from app.render.inline import is_safe_link
from ui.commands import Commands
from ui.restoring import Restoring
from ui.wiring_documents import wire_chips, wire_documents, wire_gauge, wire_room
from ui.wiring_files import wire_files
from ui.wiring_fit import wire_fit
from ui.wiring_help import Help
from ui.wiring_models import wire_models
from ui.wiring_palette import Palette
from ui.wiring_saving import wire_saving
from ui.wiring_settings import wire_settings

if TYPE_CHECKING:
    from ui.application import Application


def wire(desk: Application) -> None:
    """Connect everything that `desk` has built."""
    wire_fit(desk)
    _workers(desk)
    _models(desk)
    _conversation(desk)
    _messages(desk)
    _answers(desk)
    _composer(desk)
    _library(desk)
    _chat_settings(desk)
    _cost(desk)
    wire_documents(desk)
    wire_chips(desk)
    wire_gauge(desk)
    wire_room(desk)
    wire_settings(desk)
    wire_saving(desk)
    _notices(desk)
    wire_models(desk)
    wire_files(desk)
    desk.commands = Commands(desk)
    desk.palette = Palette(desk)
    desk.restoring = Restoring(desk)
    desk.help = Help(desk, desk.paths)


def _workers(desk: Application) -> None:
    worker, store = desk.worker, desk.store_worker
    for thread_side in (worker, store):
        desk.start_wanted.connect(thread_side.start)
        desk.close_wanted.connect(thread_side.close)
    desk.idle_wanted.connect(worker.set_idle_minutes)
    desk.models.cancel_wanted.connect(worker.cancel)
    desk.models.full_speed_wanted.connect(worker.forget_rung)
    desk.turns.generate_wanted.connect(worker.generate)
    desk.turns.cancel_wanted.connect(worker.cancel)
    # In this order: a death reaches the model before the answer that ends with it.
    worker.event.connect(desk.models.on_event)
    worker.event.connect(desk.turns.on_event)
    worker.event.connect(desk.cost.on_event)
    desk.cost.predict_wanted.connect(worker.predict)
    worker.load_refused.connect(desk.models.on_load_refused)
    desk.store.wanted.connect(store.do)
    store.replied.connect(desk.store.on_reply)
    store.opened.connect(desk.store.on_opened)
    store.trouble.connect(desk.store.on_trouble)
    desk.store.opened.connect(desk.window.on_store_opened)
    desk.store.full_changed.connect(desk.window.status.set_unsaved)


def _models(desk: Application) -> None:
    models, window = desk.models, desk.window
    models.model_changed.connect(window.set_model)
    models.model_changed.connect(desk.on_model)
    models.model_changed.connect(window.status.forget_rate)
    models.usable_changed.connect(window.composer.set_usable)
    models.usable_changed.connect(window.composer.early.set_usable)
    desk.first_model.decided.connect(window.composer.early.on_decided)
    models.loading_changed.connect(window.welcome.show_loading)
    models.state_changed.connect(window.status.set_state)
    window.model_chosen.connect(models.open_model)
    window.welcome.open_requested.connect(window.choose_model)
    window.welcome.cancel_requested.connect(models.cancel_load)
    window.closing.connect(desk.close)


def _conversation(desk: Application) -> None:
    chat, window = desk.chat, desk.window
    view = window.view
    chat.conversation_shown.connect(window.show_conversation)
    chat.messages_changed.connect(window.change_messages)
    chat.message_updated.connect(window.update_message)
    chat.found.connect(view.scroll_to_message)
    chat.opened.connect(window.sidebar.set_current)
    chat.title_changed.connect(window.top_bar.set_title)
    chat.temporary_changed.connect(window.top_bar.set_temporary)
    chat.temporary_changed.connect(window.welcome.set_temporary)
    chat.draft_shown.connect(window.composer.set_draft)
    chat.edit_resumed.connect(window.composer.begin_edit)
    chat.edit_resumed.connect(window.view.set_editing)
    chat.text_returned.connect(window.composer.give_back)
    chat.busy_changed.connect(window.composer.set_busy)
    view.thought_toggled.connect(chat.set_thought_open)
    view.formulas.wanted.connect(desk.math_worker.want, Qt.ConnectionType.DirectConnection)
    desk.math_worker.drawn.connect(view.formulas.on_drawn)
    view.colours.wanted.connect(desk.colour_worker.want, Qt.ConnectionType.DirectConnection)
    desk.colour_worker.coloured.connect(view.colours.on_coloured)
    view.link_activated.connect(_open_link)


def _messages(desk: Application) -> None:
    messages, window = desk.messages, desk.window
    messages.message_added.connect(window.add_message)
    messages.answer_reopened.connect(window.view.reopen)
    messages.edit_began.connect(window.composer.begin_edit)
    messages.edit_began.connect(window.view.set_editing)
    messages.status_changed.connect(window.set_status)
    messages.text_refused.connect(window.composer.give_back)
    window.view.action_requested.connect(messages.act)
    window.view.quote_requested.connect(window.composer.quote)


def _answers(desk: Application) -> None:
    turns, presenter, window = desk.turns, desk.presenter, desk.window
    turns.began.connect(presenter.on_began)
    turns.event_taken.connect(presenter.on_event)
    desk.chat.queue_changed.connect(window.queue.set_queue)
    turns.working_changed.connect(window.sidebar.set_working)
    desk.chat.view_filled.connect(presenter.on_view_filled)
    presenter.text_appended.connect(window.view.append_text)
    presenter.reclassified.connect(window.view.reclassify)
    presenter.thought_changed.connect(window.view.set_thought)
    presenter.status_changed.connect(window.set_status)
    presenter.state_changed.connect(window.status.set_state)
    presenter.rate_changed.connect(window.status.set_rate)
    window.queue.moved.connect(turns.move)
    window.queue.dropped.connect(turns.drop)
    window.queue.opened.connect(desk.chat.open)


def _composer(desk: Application) -> None:
    composer, chat, messages = desk.window.composer, desk.chat, desk.messages
    composer.send_requested.connect(messages.send)
    composer.stop_requested.connect(messages.stop)
    desk.window.stop_requested.connect(messages.stop)
    composer.mode_chosen.connect(chat.set_mode)
    composer.budget_chosen.connect(chat.set_budget)
    composer.draft_changed.connect(chat.set_draft)
    composer.edit_saved.connect(messages.save_edit)
    composer.edit_changed.connect(chat.set_edit)
    composer.edit_saved.connect(desk.window.end_editing)
    composer.edit_cancelled.connect(desk.window.end_editing)
    composer.edit_last_requested.connect(messages.edit_last)
    composer.snippet_saved.connect(desk.library.save_snippet)
    composer.snippet_removed.connect(desk.library.remove_snippet)
    desk.library.snippets_changed.connect(composer.set_snippets)


def _library(desk: Application) -> None:
    library, sidebar, chat = desk.library, desk.window.sidebar, desk.chat
    library.entries_changed.connect(sidebar.set_entries)
    library.deleted_changed.connect(sidebar.set_deleted)
    library.hits_found.connect(sidebar.set_hits)
    library.copied.connect(_copy)
    library.conversation_deleted.connect(desk.worker.forget)
    library.conversation_deleted.connect(desk.cost.on_deleted)
    library.deleted_found.connect(desk.worker.delete_states)
    sidebar.new_requested.connect(chat.new)
    sidebar.temporary_requested.connect(chat.new_temporary)
    sidebar.open_requested.connect(chat.open)
    sidebar.hit_requested.connect(chat.open)
    sidebar.search_changed.connect(library.search)
    sidebar.rename_requested.connect(library.rename)
    sidebar.pin_requested.connect(library.set_pinned)
    sidebar.archive_requested.connect(library.set_archived)
    sidebar.move_requested.connect(library.move)
    sidebar.duplicate_requested.connect(library.duplicate)
    sidebar.delete_requested.connect(library.delete)
    sidebar.restore_requested.connect(library.restore)
    sidebar.copy_requested.connect(library.copy)
    sidebar.folder_added.connect(library.add_folder)
    sidebar.folder_renamed.connect(library.rename_folder)
    sidebar.folder_removed.connect(library.remove_folder)
    sidebar.deleted_wanted.connect(library.read_deleted)


def _chat_settings(desk: Application) -> None:
    panel, chat, library = desk.window.settings, desk.chat, desk.library
    chat.settings_shown.connect(panel.set_settings)
    library.personas_changed.connect(panel.set_personas)
    panel.settings_changed.connect(chat.set_settings)
    panel.persona_chosen.connect(library.choose_persona)
    panel.persona_saved.connect(library.save_persona)
    panel.persona_updated.connect(library.update_persona)
    panel.persona_removed.connect(library.remove_persona)


def _cost(desk: Application) -> None:
    cost, composer = desk.cost, desk.window.composer
    desk.messages.edit_began.connect(cost.begin_edit)
    desk.chat.edit_resumed.connect(cost.begin_edit)
    composer.edit_saved.connect(cost.end_edit)
    composer.edit_cancelled.connect(cost.end_edit)
    cost.edit_cost_changed.connect(composer.editing_line.set_cost)
    desk.window.notices.acted.connect(cost.act)
    desk.window.notices.dismissed.connect(cost.on_dismissed)


def _notices(desk: Application) -> None:
    notices = desk.window.notices
    notices.acted.connect(desk.window.focus_question)  # its button goes, and the keyboard with it
    for source in (desk.models, desk.store, desk.undo, desk.cost):
        source.notice.connect(notices.show_notice)
        source.notice_gone.connect(notices.remove)
    desk.chat.notice.connect(notices.show_notice)
    desk.library.notice.connect(notices.show_notice)
    notices.acted.connect(desk.models.act)
    notices.acted.connect(desk.undo.act)


@Slot(str)
def _open_link(address: str) -> None:
    # what is shown as a link is one already; this holds whatever is shown
    if is_safe_link(address):
        QDesktopServices.openUrl(QUrl(address))


@Slot(str)
def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
