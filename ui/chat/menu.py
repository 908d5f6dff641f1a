"""The conversation's context menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from app.language import mark, tr
from ui.chat.items import Spot
from ui.chat.message import Message, Ref, Row
from ui.words import shown_line

if TYPE_CHECKING:
    from ui.chat.view import ChatView

NAMES: Final = {"edit": mark("Edit"), "regenerate": mark("Regenerate"), "delete": mark("Delete")}
QUOTE_KEYS: Final = "Ctrl+Shift+."
PLAIN_KEYS: Final = "Ctrl+Alt+C"
COPY_FORMULA: Final = mark("Copy formula")
_FORMULAS: Final = 40  # that are listed
_FORMULA: Final = 60  # characters


def open_menu(view: ChatView, ref: Ref | None, spot: Spot | None, at: QPoint, formula: str = "") -> None:
    """Show the menu for a place at a point of the screen."""
    build_menu(view, ref, spot, formula).popup(at)


def build_menu(view: ChatView, ref: Ref | None, spot: Spot | None, formula: str = "") -> QMenu:
    """What can be done with the selection, and with the link, code, formula and message at a place. The menu
    deletes itself when it closes."""
    menu = QMenu(view)
    menu.setObjectName("chat_menu")
    menu.setAccessibleName(tr("Conversation menu"))
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    copy = menu.addAction(tr("Copy"), view.copy_selection)
    copy.setShortcut(QKeySequence.StandardKey.Copy)
    copy.setEnabled(bool(view.selection))
    plain = menu.addAction(tr("Copy as plain text"), view.doings.copy_plain)
    plain.setShortcut(QKeySequence(PLAIN_KEYS))
    plain.setEnabled(bool(view.selection))
    quote = menu.addAction(tr("Quote in the text field"), view.quote_selection)
    quote.setShortcut(QKeySequence(QUOTE_KEYS))
    quote.setEnabled(bool(view.selection))
    menu.addSeparator()
    if spot is not None and spot.kind == "link":
        menu.addAction(tr("Copy link address"), lambda: view.copy(spot.value))
    if ref is not None and spot is not None and spot.kind == "document":
        number, message_id = int(spot.value), view.model.messages[ref.message].id
        menu.addAction(tr("View text"), lambda: view.document_requested.emit(message_id, number))
    if ref is not None and not formula and view.model.row(ref).block.kind == "math":
        formula = view.cache.item(view.model.row(ref)).plain
    if formula:
        menu.addAction(tr(COPY_FORMULA), lambda: view.copy(formula))
    if ref is not None:
        _add_message_actions(menu, view, ref)
    select = menu.addAction(tr("Select all"), view.select_all)
    select.setShortcut(QKeySequence.StandardKey.SelectAll)
    return menu


def _add_message_actions(menu: QMenu, view: ChatView, ref: Ref) -> None:
    message = view.model.messages[ref.message]
    row = view.model.row(ref)
    if row.block.kind == "code" and row.group is not None:
        menu.addAction(
            tr("Copy code"), lambda: _with_row(view, row, lambda at: view.copy(view.code_text(at)))
        )
        menu.addAction(tr("Save code…"), lambda: _with_row(view, row, view.doings.save_code))
        wrap = menu.addAction(tr("Wrap lines"), lambda: _with_row(view, row, view.doings.wrap_code))
        wrap.setCheckable(True)
        wrap.setChecked(row.group.wrap)
    # by id: the conversation may change while the menu is open
    for name, label in message_actions(message):
        menu.addAction(label, lambda name=name: view.perform(name, message.id))
    menu.addSeparator()


def offer_formulas(menu: QMenu, view: ChatView, sources: Sequence[str]) -> None:
    """Let one of those on the screen be copied: the keyboard has no pointer to say which."""
    if not sources or any(action.text() == tr(COPY_FORMULA) for action in menu.actions()):
        return
    listed = QMenu(tr(COPY_FORMULA), menu)
    listed.setObjectName("formulas_menu")
    listed.setAccessibleName(tr(COPY_FORMULA))
    for source in sources[:_FORMULAS]:
        label = shown_line(source, _FORMULA).replace("&", "&&")
        listed.addAction(label, lambda source=source: view.copy(source))
    menu.insertMenu(menu.actions()[-1], listed)


def _with_row(view: ChatView, row: Row, act: Callable[[Ref], None]) -> None:
    """Do something with a row, if it is still there: the conversation may change while the menu is open."""
    message = view.model.by_id.get(row.message.id)
    rows = message.sections[row.section].rows if message is row.message else []
    if row in rows:
        act(Ref(row.message.index, row.section, rows.index(row)))


def message_actions(message: Message) -> list[tuple[str, str]]:
    """Names and labels of what a message offers beside its mark's buttons."""
    if not message.finished:
        return []
    shown = message.shown
    found = [("copy_message", tr("Copy message"))] if message.role != "system" else []
    if message.role == "assistant":
        found.append(("copy_message_plain", tr("Copy message as plain text")))
    found += [(name, tr(NAMES[name])) for name in shown.actions if name in NAMES]
    if shown.version > 1:
        found.append(("previous", tr("Previous version")))
    if shown.version < shown.versions:
        found.append(("next", tr("Next version")))
    return found
