"""The sidebar: new chat, search, the list of conversations, archive and what was deleted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QWidget
from shiboken6 import isValid

from app.chat.library import Entry, Folder, Hit
from app.language import mark, tr
from ui.sidebar.contents import ARCHIVE, CHATS, DELETED, SEARCH, Contents, Section, conversation_of, entry_key
from ui.sidebar.dates import Calendar
from ui.sidebar.frame import Frame
from ui.sidebar.menus import conversation_menu, folder_menu
from ui.theme import ThemeManager

_CLOCK_MS: Final = 60_000
_PATIENCE_MS: Final = 150
_TITLES: Final = {ARCHIVE: mark("Archive"), DELETED: mark("Recently deleted")}


class Sidebar(QWidget):
    """Shows what its setters give it and says what the person asked for. GUI thread only."""

    new_requested = Signal()
    temporary_requested = Signal()
    open_requested = Signal(str)  # conversation id
    hit_requested = Signal(str, str, str)  # conversation id, message id ("" for a title), search text
    search_changed = Signal(str)
    rename_requested = Signal(str, str)  # id, title
    pin_requested = Signal(list, bool)
    archive_requested = Signal(list, bool)
    move_requested = Signal(list, str)  # ids, folder id ("" out of folders)
    duplicate_requested = Signal(str)
    copy_requested = Signal(str)
    export_requested = Signal(list)
    delete_requested = Signal(list)
    restore_requested = Signal(list)
    folder_added = Signal(str)  # name
    folder_renamed = Signal(str, str)  # id, name
    folder_removed = Signal(str)
    deleted_wanted = Signal()  # the view of deleted conversations was opened
    folded_changed = Signal(list)  # keys of the folded sections, for set_folded()
    left = Signal()  # Esc with nothing to close: the keyboard may go elsewhere

    def __init__(
        self,
        theme: ThemeManager,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` gives the time in seconds since the epoch."""
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAccessibleName(tr("Conversations"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._clock = clock
        self._contents = Contents()
        self._calendar = Calendar(clock())
        # Nothing is known until the first set_entries; a line about it only where that takes a while.
        self._loading, self._slow = True, False
        self._trouble = ""
        self._menu: QMenu | None = None
        self._to_move: list[str] = []  # into the folder that is being made
        self._folder_name = ""
        self._frame = Frame(self, theme, self._calendar)
        self.list = self._frame.list
        self.search = self._frame.search
        self.more_menu = self._frame.more_menu
        self.folder_edit = self._frame.folder_edit
        self._connect()
        self._timer = QTimer(self)
        self._timer.setObjectName("sidebar_clock")
        self._timer.setInterval(_CLOCK_MS)
        self._timer.timeout.connect(self._on_clock)
        self._timer.start()
        self._patience = QTimer(self)
        self._patience.setObjectName("sidebar_patience")
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_slow)
        self._patience.start()
        self._show()

    def _connect(self) -> None:
        frame, rows = self._frame, self.list
        self._theme.changed.connect(self._on_theme)
        frame.new_button.clicked.connect(self.new_requested)
        frame.temporary_action.triggered.connect(self.temporary_requested)
        frame.folder_action.triggered.connect(self.begin_folder)
        frame.back_button.clicked.connect(self._on_back)
        for view, button in frame.view_buttons.items():
            button.setProperty("view", view)
            button.clicked.connect(self._on_view)
        self.search.search_changed.connect(self._on_search)
        self.search.down_pressed.connect(self._on_down)
        self.search.enter_pressed.connect(self._on_search_enter)
        self.search.escaped.connect(self.left)
        rows.open_wanted.connect(self._on_open)
        rows.restore_wanted.connect(self._on_open)
        rows.fold_wanted.connect(self.set_section_folded)
        rows.menu_wanted.connect(self._on_menu)
        rows.rename_wanted.connect(self._on_rename_row)
        rows.renamed.connect(self._on_renamed)
        rows.delete_wanted.connect(self._on_delete)
        rows.moved.connect(self.move_requested)
        rows.escaped.connect(self._on_list_escaped)
        rows.left_upwards.connect(self.focus_search)
        self.folder_edit.named.connect(self._on_folder_named)
        self.folder_edit.dropped.connect(self._on_folder_dropped)

    # ---- what is shown --------------------------------------------------------------------

    @property
    def folders(self) -> list[Folder]:
        """The folders, in their order."""
        return self._contents.folders

    @property
    def view(self) -> str:
        """chats | archive | deleted | search."""
        return self._contents.mode

    def order(self) -> list[str]:
        """Ids of the conversations outside of the archive, from top to bottom; folded ones left out."""
        return self._contents.order(self._calendar)

    def set_entries(self, entries: list[Entry], folders: list[Folder]) -> None:
        """All conversations that are not deleted, and the folders in their order."""
        known = self._contents.folder_ids()
        self._contents.entries, self._contents.folders = entries, folders
        self.set_loading(False)
        self._show()
        made = [one.id for one in folders if one.id not in known and one.name == self._folder_name]
        if made and self._folder_name:
            ids, self._to_move, self._folder_name = self._to_move, [], ""
            self.move_requested.emit(ids, made[0])

    def set_deleted(self, entries: list[Entry]) -> None:
        """The conversations that can be restored."""
        self._contents.deleted = entries
        self._show()

    def set_current(self, conversation_id: str) -> None:
        """Mark the open conversation; empty for a new chat."""
        self.list.set_current(conversation_id)

    def set_working(self, conversation_ids: frozenset[str]) -> None:
        """Mark the conversations that are being answered or wait for it."""
        self.list.set_working(conversation_ids)

    def set_hits(self, text: str, hits: list[Hit]) -> None:
        """What was found for a text; ignored once the field says something else."""
        if text.strip() != self.search.query or not self.search.query:
            return
        self._contents.query, self._contents.hits = self.search.query, hits
        self._show()

    def set_loading(self, loading: bool) -> None:
        """The conversations are being read, which is said where it takes a while; set_entries ends it."""
        self._loading, self._slow = loading, False
        if loading:
            self._patience.start()
        else:
            self._patience.stop()
        self._show_note()

    @Slot()
    def _on_slow(self) -> None:
        self._slow = True
        self._show_note()

    def set_trouble(self, text: str) -> None:
        """Say why conversations are missing; empty for nothing."""
        self._trouble = text
        self._show_note()

    def set_folded(self, keys: Iterable[str]) -> None:
        """Fold these sections and no others, as folded_changed gave them."""
        self._contents.folded = set(keys)
        self._show()

    def focus_search(self) -> None:
        """Put the keyboard into the search field, its text selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def focus_list(self) -> None:
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        contents = self._contents
        self.list.rows.calendar = self._calendar
        self.list.rows.query = contents.query
        self.list.rows.folders = contents.folder_ids()
        mode = f"{SEARCH}:{contents.query}" if contents.mode == SEARCH else contents.mode
        self.list.show_rows(contents.rows(self._calendar), mode)
        title = tr(_TITLES.get(contents.mode, ""))
        self._frame.show_view(contents.mode, title)
        self.list.setAccessibleName(
            {SEARCH: tr("Found"), CHATS: tr("Conversations")}.get(contents.mode, title)
        )
        self._show_note()

    def _show_note(self) -> None:
        text = self._trouble or self._contents.emptiness()
        if self._loading and not self._contents.entries and self._contents.mode == CHATS:
            text = self._trouble or (tr("Loading conversations…") if self._slow else "")
        self._frame.show_note(text, "trouble" if self._trouble else "")
        ending = self._contents.ending()
        self._frame.show_end(ending)
        self.list.setAccessibleDescription(text or ending)

    @Slot()
    def _on_theme(self) -> None:
        self._frame.on_theme()

    @Slot()
    def _on_clock(self) -> None:
        """A new day has other sections; the days left and the times of hits go with it."""
        calendar = Calendar(self._clock())
        if calendar.day != self._calendar.day:
            self._calendar = calendar
            self._show()
            self.list.rows.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        self._on_clock()
        super().showEvent(event)

    # ---- views and search -----------------------------------------------------------------

    def _open_view(self, view: str) -> None:
        self._contents.view = view
        self._contents.query = ""
        self.search.clear()
        self._show()
        if view == DELETED:
            self.deleted_wanted.emit()

    @Slot()
    def _on_view(self) -> None:
        view = str(self.sender().property("view"))
        self._open_view(CHATS if view == self._contents.mode else view)

    @Slot()
    def _on_back(self) -> None:
        self._open_view(CHATS)
        self.focus_list()

    @Slot(str)
    def _on_search(self, text: str) -> None:
        if not text:
            self._contents.query, self._contents.hits = "", []
            self._show()
        self.search_changed.emit(text)

    @Slot()
    def _on_down(self) -> None:
        if self.list.rows.rows:
            if self._contents.mode == SEARCH and not self.list.selected_rows():
                self.list.select_row(0)
            self.focus_list()

    @Slot()
    def _on_search_enter(self) -> None:
        if self._contents.mode == SEARCH and self._contents.query == self.search.query:
            self._on_open(0)

    @Slot()
    def _on_list_escaped(self) -> None:
        if self.search.text():
            self.search.clear()
            self.focus_search()
        elif self._contents.view != CHATS:
            self._on_back()
        else:
            self.left.emit()

    # ---- what the person does with conversations ------------------------------------------

    def _targets(self) -> list[Entry]:
        known = {entry.id: entry for entry in (*self._contents.entries, *self._contents.deleted)}
        return [known[one] for one in self.list.selected_ids() if one in known]

    @Slot(int)
    def _on_open(self, number: int) -> None:
        row = self.list.rows.row(number)
        if isinstance(row, Hit):
            self.hit_requested.emit(row.conversation_id, row.message_id, self._contents.query)
        elif isinstance(row, Entry) and row.deleted is None:
            self.open_requested.emit(row.id)
        elif isinstance(row, Entry):
            chosen = self.list.selected_ids()
            self.restore_requested.emit(chosen if row.id in chosen else [row.id])

    @Slot()
    def open_place(self) -> None:
        """Open the row that the keyboard is at."""
        self._on_open(self.list.currentIndex().row())

    @Slot()
    def rename_place(self) -> None:
        """Rename what the keyboard is at."""
        self._on_rename_row(self.list.currentIndex().row())

    @Slot()
    def _on_delete(self) -> None:
        targets = self._targets()
        if targets and all(entry.deleted is None for entry in targets):
            self.delete_requested.emit([entry.id for entry in targets])

    @Slot(str, bool)
    def set_section_folded(self, key: str, folded: bool) -> None:
        """Fold or open a section."""
        (self._contents.folded.add if folded else self._contents.folded.discard)(key)
        self._show()
        self.folded_changed.emit(sorted(self._contents.folded))

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        # The Menu key comes twice on some systems, as a key and as a wish for the menu.
        if self._menu is not None and isValid(self._menu) and self._menu.isVisible():
            return
        row = self.list.rows.row(self.list.currentIndex().row())
        targets = self._targets()
        menu: QMenu | None = None
        if isinstance(row, Section) and not targets:
            menu = folder_menu(self, row)
        elif targets:
            menu = conversation_menu(self, targets)
        self._menu = menu
        if menu is not None:
            menu.popup(at)

    # ---- names ----------------------------------------------------------------------------

    def begin_rename(self, conversation_id: str) -> None:
        """Let the title be typed in the list, which shows the conversation for it."""
        row = self.list.rows.place(entry_key(conversation_id))
        entry = self._contents.entry(conversation_id)
        if row < 0 and entry is not None and entry.deleted is None:
            view = ARCHIVE if entry.archived else CHATS
            if self._contents.mode != view:
                self._open_view(view)
            section = self._contents.section_of(entry, self._calendar)
            if section in self._contents.folded:
                self.set_section_folded(section, False)
            row = self.list.rows.place(entry_key(conversation_id))
        self.list.begin_rename(row)

    @Slot(int)
    def _on_rename_row(self, number: int) -> None:
        row = self.list.rows.row(number)
        if isinstance(row, Section):
            if row.folder:
                self.list.begin_rename(number)
        elif not (isinstance(row, Entry) and row.deleted is not None):
            self.begin_rename(conversation_of(row))

    @Slot(str, str)
    def _on_renamed(self, key: str, name: str) -> None:
        row = self.list.rows.row(self.list.rows.place(key))
        if isinstance(row, Section):
            self.folder_renamed.emit(row.folder, name)
        elif isinstance(row, Entry):
            self.rename_requested.emit(row.id, name)

    def begin_folder(self, ids: Iterable[str] | bool = ()) -> None:
        """Let the name of a new folder be typed; these conversations go into it."""
        self.folder_edit.finish(keep=True)
        self._to_move = [] if isinstance(ids, bool) else list(ids)
        self._folder_name = ""
        self.folder_edit.begin()

    @Slot(str)
    def _on_folder_named(self, name: str) -> None:
        self._folder_name = name if self._to_move else ""
        self.folder_added.emit(name)

    @Slot()
    def _on_folder_dropped(self) -> None:
        self._to_move, self._folder_name = [], ""
